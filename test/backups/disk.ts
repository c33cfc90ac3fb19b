/** Little disks, written by qemu-img: some data at the start and at the end, holes between. */
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exec } from '../../agent/exec.ts';

export const MIB = 1024 * 1024;
export const DISK_BYTES = 4 * MIB;

interface DiskOptions {
  /** As qemu-img calls it. */
  format: 'qcow2' | 'vmdk' | 'vpc' | 'vhdx' | 'raw';
  /** Of qemu-img's -o. */
  options?: string;
  sizeBytes?: number;
}

export async function makeDisk(
  folder: string,
  name: string,
  { format, options, sizeBytes = DISK_BYTES }: DiskOptions,
): Promise<void> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  const scratch = await mkdtemp(path.join(tmpdir(), 'ascend-disk-'));
  try {
    const raw = path.join(scratch, 'disk.raw');
    await writeContent(raw, sizeBytes);
    const how = ['-f', 'raw', '-O', format, ...(options === undefined ? [] : ['-o', options])];
    await exec('qemu-img', ['convert', ...how, raw, file]);
  } finally {
    await rm(scratch, { recursive: true });
  }
}

/** `file` on top of `parent`, which it names as it is written here: relative to itself. */
export async function makeDelta(
  folder: string,
  file: string,
  parent: string,
  format: 'qcow2' | 'vmdk',
): Promise<void> {
  const cwd = path.join(folder, path.dirname(file));
  await mkdir(cwd, { recursive: true });
  const name = path.basename(file);
  await exec('qemu-img', ['create', '-q', '-f', format, '-F', format, '-b', parent, name], { cwd });
  await exec('qemu-io', ['-f', format, '-c', 'write -q -P 0x5a 1M 64k', name], { cwd });
}

async function writeContent(file: string, sizeBytes: number): Promise<void> {
  await using handle = await open(file, 'w');
  await handle.truncate(sizeBytes);
  const start = Buffer.alloc(64 * 1024, 'the first sectors of a disk ');
  // One partition from sector 64 to the end, so that a raw disk shows what it is.
  start.fill(0, 446, 510);
  start.writeUInt8(0x83, 450);
  start.writeUInt32LE(64, 454);
  start.writeUInt32LE(sizeBytes / 512 - 64, 458);
  start.writeUInt16LE(0xaa55, 510);
  await handle.write(start, 0, start.length, 0);
  await handle.write(Buffer.alloc(512, 'the last sector '), 0, 512, sizeBytes - 512);
}
