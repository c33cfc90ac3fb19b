import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runsOf, type BitOrder } from './bitmap.ts';

const bitAt = (bitmap: Uint8Array, bit: number, order: BitOrder) =>
  (((bitmap[bit >> 3] ?? 0) >> (order === 'lowest-first' ? bit & 7 : 7 - (bit & 7))) & 1) === 1;

it('gives runs that say the same as the bits, as few as there can be', () => {
  const order = fc.constantFrom<BitOrder>('lowest-first', 'highest-first');
  const byte = fc.oneof(fc.constantFrom(0, 0xff), fc.integer({ min: 0, max: 255 }));
  const bitmaps = fc.array(byte, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(bitmaps, order, fc.nat(), fc.nat(), (bytes, bits, a, b) => {
      const bitmap = Buffer.from(bytes);
      const total = bitmap.length * 8;
      const [from = 0, to = 0] = [a % total, b % total].sort((x, y) => x - y);
      const runs = runsOf(bitmap, from, to, bits);
      const told = runs.flatMap(({ set, length }) => Array<boolean>(length).fill(set));
      expect(told).toEqual(
        Array.from({ length: to - from }, (_, index) => bitAt(bitmap, from + index, bits)),
      );
      for (const [index, run] of runs.entries()) expect(run.set).not.toBe(runs[index + 1]?.set);
    }),
    { numRuns: 300 },
  );
});
