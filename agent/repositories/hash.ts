/** SHA-256 of a file's bytes, read once through one buffer. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { AscendError } from '../../proto/errors.ts';

export interface HashOptions {
  signal?: AbortSignal;
  /** Hears the bytes that were read since the last call. */
  onBytes?: (bytes: number) => void;
}

// 1 MiB reads: with Node's default of 64 KiB the hash waits for the event loop a third of the time.
const READ_BYTES = 1024 * 1024;

/** Lower-case hex, from where the handle stands. @throws run.cancelled */
export async function hashOf(handle: FileHandle, { signal, onBytes }: HashOptions = {}): Promise<string> {
  const hash = createHash('sha256');
  const block = Buffer.allocUnsafe(READ_BYTES);
  for (;;) {
    if (signal?.aborted)
      throw new AscendError('run.cancelled', 'Stopped while checksums were being verified.');
    const { bytesRead } = await handle.read(block, 0, block.length, null);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(block.subarray(0, bytesRead));
    onBytes?.(bytesRead);
  }
}
