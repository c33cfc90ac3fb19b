import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { exec } from '../exec.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import type { DiskHeader } from './disk-header.ts';
import { memoryReader, type Edit } from './fixtures/memory-files.ts';
import { expectSurvival } from './fixtures/mutations.ts';
import { readDiskHeader } from './read-disk-header.ts';

let good: Buffer;
let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder('qcow2');
  const options = { cwd: folder };
  await exec('qemu-img', ['create', '-q', '-f', 'qcow2', 'base.qcow2', '64M'], options);
  await exec(
    'qemu-img',
    ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', 'base.qcow2', 'a.qcow2'],
    options,
  );
  good = await readFile(path.join(folder, 'a.qcow2'));
});

/** Big-endian bytes at an offset. */
function number(offset: number, bytes: number, value: bigint): Edit[] {
  return Array.from({ length: bytes }, (_, index) => ({
    offset: offset + index,
    byte: Number((value >> BigInt(8 * (bytes - 1 - index))) & 0xffn),
  }));
}

const read = (edits: Edit[], sizeBytes = good.length): Promise<DiskHeader> =>
  readDiskHeader(memoryReader(good, edits, sizeBytes), 'a.qcow2');

const codesOf = ({ findings }: DiskHeader) => findings.map(({ code }) => code);

it('gives the backing file and its format as they are written', async () => {
  expect((await read([])).parent).toEqual({ names: ['base.qcow2'], format: 'qcow2', identity: undefined });
});

it.each<[what: string, edits: Edit[], offset: number]>([
  ['version', number(4, 4, 4n), 4],
  ['cluster size', number(20, 4, 63n), 20],
  ['virtual size', number(24, 8, 1n << 60n), 24],
  ['virtual size of nothing', number(24, 8, 0n), 24],
  ['L1 table of 32 GiB', number(36, 4, 0xffffffffn), 36],
  ['L1 table too small for the disk', number(24, 8, 1n << 40n), 36],
  ['L1 table beyond the end', number(40, 8, 1n << 50n), 40],
  ['L1 table between clusters', number(40, 8, 0x30001n), 40],
  ['refcount table of 256 TiB', number(56, 4, 0xffffffffn), 56],
  ['refcount table beyond the end', number(48, 8, 1n << 50n), 48],
  ['refcount width', number(96, 4, 7n), 96],
  ['number of snapshots', number(60, 4, 0xffffffffn), 60],
  ['snapshot table', [...number(60, 4, 1n), ...number(64, 8, 1n << 62n)], 64],
  ['incompatible feature', number(72, 8, 1n << 40n), 72],
  ['header length', number(100, 4, 0xffffffffn), 100],
  ['header extension', number(116, 4, 0x7fffffffn), 112],
  ['backing name length', number(16, 4, 5000n), 16],
  ['backing name place', number(8, 8, 1n << 40n), 8],
])('refuses a wild %s and says where', async (_what, edits, offset) => {
  await expect(read(edits)).rejects.toMatchObject({
    code: 'disk.invalid',
    context: { file: 'a.qcow2', offset },
  });
});

it('refuses a file that was cut off before its tables', async () => {
  for (const size of [3, 71, 103, 4096, 65_536, 190_000])
    await expect(read([], size)).rejects.toMatchObject({ code: 'disk.invalid' });
});

it.each<[what: string, edits: Edit[], code: string, word: RegExp]>([
  ['LUKS', number(32, 4, 2n), 'disk.encrypted', /LUKS.*key/],
  ['the old AES encryption', number(32, 4, 1n), 'disk.encrypted', /AES.*key/],
  ['the mark of corruption', number(72, 8, 2n), 'disk.corrupt', /corrupt/],
  ['the mark of use', number(72, 8, 1n), 'disk.not-closed', /in use/],
  ['an external data file', number(72, 8, 4n), 'disk.external-data-file', /another file/],
  [
    'internal snapshots',
    [...number(60, 4, 2n), ...number(64, 8, 0x10000n)],
    'disk.internal-snapshots',
    /2 internal/,
  ],
])('finds %s', async (_what, edits, code, word) => {
  const header = await read(edits);
  expect(codesOf(header)).toEqual([code]);
  expect(header.findings[0]?.message).toMatch(word);
});

it('finds the external data file that qemu-img makes', async () => {
  const args = ['create', '-q', '-f', 'qcow2', '-o', 'data_file=d.raw', 'external.qcow2', '1M'];
  await exec('qemu-img', args, { cwd: folder });
  const content = await readFile(path.join(folder, 'external.qcow2'));
  expect(codesOf(await readDiskHeader(memoryReader(content), 'external.qcow2'))).toEqual([
    'disk.external-data-file',
  ]);
});

it('finds the snapshots that qemu-img makes', async () => {
  await exec('qemu-img', ['snapshot', '-c', 'before', 'base.qcow2'], { cwd: folder });
  const content = await readFile(path.join(folder, 'base.qcow2'));
  const header = await readDiskHeader(memoryReader(content), 'base.qcow2');
  expect(codesOf(header)).toEqual(['disk.internal-snapshots']);
});

it('survives any damage', async () => {
  await expectSurvival('a.qcow2', good, [
    [0, 112],
    [112, 600],
  ]);
});
