/** Layers that qemu-img does not write: differencing VHD and VHDX, and the snapshots of ESX. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { exec } from '../exec.ts';
import { openFolder } from '../repositories/folder-files.ts';
import { chainOf, MIB, readDisk, sampleContent, SAMPLE_BYTES } from './fixtures/sample-disk.ts';
import { makeVhd } from './fixtures/vhd.ts';
import { makeVhdx } from './fixtures/vhdx.ts';
import { makeDescriptor, makeSeSparse, makeVmfsSparse } from './fixtures/vmdk.ts';
import { diskMemory, openDisk } from './open-disk.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'ascend-layers-'))));
afterEach(() => rm(folder, { recursive: true }));

const put = (name: string, ...parts: Buffer[]) => writeFile(path.join(folder, name), Buffer.concat(parts));

async function readChain(top: string): Promise<Buffer> {
  const chain = await chainOf(folder, top);
  expect(chain).toMatchObject({ usable: true });
  await using disk = await openDisk(chain, await openFolder(folder), diskMemory());
  return await readDisk(disk);
}

const SECTOR = 512;

it('reads a differencing VHD sector by sector: its own where its bitmap says so, its parent’s elsewhere', async () => {
  const base = sampleContent();
  const parentId = 'aa'.repeat(16);
  await put('base.vhd', ...fixedVhd(base, parentId));
  await put(
    'child.avhd',
    vhdWithBlock({
      file: makeVhd({
        kind: 'differencing',
        sizeBytes: SAMPLE_BYTES,
        uniqueId: 'bb'.repeat(16),
        parent: { uniqueId: parentId, locators: { W2ru: '.\\base.vhd' } },
      }),
      tableAt: 2048,
      block: 4,
      // Sector 0 alone, sectors 9 to 23, and the last one.
      sectors: [0, ...range(9, 24), 4095],
    }),
  );
  const expected = Buffer.from(base);
  for (const sector of [0, ...range(9, 24), 4095]) {
    expected.fill(0x5a, 8 * MIB + sector * SECTOR, 8 * MIB + (sector + 1) * SECTOR);
  }
  expect((await readChain('child.avhd')).equals(expected)).toBe(true);
});

it('reads a differencing VHDX sector by sector over two layers', async () => {
  const base = sampleContent();
  await writeFile(path.join(folder, 'disk.raw'), base);
  await exec('qemu-img', ['convert', '-O', 'vhdx', 'disk.raw', 'base.vhdx'], { cwd: folder });
  const baseGuid = (await chainOf(folder, 'base.vhdx')).layers[0]?.header.identity ?? '';
  const middleGuid = '0f0e0d0c-0b0a-0908-0706-050403020100';
  const child = (guid: string, parent: string, name: string) =>
    makeVhdx({
      sizeBytes: BigInt(SAMPLE_BYTES),
      dataWriteGuid: guid,
      parent: { parent_linkage: `{${parent}}`, relative_path: `.\\${name}` },
    });
  await put(
    'middle.avhdx',
    vhdxWithBlock(child(middleGuid, baseGuid, 'base.vhdx'), [2, 3, 4, 17, 2048], 0x11),
  );
  await put(
    'top.avhdx',
    vhdxWithBlock(child(crypto.randomUUID(), middleGuid, 'middle.avhdx'), [3, 40_000], 0x22),
  );
  const expected = Buffer.from(base);
  for (const sector of [2, 4, 17, 2048]) expected.fill(0x11, sector * SECTOR, (sector + 1) * SECTOR);
  for (const sector of [3, 40_000]) expected.fill(0x22, sector * SECTOR, (sector + 1) * SECTOR);
  expect((await readChain('top.avhdx')).equals(expected)).toBe(true);
});

it('reads an ESX snapshot on VMFS 5 as qemu does', async () => {
  await putEsxBase();
  const data = makeVmfsSparse(SAMPLE_BYTES / SECTOR);
  // One table, in sector 12; grains of one sector: one of zeros, two of data.
  const table = Buffer.alloc(4096 * 4);
  data.writeUInt32LE(12, 2048 + 4 * 4);
  table.writeUInt32LE(1, 5 * 4);
  table.writeUInt32LE(44, 7 * 4);
  table.writeUInt32LE(45, 8 * 4);
  await put('web01-000001-delta.vmdk', data, table, Buffer.alloc(2 * SECTOR, 0x77));
  await putEsxDelta('VMFSSPARSE', 'web01-000001-delta.vmdk', 'vmfsSparse');
  const expected = sampleContent();
  const at = 4 * 4096 * SECTOR;
  expected.fill(0, at + 5 * SECTOR, at + 6 * SECTOR);
  expected.fill(0x77, at + 7 * SECTOR, at + 9 * SECTOR);
  await expectSameAsQemu(expected);
});

it('reads an ESX snapshot on VMFS 6 as qemu does', async () => {
  await putEsxBase();
  const header = makeSeSparse(BigInt(SAMPLE_BYTES / SECTOR));
  const [tablesAt, grainsAt] = [16, 16 + 64];
  header.writeBigUInt64LE(BigInt(tablesAt), 18 * 8);
  header.writeBigUInt64LE(64n, 19 * 8);
  header.writeBigUInt64LE(BigInt(grainsAt), 24 * 8);
  header.writeBigUInt64LE(16n, 25 * 8);
  // The second 16 MiB of the disk, in table 0.
  header.writeBigUInt64LE(0x1000000000000000n, 2 * SECTOR + 8);
  const table = Buffer.alloc(64 * SECTOR);
  table.writeBigUInt64LE(0x1000000000000000n, 10 * 8);
  table.writeBigUInt64LE(0x2000000000000000n, 11 * 8);
  table.writeBigUInt64LE(0x3001000000000000n, 12 * 8);
  table.writeBigUInt64LE(0x3000000000000000n, 13 * 8);
  const grains = Buffer.concat([Buffer.alloc(4096, 0x31), Buffer.alloc(4096, 0x32)]);
  await put('web01-000001-sesparse.vmdk', header, table, grains);
  await putEsxDelta('SESPARSE', 'web01-000001-sesparse.vmdk', 'seSparse');
  const expected = sampleContent();
  const at = 16 * MIB;
  expected.fill(0, at + 10 * 4096, at + 12 * 4096);
  expected.fill(0x32, at + 12 * 4096, at + 13 * 4096);
  expected.fill(0x31, at + 13 * 4096, at + 14 * 4096);
  await expectSameAsQemu(expected);
});

async function putEsxBase(): Promise<void> {
  await put('web01-flat.vmdk', sampleContent());
  const extents = [`RW ${SAMPLE_BYTES / SECTOR} VMFS "web01-flat.vmdk"`];
  await put('web01.vmdk', makeDescriptor({ extents, cid: '11112222' }));
}

async function putEsxDelta(type: string, data: string, createType: string): Promise<void> {
  const extents = [`RW ${SAMPLE_BYTES / SECTOR} ${type} "${data}"`];
  const text = makeDescriptor({ createType, extents, parentCid: '11112222', hint: 'web01.vmdk' });
  await put('web01-000001.vmdk', text);
}

async function expectSameAsQemu(expected: Buffer): Promise<void> {
  const read = await readChain('web01-000001.vmdk');
  expect(read.equals(expected)).toBe(true);
  await writeFile(path.join(folder, 'read.raw'), read);
  const compare = ['compare', '-f', 'vmdk', '-F', 'raw', 'web01-000001.vmdk', 'read.raw'];
  await exec('qemu-img', compare, { cwd: folder });
}

function fixedVhd(content: Buffer, uniqueId: string): Buffer[] {
  const footer = makeVhd({ kind: 'dynamic', sizeBytes: content.length, uniqueId }).subarray(0, SECTOR);
  const fixed = Buffer.from(footer);
  fixed.writeUInt32BE(2, 60);
  fixed.writeUInt32BE(0, 64);
  fixed.writeUInt32BE(~fixed.reduce((sum, byte) => sum + byte, 0) >>> 0, 64);
  return [content, fixed];
}

/** The file with one block of 2 MiB before its footer; every sector of it is 0x5a, those the bitmap leaves out, too. */
function vhdWithBlock(given: { file: Buffer; tableAt: number; block: number; sectors: number[] }): Buffer {
  const { file, tableAt, block, sectors } = given;
  const end = file.length - SECTOR;
  const bitmap = Buffer.alloc(SECTOR);
  for (const sector of sectors) bitmap[sector >> 3] = (bitmap[sector >> 3] ?? 0) | (0x80 >> (sector & 7));
  const table = Buffer.from(file);
  table.writeUInt32BE(end / SECTOR, tableAt + block * 4);
  return Buffer.concat([table.subarray(0, end), bitmap, Buffer.alloc(2 * MIB, 0x5a), table.subarray(end)]);
}

/** The file with its only block, of 32 MiB, and the bitmap of its chunk; every sector of it is `byte`. */
function vhdxWithBlock(file: Buffer, sectors: number[], byte: number): Buffer {
  const [tableAt, chunkRatio] = [3 * MIB, (2 ** 23 * SECTOR) / (32 * MIB)];
  const bitmap = Buffer.alloc(MIB);
  for (const sector of sectors) bitmap[sector >> 3] = (bitmap[sector >> 3] ?? 0) | (1 << (sector & 7));
  file.writeBigUInt64LE(BigInt(file.length + MIB) | 7n, tableAt);
  file.writeBigUInt64LE(BigInt(file.length) | 6n, tableAt + chunkRatio * 8);
  return Buffer.concat([file, bitmap, Buffer.alloc(32 * MIB, byte)]);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
