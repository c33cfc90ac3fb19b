import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RangeReader } from '../range-reader.ts';
import { PagePool } from './pages.ts';

const content = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));

function recorded(): { file: RangeReader; asked: number[] } {
  const asked: number[] = [];
  const file: RangeReader = {
    sizeBytes: content.length,
    read(offset, length) {
      asked.push(offset);
      return Promise.resolve(content.subarray(offset, offset + length));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { file, asked };
}

it('reads what the file holds, however small the memory', async () => {
  const reads = fc.array(fc.tuple(fc.nat(1100), fc.nat(400)), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(reads, fc.integer({ min: 1, max: 300 }), fc.nat(3), async (all, pageBytes, ahead) => {
      const paged = new PagePool({ pageBytes, keptBytes: pageBytes * 2, ahead }).over(recorded().file);
      for (const [offset, length] of all) {
        expect(await paged.read(offset, length)).toEqual(content.subarray(offset, offset + length));
      }
    }),
    { numRuns: 100 },
  );
});

it('asks for a page once, though two want it at the same time', async () => {
  const { file, asked } = recorded();
  const paged = new PagePool({ pageBytes: 100, keptBytes: 1000, ahead: 0 }).over(file);
  await Promise.all([paged.read(10, 20), paged.read(50, 100)]);
  await paged.read(99, 1);
  expect(asked).toEqual([0, 100]);
});

it('keeps what was used last, over all its files', async () => {
  const pool = new PagePool({ pageBytes: 100, keptBytes: 200, ahead: 0 });
  const [a, b] = [recorded(), recorded()];
  const [first, second] = [pool.over(a.file), pool.over(b.file)];
  await first.read(0, 1);
  await second.read(0, 1);
  await first.read(0, 1);
  await second.read(500, 1);
  await first.read(0, 1);
  await second.read(0, 1);
  expect(a.asked).toEqual([0]);
  expect(b.asked).toEqual([0, 500, 0]);
});

it('fetches ahead of a reader that goes on, and not of one that jumps', async () => {
  const { file, asked } = recorded();
  const paged = new PagePool({ pageBytes: 100, keptBytes: 1000, ahead: 2 }).over(file);
  await paged.read(700, 10);
  expect(asked).toEqual([700]);
  await paged.read(100, 100);
  expect(asked).toEqual([700, 100]);
  await paged.read(200, 100);
  expect(asked).toEqual([700, 100, 200, 300, 400]);
});

it('asks again for what failed', async () => {
  const { file } = recorded();
  let failures = 1;
  const flaky: RangeReader = {
    ...file,
    read: (offset, length) =>
      failures-- > 0 ? Promise.reject(new Error('away')) : file.read(offset, length),
  };
  const paged = new PagePool({ pageBytes: 100, keptBytes: 1000, ahead: 0 }).over(flaky);
  await expect(paged.read(0, 10)).rejects.toThrow('away');
  expect(await paged.read(0, 10)).toEqual(content.subarray(0, 10));
});
