import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { AscendError } from '../../proto/errors.ts';
import { Severity } from '../../proto/gen/ascend/v1/finding.ts';
import { exec } from '../exec.ts';
import { openFolder } from '../repositories/folder-files.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import type { DiskHeader } from './disk-header.ts';
import { memoryReader } from './fixtures/memory-files.ts';
import { makeVhd } from './fixtures/vhd.ts';
import { makeVhdx } from './fixtures/vhdx.ts';
import { makeDescriptor, makeSeSparse, makeStreamOptimized, makeVmfsSparse } from './fixtures/vmdk.ts';
import { readDiskHeader } from './read-disk-header.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder('headers');
  await writeFile(path.join(folder, 'base.raw'), Buffer.alloc(1024 * 1024, 'data'));
});

const qemuImg = (...args: string[]) => exec('qemu-img', args, { cwd: folder });

async function headerOf(name: string): Promise<DiskHeader> {
  await using files = await openFolder(folder);
  await using reader = await files.open(name);
  return await readDiskHeader(reader, name);
}

/** Read by qemu as the format it is given, without guessing. */
async function sizeByQemu(driver: string, name: string): Promise<bigint> {
  const { stdout } = await qemuImg('info', '--output', 'json', '-f', driver, name);
  return BigInt((JSON.parse(stdout) as { 'virtual-size': number })['virtual-size']);
}

const ODD = String(5 * 1024 ** 3 + 512 * 3);

it.each([
  ['qcow2', 'v3', ['compat=1.1'], ODD],
  ['qcow2', 'v2', ['compat=0.10'], ODD],
  ['qcow2', 'v3, zstd', ['compression_type=zstd'], ODD],
  ['qcow2', 'v3, extended L2', ['extended_l2=on,cluster_size=128k'], '8T'],
  ['qcow2', 'v3', ['cluster_size=512,refcount_bits=1'], '32M'],
  ['qcow2', 'v3', ['cluster_size=2M,refcount_bits=64'], '8T'],
  ['vmdk', 'monolithicSparse', ['subformat=monolithicSparse'], '5G'],
  ['vmdk', 'streamOptimized', ['subformat=streamOptimized'], '5G'],
  ['vmdk', 'monolithicFlat', ['subformat=monolithicFlat'], '5G'],
  ['vmdk', 'twoGbMaxExtentSparse', ['subformat=twoGbMaxExtentSparse'], '5G'],
  ['vmdk', 'twoGbMaxExtentFlat', ['subformat=twoGbMaxExtentFlat'], '5G'],
  ['vpc', 'dynamic', ['subformat=dynamic'], '5G'],
  ['vpc', 'dynamic', ['subformat=dynamic,force_size=on'], ODD],
  ['vpc', 'fixed', ['subformat=fixed'], '10M'],
  ['vhdx', 'dynamic', ['subformat=dynamic'], '5G'],
  ['vhdx', 'fixed', ['subformat=fixed'], '10M'],
  ['vhdx', 'dynamic', ['block_size=256M'], '64T'],
])('reads an empty %s (%s, %s) as qemu-img does', async (driver, variant, options, size) => {
  const name = `new.${driver === 'vpc' ? 'vhd' : driver}`;
  await qemuImg('create', '-q', '-f', driver, '-o', options.join(','), name, size);
  const header = await headerOf(name);
  expect(header).toMatchObject({ variant, parent: undefined, findings: [] });
  expect(header.format).toBe(driver === 'vpc' ? 'vhd' : driver);
  expect(header.sizeBytes).toBe(await sizeByQemu(driver, name));
});

it.each([
  ['qcow2', ['-c']],
  ['vmdk', ['-o', 'subformat=streamOptimized']],
  ['vmdk', ['-o', 'subformat=monolithicSparse']],
  ['vpc', ['-o', 'subformat=dynamic']],
  ['vhdx', []],
])('reads a %s with data in it (%s) as qemu-img does', async (driver, options) => {
  const name = `copy.${driver === 'vpc' ? 'vhd' : driver}`;
  await qemuImg('convert', '-f', 'raw', '-O', driver, ...options, 'base.raw', name);
  const header = await headerOf(name);
  expect(header.findings).toEqual([]);
  expect(header.sizeBytes).toBe(await sizeByQemu(driver, name));
});

it.each<[name: string, driver: string, content: Buffer]>([
  ['dynamic.vhd', 'vpc', makeVhd({ kind: 'dynamic', sizeBytes: 64 << 20, uniqueId: '11'.repeat(16) })],
  ['dynamic.vhdx', 'vhdx', makeVhdx({ sizeBytes: 1n << 30n, dataWriteGuid: 'a'.repeat(32) })],
  ['stream.vmdk', 'vmdk', makeStreamOptimized()],
])('makes fixtures that qemu reads alike: %s', async (name, driver, content) => {
  await writeFile(path.join(folder, name), content);
  const header = await headerOf(name);
  expect(header.findings).toEqual([]);
  expect(header.sizeBytes).toBe(await sizeByQemu(driver, name));
});

it.each<[name: string, extent: string, content: Buffer]>([
  ['vmfsSparse', 'RW 8192 VMFSSPARSE "web01-delta.vmdk"', makeVmfsSparse(8192)],
  ['seSparse', 'RW 8192 SESPARSE "web01-delta.vmdk"', makeSeSparse(8192n)],
])('makes snapshots of ESX that qemu reads alike: %s', async (createType, extent, content) => {
  await writeFile(path.join(folder, 'web01-delta.vmdk'), content);
  await writeFile(path.join(folder, 'web01.vmdk'), makeDescriptor({ createType, extents: [extent] }));
  expect((await headerOf('web01.vmdk')).sizeBytes).toBe(await sizeByQemu('vmdk', 'web01.vmdk'));
});

const bytes = (at: number, text: string, size = 128 * 1024): Buffer => {
  const content = Buffer.alloc(size);
  content.write(text, at, 'latin1');
  return content;
};

it.each<[what: string, content: Buffer]>([
  ['an MBR partition table', bytes(510, '\x55\xaa')],
  ['a GPT partition table', bytes(512, 'EFI PART')],
  ['an ext file system', bytes(1080, '\x53\xef')],
  ['an NTFS file system', bytes(3, 'NTFS    ')],
  ['a Btrfs file system', bytes(65_600, '_BHRfS_M')],
])('says that a raw disk holds %s', async (what, content) => {
  const header = await readDiskHeader(memoryReader(content), 'disk.img');
  expect(header).toMatchObject({ format: 'raw', variant: `raw, ${what}`, findings: [] });
  expect(header.sizeBytes).toBe(BigInt(content.length));
});

it.each(['disk.raw', 'disk.img', 'disk.bin', 'web01-flat.vmdk', 'vol-0abc', 'Disk.D'])(
  'takes %s without any signature for a raw disk, and says so',
  async (name) => {
    const header = await readDiskHeader(memoryReader(Buffer.alloc(4096)), name);
    expect(header).toMatchObject({
      format: 'raw',
      findings: [{ code: 'disk.raw-unrecognised', severity: Severity.INFO }],
    });
  },
);

it('warns of a raw disk that ends within a sector', async () => {
  const { findings } = await readDiskHeader(memoryReader(bytes(512, 'EFI PART', 5000)), 'disk.raw');
  expect(findings).toMatchObject([{ code: 'disk.raw-size', severity: Severity.WARN }]);
});

it('goes by the content where the name says otherwise, and says so', async () => {
  const content = makeVhdx({ sizeBytes: 1n << 30n, dataWriteGuid: 'a'.repeat(32) });
  expect(await readDiskHeader(memoryReader(content), 'disk.vhd')).toMatchObject({
    format: 'vhdx',
    findings: [{ code: 'disk.format-disagrees', severity: Severity.WARN }],
  });
});

it.each(['vdi', 'qed', 'parallels'])('refuses a %s by its name', async (driver) => {
  await qemuImg('create', '-q', '-f', driver, `disk.${driver}`, '16M');
  await expect(headerOf(`disk.${driver}`)).rejects.toThrow(/which Ascend does not read/);
});

it.each(['qcow2', 'vmdk', 'vhd', 'avhd', 'vhdx', 'avhdx'])(
  'refuses a .%s that is empty, cut to nothing, random or of another kind',
  async (ending) => {
    const random = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919 + 13) & 0xff));
    for (const content of [
      Buffer.alloc(0),
      Buffer.from('x'),
      Buffer.alloc(3000),
      random,
      bytes(510, '\x55\xaa'),
    ]) {
      await expect(readDiskHeader(memoryReader(content), `disk.${ending}`)).rejects.toMatchObject({
        code: 'disk.invalid',
        context: { file: `disk.${ending}`, offset: 0 },
      });
    }
  },
);

it('survives any bytes under any name', async () => {
  const magic = fc.constantFrom(
    '',
    'QFI\xfb\0\0\0\x03',
    'KDMV',
    'COWD',
    'vhdxfile',
    'conectix',
    '# Disk DescriptorFile\n',
  );
  const name = fc.constantFrom('a.qcow2', 'a.vmdk', 'a.vhd', 'a.vhdx', 'a.raw', 'a');
  const any = fc.asyncProperty(magic, fc.uint8Array({ maxLength: 4096 }), name, async (start, rest, file) => {
    const content = Buffer.concat([Buffer.from(start, 'latin1'), rest]);
    const header = await readDiskHeader(memoryReader(content), file).catch((error: unknown) => error);
    if (header instanceof Error) expect(header).toBeInstanceOf(AscendError);
  });
  await fc.assert(any, { numRuns: 300 });
});
