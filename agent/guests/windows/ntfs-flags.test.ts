import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMarkedForCheck } from './ntfs-flags.ts';

/** A boot sector, and the fourth record of a file table in the third cluster. */
function volume(flags: number): Buffer {
  const bytes = Buffer.alloc(32 * 1024);
  bytes.write('NTFS    ', 3, 'latin1');
  bytes.writeUInt16LE(512, 11);
  bytes.writeUInt8(8, 13);
  bytes.writeBigUInt64LE(2n, 48);
  // 2^10
  bytes.writeInt8(-10, 64);
  const record = bytes.subarray(2 * 4096 + 3 * 1024, 2 * 4096 + 4 * 1024);
  record.write('FILE', 0, 'latin1');
  record.writeUInt16LE(48, 4);
  record.writeUInt16LE(3, 6);
  record.writeUInt16LE(56, 20);
  const attribute = (at: number, type: number, length: number) => {
    record.writeUInt32LE(type, at);
    record.writeUInt32LE(length, at + 4);
    record.writeUInt16LE(24, at + 20);
  };
  // One that reaches over the end of a sector, so that the flags lie there.
  attribute(56, 0x60, 420);
  attribute(476, 0x70, 40);
  record.writeUInt32LE(0xffffffff, 516);
  // At 510: in the list of what ends each sector; the sector has a number in its place.
  record.writeUInt16LE(flags, 48 + 2);
  record.writeUInt16LE(0x1234, 510);
  return bytes;
}

const readerOf = (bytes: Buffer) => (offset: number, length: number) =>
  Promise.resolve(bytes.subarray(offset, offset + length));

test('tells a volume that Windows will check from one that it will not', async () => {
  expect(await isMarkedForCheck(readerOf(volume(1)))).toBe(true);
  expect(await isMarkedForCheck(readerOf(volume(0x4000)))).toBe(false);
  expect(await isMarkedForCheck(readerOf(Buffer.alloc(4096)))).toBe(false);
});

test('any damage is a volume that is marked or not', async () => {
  const flips = fc.array(fc.tuple(fc.nat(32 * 1024 - 1), fc.nat(255)), { maxLength: 12 });
  const inRecord = fc.array(
    fc.tuple(fc.integer({ min: 2 * 4096 + 3 * 1024, max: 2 * 4096 + 3 * 1024 + 530 }), fc.nat(255)),
  );
  await fc.assert(
    fc.asyncProperty(flips, inRecord, async (anywhere, there) => {
      const bytes = volume(1);
      for (const [at, to] of [...anywhere, ...there]) bytes[at] = to;
      expect([true, false]).toContain(await isMarkedForCheck(readerOf(bytes)));
    }),
    { numRuns: 300 },
  );
});
