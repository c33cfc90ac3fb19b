/** Compressed units of a disk: clusters of QCOW2, grains of a streamOptimized VMDK. */
import { promisify } from 'node:util';
import { createZstdDecompress, inflate, inflateRaw } from 'node:zlib';
import type { CompressedUnit } from './blocks.ts';

/** `deflate`: RFC 1951 alone; `zlib`: in the envelope of RFC 1950; `zstd`: RFC 8878. */
export type Compression = 'deflate' | 'zlib' | 'zstd';

// What lies behind a unit is padding: QCOW2 states a unit's length in sectors.
const unzlib = promisify(inflate);
const undeflate = promisify(inflateRaw);

/** `unitBytes` of content from `packed`, or fewer where less was packed. @throws what zlib says; also of more than that */
export async function unpackUnit(
  packed: Buffer,
  unitBytes: number,
  compression: Compression,
): Promise<Buffer> {
  // In one chunk: with the 16 KiB of the default a grain of 64 KiB takes four trips to the thread pool.
  const options = { maxOutputLength: unitBytes, chunkSize: Math.max(64, unitBytes) };
  if (compression === 'zlib') return unzlib(packed, options);
  if (compression === 'deflate') return undeflate(packed, options);
  return unpackZstd(packed, unitBytes);
}

/** As a stream that is left when the unit is full: zstd takes padding for the start of another frame, and fails. */
function unpackZstd(packed: Buffer, unitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stream = createZstdDecompress();
    const parts: Buffer[] = [];
    let bytes = 0;
    stream.on('data', (part: Buffer) => {
      parts.push(part);
      bytes += part.length;
      if (bytes < unitBytes) return;
      resolve(Buffer.concat(parts).subarray(0, unitBytes));
      stream.destroy();
    });
    stream.on('error', reject);
    stream.on('end', () => resolve(Buffer.concat(parts)));
    stream.end(packed);
  });
}

// Four times what one read asks for: a unit that two reads share is unpacked once.
const KEPT_BYTES = 8 * 1024 * 1024;

/** The units that were unpacked last are kept, by their place in the file. `bytes`: of the unit in the file. */
export function keptUnits(unitBytes: number, unpack: (at: number, bytes: number) => Promise<Buffer>) {
  const most = Math.max(4, Math.floor(KEPT_BYTES / unitBytes));
  const kept = new Map<number, Promise<Buffer>>();
  return (at: number, bytes: number): CompressedUnit => ({
    unpack: () => {
      const known = kept.get(at);
      if (known) return known;
      const fresh = unpack(at, bytes);
      kept.set(at, fresh);
      fresh.catch(() => kept.delete(at));
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
      return fresh;
    },
  });
}
