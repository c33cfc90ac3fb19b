import { expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';
import type { DiskHeader } from './disk-header.ts';
import { memoryReader } from './fixtures/memory-files.ts';
import { expectSurvival } from './fixtures/mutations.ts';
import { AT, makeVhdx, withCrc, type VhdxOptions } from './fixtures/vhdx.ts';
import { readDiskHeader } from './read-disk-header.ts';

const GUID = '3f2504e0-4f89-11d3-9a0c-0305e82c3301';
const PARENT = '6fa459ea-ee8a-3ca4-894e-db77e160355e';
const SIZE = 1n << 30n;

const make = (options: Partial<VhdxOptions> = {}) =>
  makeVhdx({ sizeBytes: SIZE, dataWriteGuid: GUID, ...options });
const child = make({
  parent: {
    parent_linkage: `{${PARENT.toUpperCase()}}`,
    relative_path: '.\\base.vhdx',
    volume_path: '\\\\?\\Volume{26a21bda-a627-11d7-9931-806e6f6e6963}\\VMs\\base.vhdx',
    absolute_win32_path: 'C:\\VMs\\base.vhdx',
  },
});

const read = (content: Buffer, name = 'disk.vhdx'): Promise<DiskHeader> =>
  readDiskHeader(memoryReader(content), name);

it('computes CRC-32C as RFC 3720 does', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
});

it('reads a differencing disk with all that it says of its parent, relative names first', async () => {
  expect(await read(child)).toEqual({
    format: 'vhdx',
    variant: 'differencing',
    sizeBytes: SIZE,
    identity: GUID,
    parent: {
      names: [
        '.\\base.vhdx',
        'C:\\VMs\\base.vhdx',
        '\\\\?\\Volume{26a21bda-a627-11d7-9931-806e6f6e6963}\\VMs\\base.vhdx',
      ],
      identity: PARENT,
      format: 'vhdx',
    },
    dataFiles: [],
    findings: [],
  });
});

it('goes by the older header where the newer one is damaged, and by the other region table', async () => {
  const damaged = make();
  damaged[AT.header * 2 + 100] = 1;
  damaged[AT.regions + 100] = 1;
  expect((await read(damaged)).identity).toBe('00000000-0000-0000-0000-000000000000');
});

it('blocks a disk with changes in its log, and says how to bring them in', async () => {
  const { findings } = await read(make({ logGuid: PARENT }));
  expect(findings).toMatchObject([{ code: 'disk.dirty-log', subject: 'disk.vhdx' }]);
  expect(findings[0]?.remedy).toContain('qemu-img check -f vhdx -r all');
});

it('blocks a fixed disk that was cut off, and sectors of 4096 bytes', async () => {
  const fixed = await read(make({ leaveBlocksAllocated: true }));
  const large = await read(make({ sectorBytes: 4096 }));
  expect([...fixed.findings, ...large.findings]).toMatchObject([
    { code: 'disk.truncated' },
    { code: 'disk.unsupported' },
  ]);
});

/** A copy with a part changed and its checksum mended; 0 for parts that have none. */
function changed(at: number, crcBytes: number, change: (part: Buffer) => void, content = child): Buffer {
  const copy = Buffer.from(content);
  for (const start of crcBytes ? [at, at + 64 * 1024] : [at]) {
    const part = copy.subarray(start, start + (crcBytes || 64 * 1024));
    change(part);
    if (crcBytes) withCrc(part);
  }
  return copy;
}
const regions = (change: (part: Buffer) => void) => changed(AT.regions, 65_536, change);
const metadata = (change: (part: Buffer) => void) => changed(AT.metadata, 0, change);
const items = (change: (part: Buffer) => void) => changed(AT.items, 0, change);

it.each<[what: string, content: Buffer, word: RegExp]>([
  ['headers', changed(AT.header, 4096, (part) => part.writeUInt16LE(2, 66)), /neither of the two headers/],
  [
    'sequence numbers',
    changed(AT.header, 4096, (part) => part.writeBigUInt64LE(7n, 8)),
    /one sequence number/,
  ],
  ['region table', regions((part) => part.write('xxxx')), /neither of the two region tables/],
  ['region count', regions((part) => part.writeUInt32LE(0xffffffff, 8)), /regions are too many/],
  ['region place', regions((part) => part.writeBigUInt64LE(1n << 60n, 32)), /beyond the end/],
  ['region in the headers', regions((part) => part.writeBigUInt64LE(0n, 32)), /where none can begin/],
  ['region length', regions((part) => part.writeUInt32LE(0xffffffff, 40)), /beyond the end/],
  ['required region', regions((part) => part.writeUInt8(9, 16)), /required region/],
  ['block table length', regions((part) => part.writeUInt32LE(8, 40)), /too small for the disk/],
  ['metadata table', metadata((part) => part.write('xxxx')), /not a metadata table/],
  ['item count', metadata((part) => part.writeUInt16LE(0xffff, 10)), /items are too many/],
  ['item place', metadata((part) => part.writeUInt32LE(0xffffffff, 48)), /outside its region/],
  ['required item', metadata((part) => part.writeUInt8(9, 64)), /required metadata item/],
  ['block size', items((part) => part.writeUInt32LE(0xffffffff, 0)), /blocks of/],
  ['virtual size', items((part) => part.writeBigUInt64LE(1n << 60n, 8)), /virtual size/],
  ['sector size', items((part) => part.writeUInt32LE(1, 32)), /sectors of 1 bytes/],
  ['locator count', items((part) => part.writeUInt16LE(0xffff, 58)), /cut off/],
  ['locator entry', items((part) => part.writeUInt32LE(0xffffffff, 60)), /cut off/],
])('refuses wild %s', async (_what, content, word) => {
  await expect(read(content)).rejects.toThrow(word);
  await expect(read(content)).rejects.toMatchObject({ code: 'disk.invalid' });
});

it('refuses a file that was cut off', async () => {
  for (const size of [8, 70_000, 200_000, 1 << 20, 3 << 20])
    await expect(read(child.subarray(0, size))).rejects.toMatchObject({ code: 'disk.invalid' });
});

it('survives any damage', async () => {
  const { metadata: table, items: first } = AT;
  await expectSurvival('disk.vhdx', child, [
    [table, table + 256],
    [first, first + 700],
    [AT.header, AT.header + 80],
  ]);
});
