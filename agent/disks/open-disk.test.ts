import { mkdtemp, open, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AscendError } from '../../proto/errors.ts';
import { Severity } from '../../proto/gen/ascend/v1/finding.ts';
import { exec } from '../exec.ts';
import { openFolder } from '../repositories/folder-files.ts';
import { allocatedBytesOf, type DiskReader } from './disk-reader.ts';
import { chainOf, convertSample, readDisk, sampleContent, SAMPLE_BYTES } from './fixtures/sample-disk.ts';
import { diskMemory, openDisk, type DiskFiles, type OpenDisk } from './open-disk.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'ascend-disks-'))));
afterAll(() => rm(folder, { recursive: true }));

async function openFile(file: string): Promise<OpenDisk> {
  const chain = await chainOf(folder, file);
  expect(chain.findings.filter(({ severity }) => severity === Severity.BLOCK)).toEqual([]);
  return openDisk(chain, await openFolder(folder), diskMemory());
}

const vmdk = (subformat: string) => ['-O', 'vmdk', '-o', `subformat=${subformat}`];
const vhd = (subformat: string) => ['-O', 'vpc', '-o', `subformat=${subformat},force_size=on`];
const vhdx = (options: string) => ['-O', 'vhdx', '-o', options];
const qcow2 = (...args: string[]) => ['-O', 'qcow2', ...args];

it.each([
  ['monolithic.vmdk', vmdk('monolithicSparse')],
  ['streamed.vmdk', vmdk('streamOptimized')],
  ['flat.vmdk', vmdk('monolithicFlat')],
  ['split.vmdk', vmdk('twoGbMaxExtentSparse')],
  ['split-flat.vmdk', vmdk('twoGbMaxExtentFlat')],
  ['fixed.vhd', vhd('fixed')],
  ['dynamic.vhd', vhd('dynamic')],
  ['fixed.vhdx', vhdx('subformat=fixed')],
  ['dynamic.vhdx', vhdx('subformat=dynamic,block_size=1M')],
  ['large-blocks.vhdx', vhdx('subformat=dynamic,block_size=8M,block_state_zero=off')],
  ['version2.qcow2', qcow2('-o', 'compat=0.10')],
  ['small-clusters.qcow2', qcow2('-o', 'cluster_size=512')],
  ['large-clusters.qcow2', qcow2('-o', 'cluster_size=2M')],
  ['parts-of-clusters.qcow2', qcow2('-o', 'extended_l2=on')],
  ['deflate.qcow2', qcow2('-c')],
  ['zstd.qcow2', qcow2('-c', '-o', 'compression_type=zstd')],
  ['copy.raw', ['-O', 'raw']],
])('reads %s as qemu wrote it', async (name, args) => {
  const content = await convertSample(folder, name, args);
  await using disk = await openFile(name);
  expect(disk.sizeBytes).toBe(SAMPLE_BYTES);
  expect((await readDisk(disk)).equals(content)).toBe(true);
  await expectHolesToBeZeros(disk, content);
});

async function expectHolesToBeZeros(disk: DiskReader, content: Buffer): Promise<void> {
  let offset = 0;
  for (const { length, data } of await disk.extents(0, disk.sizeBytes)) {
    if (!data) expect(content.subarray(offset, offset + length).every((byte) => byte === 0)).toBe(true);
    offset += length;
  }
  expect(offset).toBe(disk.sizeBytes);
}

it.each([
  ['monolithic.vmdk', vmdk('monolithicSparse')],
  ['dynamic.vhdx', vhdx('subformat=dynamic,block_size=1M')],
  ['plain.qcow2', qcow2()],
])('knows what a copy of %s has to write', async (name, args) => {
  await convertSample(folder, name, args);
  await using disk = await openFile(name);
  const bytes = Number(await allocatedBytesOf(disk));
  expect(bytes).toBeGreaterThan(6 * 1024 * 1024);
  expect(bytes).toBeLessThan(12 * 1024 * 1024);
});

it('reads a chain of four layers, one of them longer than those below it', async () => {
  await convertSample(folder, 'base.qcow2', qcow2());
  const create = (name: string, below: string, ...size: string[]) =>
    exec('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', below, name, ...size], {
      cwd: folder,
    });
  const io = (name: string, ...commands: string[]) =>
    exec('qemu-io', ['-f', 'qcow2', ...commands.flatMap((command) => ['-c', command]), name], {
      cwd: folder,
    });
  await create('one.qcow2', 'base.qcow2');
  await io('one.qcow2', 'write -P 17 100k 9k', 'write -z 9M 1M');
  await create('two.qcow2', 'one.qcow2', '32M');
  await io('two.qcow2', 'write -P 18 24M 512', 'discard 8M 64k');
  await create('three.qcow2', 'two.qcow2');
  await io('three.qcow2', 'write -P 19 31M 1M', 'write -P 20 104k 1k');
  await exec('qemu-img', ['convert', '-O', 'raw', 'three.qcow2', 'whole.raw'], { cwd: folder });
  await using whole = await openFile('whole.raw');
  await using disk = await openFile('three.qcow2');
  expect(disk.sizeBytes).toBe(32 * 1024 * 1024);
  expect((await readDisk(disk)).equals(await readDisk(whole))).toBe(true);
});

it('reads a delta of VMware over its base', async () => {
  await convertSample(folder, 'web01.vmdk', vmdk('monolithicSparse'));
  const create = ['create', '-q', '-f', 'vmdk', '-F', 'vmdk', '-b', 'web01.vmdk', 'web01-000001.vmdk'];
  await exec('qemu-img', create, { cwd: folder });
  await exec('qemu-io', ['-f', 'vmdk', '-c', 'write -P 33 70k 1M', 'web01-000001.vmdk'], { cwd: folder });
  const expected = sampleContent();
  expected.fill(33, 70 * 1024, 70 * 1024 + 1024 * 1024);
  await using disk = await openFile('web01-000001.vmdk');
  expect((await readDisk(disk)).equals(expected)).toBe(true);
});

it.each([
  ['cut.vhdx', vhdx('subformat=dynamic,block_size=1M'), 'cut.vhdx'],
  ['cut.qcow2', qcow2(), 'cut.qcow2'],
  ['cut-monolithic.vmdk', vmdk('monolithicSparse'), 'cut-monolithic.vmdk'],
])('refuses to make up what %s has lost', async (name, args, file) => {
  await convertSample(folder, name, args);
  const chain = await chainOf(folder, name);
  await truncate(path.join(folder, file), Math.floor((await stat(path.join(folder, file))).size / 2));
  const reading = (async () => {
    await using disk = await openDisk(chain, await openFolder(folder), diskMemory());
    return await readDisk(disk);
  })();
  await expect(reading).rejects.toMatchObject({ code: 'disk.invalid' });
  await expect(reading).rejects.toThrow(file);
});

it('says which file cannot be read, and where', async () => {
  await convertSample(folder, 'away.vhdx', vhdx('subformat=dynamic'));
  const chain = await chainOf(folder, 'away.vhdx');
  const files = await openFolder(folder);
  let isAway = false;
  const unplugged: DiskFiles = {
    place: () => Promise.resolve(undefined),
    async open(name) {
      const file = await files.open(name);
      return {
        sizeBytes: file.sizeBytes,
        read: (offset, length) =>
          isAway ? Promise.reject(new Error('connection reset')) : file.read(offset, length),
        [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
      };
    },
  };
  await using disk = await openDisk(chain, unplugged, diskMemory());
  isAway = true;
  await expect(disk.read(9 * 1024 * 1024, 4096)).rejects.toMatchObject({
    code: 'disk.read-failed',
    message: expect.stringMatching(/^away\.vhdx cannot be read at byte \d+: connection reset$/) as string,
  });
});

it.each([
  ['fuzz.qcow2', qcow2('-c', '-o', 'cluster_size=4k')],
  ['fuzz.vmdk', vmdk('streamOptimized')],
  ['fuzz.vhd', vhd('dynamic')],
  ['fuzz.vhdx', vhdx('subformat=dynamic,block_size=1M')],
])('ends with content or an error that says where, whatever is changed in %s', async (name, args) => {
  await convertSample(folder, name, args);
  const chain = await chainOf(folder, name);
  const file = path.join(folder, name);
  const { size } = await stat(file);
  await using handle = await open(file, 'r+');
  // Most of what matters lies near the ends.
  const place = fc.oneof(
    fc.nat(4096),
    fc.nat(400_000),
    fc.nat(2048).map((back) => size - 1 - back),
  );
  const edit = fc.tuple(place, fc.integer({ min: 0, max: 255 }));
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 8 }), async (edits) => {
      const undo: [number, Buffer][] = [];
      for (const [at, byte] of edits) {
        undo.push([at, (await handle.read(Buffer.alloc(1), 0, 1, at)).buffer]);
        await handle.write(Buffer.from([byte]), 0, 1, at);
      }
      try {
        await using disk = await openDisk(chain, await openFolder(folder), diskMemory());
        expect((await readDisk(disk, 8 * 1024 * 1024)).length).toBe(disk.sizeBytes);
      } catch (error) {
        expect(error).toBeInstanceOf(AscendError);
        expect((error as AscendError).message).toContain(name);
      }
      for (const [at, byte] of undo.reverse()) await handle.write(byte, 0, 1, at);
    }),
    { numRuns: 25 },
  );
});
