import { mkdir, mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AscendError } from '../../proto/errors.ts';
import { exec } from '../exec.ts';
import { openFolder } from '../repositories/folder-files.ts';
import { createOverlay } from './image.ts';
import { chainOf, convertSample, SAMPLE_BYTES } from './fixtures/sample-disk.ts';
import type { DiskFiles } from './open-disk.ts';
import { serveDisks, type ServedDisks } from './serve.ts';

const context = { exec, signal: new AbortController().signal };
let folder: string;
let backup: string;
let work: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ascend-serve-'));
  [backup, work] = [path.join(folder, 'backup'), path.join(folder, 'run', 'disks')];
  await mkdir(backup);
});
afterEach(() => rm(folder, { recursive: true }));

async function serve(file: string, files?: DiskFiles): Promise<ServedDisks> {
  const chain = await chainOf(backup, file);
  expect(chain).toMatchObject({ usable: true });
  return serveDisks(new Map([['scsi0:0', chain]]), files ?? (await openFolder(backup)), work);
}

const qemuImg = (...args: string[]) => exec('qemu-img', args, { cwd: folder });

async function expectSample({ name, format }: { name: string; format: string }): Promise<void> {
  await qemuImg('compare', '-f', 'raw', '-F', format, path.join(backup, 'disk.raw'), name);
}

it('lets qemu open a chain by itself whose names it follows rightly', async () => {
  await convertSample(backup, 'full.qcow2', ['-O', 'qcow2']);
  const create = ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', 'full.qcow2', 'incr.qcow2'];
  await exec('qemu-img', create, { cwd: backup });
  await using served = await serve('incr.qcow2');
  const backing = served.backingOf('scsi0:0');
  expect(backing).toEqual({ name: path.join(backup, 'incr.qcow2'), format: 'qcow2' });
  await expectSample(backing);
  expect(await served.allocatedBytes('scsi0:0', context)).toBeGreaterThan(6_000_000n);
  expect(await readdir(folder)).toEqual(['backup']);
});

it.each([
  ['a name of another machine', '/vmfs/volumes/old/full.qcow2', 'qcow2'],
  ['a name that only we find', './../backup/full.qcow2', 'qcow2'],
])('serves a chain with %s, and never lets qemu follow it', async (_what, name, format) => {
  await convertSample(backup, 'full.qcow2', ['-O', 'qcow2']);
  await exec('qemu-img', ['create', '-q', '-f', 'qcow2', 'incr.qcow2', String(SAMPLE_BYTES)], {
    cwd: backup,
  });
  await exec('qemu-img', ['rebase', '-u', '-F', format, '-b', name, 'incr.qcow2'], { cwd: backup });
  const [full, incr] = [await chainOf(backup, 'full.qcow2'), await chainOf(backup, 'incr.qcow2')];
  const layers = [...full.layers, ...incr.layers.slice(-1)];
  const chain = { ...full, layers };
  await using served = await serveDisks(new Map([['scsi0:0', chain]]), await openFolder(backup), work);
  expect(served.backingOf('scsi0:0').name).toMatch(/^nbd:unix:/);
  await expectSample(served.backingOf('scsi0:0'));
});

it('puts an overlay over what qemu cannot read, on a socket for this user alone', async () => {
  await convertSample(backup, 'disk.vhdx', ['-O', 'vhdx']);
  const overlay = path.join(folder, 'overlay.qcow2');
  {
    await using served = await serve('disk.vhdx');
    expect((await stat(work)).mode & 0o777).toBe(0o700);
    await createOverlay(served.backingOf('scsi0:0'), overlay, context);
    await exec('qemu-io', ['-f', 'qcow2', '-c', 'write -P 5 0 64k', '-c', 'write -z 0 64k', overlay]);
  }
  expect(await readdir(path.dirname(work))).toEqual([]);
  // After a restart, the same overlay finds its disk in the same place.
  await using again = await serve('disk.vhdx');
  expect(again.backingOf('scsi0:0').name).toContain(work);
  await exec('qemu-io', ['-r', '-f', 'qcow2', '-c', 'read -P 0 0 64k', overlay]);
  await qemuImg('measure', '-f', 'qcow2', '-O', 'qcow2', overlay);
});

it('serves a member of an archive from where it lies', async () => {
  await convertSample(backup, 'disk.vmdk', ['-O', 'vmdk', '-o', 'subformat=streamOptimized']);
  const folderFiles = await openFolder(backup);
  const archive = path.join(folder, 'machine.ova');
  await exec('tar', ['-cf', archive, '-C', backup, 'disk.vmdk']);
  const size = (await stat(path.join(backup, 'disk.vmdk'))).size;
  const files: DiskFiles = {
    place: () => Promise.resolve({ file: archive, offset: 512, sizeBytes: size }),
    async open() {
      const whole = await (await openFolder(folder)).open('machine.ova');
      return {
        sizeBytes: size,
        read: (offset, length) => whole.read(512 + offset, Math.min(length, size - offset)),
        [Symbol.asyncDispose]: () => whole[Symbol.asyncDispose](),
      };
    },
  };
  await using served = await serve('disk.vmdk', files);
  await expectSample(served.backingOf('scsi0:0'));
  await folderFiles[Symbol.asyncDispose]();
});

it('says which file could not be read, whatever qemu makes of it, and not of what was cancelled', async () => {
  await convertSample(backup, 'disk.vhdx', ['-O', 'vhdx', '-o', 'subformat=dynamic,block_size=1M']);
  await using served = await serve('disk.vhdx');
  await truncate(path.join(backup, 'disk.vhdx'), 5 * 1024 * 1024);
  const { name } = served.backingOf('scsi0:0');
  const copy = () => qemuImg('convert', '-f', 'raw', '-O', 'qcow2', name, 'copy.qcow2');
  await expect(served.reading(copy)).rejects.toMatchObject({
    code: 'disk.read-failed',
    context: { file: 'disk.vhdx' },
  });
  // What reads on after an error has not read the disk.
  await expect(served.reading(() => copy().catch(() => 'nothing to see'))).rejects.toMatchObject({
    code: 'disk.read-failed',
  });
  const cancelled = new AscendError('run.cancelled', 'stopped');
  const stopped = served.reading(() => copy().catch(() => Promise.reject(cancelled)));
  await expect(stopped).rejects.toBe(cancelled);
  expect(await served.reading(() => Promise.resolve('untouched'))).toBe('untouched');
});

it('names the folder that is too long for a socket', async () => {
  await convertSample(backup, 'disk.vhdx', ['-O', 'vhdx']);
  work = path.join(folder, 'x'.repeat(100));
  await expect(serve('disk.vhdx')).rejects.toMatchObject({
    code: 'config.invalid',
    context: { folder: work },
  });
});
