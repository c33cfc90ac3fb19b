import { expect, it } from 'vitest';
import type { DiskHeader } from './disk-header.ts';
import { memoryReader } from './fixtures/memory-files.ts';
import { expectSurvival } from './fixtures/mutations.ts';
import { makeVhd, makeVhdFooter, withVhdChecksum } from './fixtures/vhd.ts';
import { readDiskHeader } from './read-disk-header.ts';

const PARENT = 'aa'.repeat(16);
const CHILD = 'bb'.repeat(16);
const SIZE = 64 * 1024 * 1024;
const locators = { W2ru: '.\\base.vhd', W2ku: 'C:\\VMs\\base.vhd', MacX: 'file://localhost/base.vhd' };
const child = makeVhd({
  kind: 'differencing',
  sizeBytes: SIZE,
  uniqueId: CHILD,
  parent: { uniqueId: PARENT, name: 'base.vhd', locators },
});

const read = (content: Buffer, name = 'disk.vhd'): Promise<DiskHeader> =>
  readDiskHeader(memoryReader(content), name);

/** A copy with one change in the footer at the end, and its checksum mended. */
function withFooter(content: Buffer, change: (footer: Buffer) => void): Buffer {
  const copy = Buffer.from(content);
  const footer = copy.subarray(-512);
  change(footer);
  withVhdChecksum(footer, 64);
  return copy;
}

it('reads a differencing disk with all that it says of its parent, relative names first', async () => {
  expect(await read(child)).toEqual({
    format: 'vhd',
    variant: 'differencing',
    sizeBytes: BigInt(SIZE),
    identity: CHILD,
    parent: { names: ['.\\base.vhd', 'C:\\VMs\\base.vhd', 'base.vhd'], identity: PARENT, format: 'vhd' },
    dataFiles: [],
    findings: [],
  });
});

it('gives the size that Hyper-V sees where the geometry is smaller', async () => {
  const options = { kind: 'dynamic', sizeBytes: SIZE, uniqueId: CHILD, creator: 'vpc ' } as const;
  expect((await read(makeVhd({ ...options, geometry: [100, 16, 63] }))).sizeBytes).toBe(BigInt(SIZE));
});

it('finds a dynamic disk that has lost its end', async () => {
  const header = await read(child.subarray(0, -512));
  expect(header.findings).toMatchObject([{ code: 'disk.truncated', subject: 'disk.vhd' }]);
  expect(header.sizeBytes).toBe(BigInt(SIZE));
});

it('reads a disk whose copy of the footer is damaged, and says so', async () => {
  const damaged = Buffer.from(child);
  damaged[100] = 1;
  expect((await read(damaged)).findings).toMatchObject([{ code: 'disk.header-copy-damaged' }]);
});

it('finds a fixed disk that holds less or more than it says', async () => {
  const footer = makeVhdFooter({ kind: 'dynamic', sizeBytes: 4096, uniqueId: CHILD });
  footer.writeUInt32BE(2, 60);
  withVhdChecksum(footer, 64);
  const codes = [];
  for (const size of [4096, 3584, 4608])
    codes.push((await read(Buffer.concat([Buffer.alloc(size), footer]))).findings.map(({ code }) => code));
  expect(codes).toEqual([[], ['disk.truncated'], ['disk.truncated']]);
});

it.each<[what: string, content: Buffer, word: RegExp]>([
  ['checksum', withFooterByte(child, 30), /checksum of the footer/],
  ['type', withFooter(child, (footer) => footer.writeUInt32BE(9, 60)), /type 9/],
  ['version', withFooter(child, (footer) => footer.writeUInt32BE(0x20000, 12)), /version/],
  ['size', withFooter(child, (footer) => footer.writeBigUInt64BE(1n << 60n, 48)), /virtual size/],
  ['header offset', withFooter(child, (footer) => footer.writeBigUInt64BE(1n << 63n, 16)), /beyond the end/],
  ['header', withHeader(child, (header) => header.write('xxsparse')), /not a dynamic disk header/],
  ['block size', withHeader(child, (header) => header.writeUInt32BE(3 << 20, 32)), /blocks of 3145728/],
  ['table length', withHeader(child, (header) => header.writeUInt32BE(0xffffffff, 28)), /beyond the end/],
  ['table too small', withHeader(child, (header) => header.writeUInt32BE(1, 28)), /too small/],
  ['table place', withHeader(child, (header) => header.writeBigUInt64BE(1n << 62n, 16)), /beyond the end/],
  ['locator length', withHeader(child, (header) => header.writeUInt32BE(1 << 30, 584)), /too long/],
  ['locator place', withHeader(child, (header) => header.writeBigUInt64BE(1n << 62n, 592)), /beyond the end/],
])('refuses a wild %s', async (_what, content, word) => {
  await expect(read(content)).rejects.toThrow(word);
  await expect(read(content)).rejects.toMatchObject({ code: 'disk.invalid' });
});

function withFooterByte(content: Buffer, at: number): Buffer {
  const copy = Buffer.from(content);
  copy[copy.length - 512 + at] = 0x55;
  return copy;
}

function withHeader(content: Buffer, change: (header: Buffer) => void): Buffer {
  const copy = Buffer.from(content);
  const header = copy.subarray(512, 1536);
  change(header);
  withVhdChecksum(header, 36);
  return copy;
}

it('survives any damage', async () => {
  await expectSurvival('disk.vhd', child, [
    [0, 1536],
    [1536, child.length],
  ]);
});
