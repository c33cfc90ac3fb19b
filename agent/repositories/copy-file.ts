/** Copies a file into a backup and hashes it on the way: it is read once. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { AscendError } from '../../proto/errors.ts';
import type { RangeReader } from '../disks/range-reader.ts';

export interface CopyHooks {
  signal: AbortSignal;
  /** Hears the bytes that were copied since the last call. */
  onBytes: (bytes: number) => void;
}

const BLOCK_BYTES = 1024 * 1024;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/**
 * `to` must not exist. Blocks of zeros become holes, as a raw disk mostly is.
 * @returns SHA-256 in lower-case hex; what was written is on disk then
 * @throws run.cancelled, host.no-space
 */
export async function copyHashed(from: RangeReader, to: string, hooks: CopyHooks): Promise<string> {
  await using file = await open(to, 'wx', 0o644);
  const hash = createHash('sha256');
  for (let offset = 0; offset < from.sizeBytes;) {
    if (hooks.signal.aborted)
      throw new AscendError('run.cancelled', 'Stopped while files were being copied.');
    const block = await from.read(offset, BLOCK_BYTES);
    if (block.length === 0) throw shrunk(to, offset);
    hash.update(block);
    if (!block.equals(ZEROS.subarray(0, block.length))) await write(file, block, offset, to);
    offset += block.length;
    hooks.onBytes(block.length);
  }
  await file.truncate(from.sizeBytes);
  await file.datasync();
  return hash.digest('hex');
}

async function write(file: Awaited<ReturnType<typeof open>>, block: Buffer, offset: number, to: string) {
  try {
    await file.write(block, 0, block.length, offset);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
    throw new AscendError('host.no-space', `No room left while writing ${to}.`, {
      context: { file: to },
      hint: 'Free space there, or choose another folder with --out.',
      cause,
    });
  }
}

function shrunk(to: string, offset: number): AscendError {
  return new AscendError('backup.changed', `The file that ${to} is copied from ended at ${offset}.`, {
    context: { file: to, offset },
    hint: 'Something writes to it: stop that, and copy again.',
  });
}
