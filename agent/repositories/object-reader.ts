/** Bytes of one object of a bucket, by range. */
import type { RangeReader } from '../disks/range-reader.ts';

/** Exactly these bytes; both lie within the object. */
export type FetchRange = (offset: number, length: number) => Promise<Buffer>;

// Headers and metadata are read in many small steps close together. A request takes 10 to 100 ms and 256 KiB on top
// of it hardly more, so small reads are answered from blocks, of which the last few are kept: 1 MiB a reader.
const BLOCK_BYTES = 256 * 1024;
const KEPT_BLOCKS = 4;

export function readObject(sizeBytes: number, fetch: FetchRange): RangeReader {
  const blocks = new Map<number, Promise<Buffer>>();

  const blockAt = (index: number): Promise<Buffer> => {
    const start = index * BLOCK_BYTES;
    const block = blocks.get(index) ?? fetch(start, Math.min(BLOCK_BYTES, sizeBytes - start));
    blocks.delete(index);
    blocks.set(index, block);
    // A failed block is asked for again.
    block.catch(() => blocks.delete(index));
    const oldest = blocks.keys().next().value;
    if (blocks.size > KEPT_BLOCKS && oldest !== undefined) blocks.delete(oldest);
    return block;
  };

  return {
    sizeBytes,
    async read(offset, length) {
      const end = Math.min(offset + length, sizeBytes);
      if (end <= offset) return Buffer.alloc(0);
      if (end - offset >= BLOCK_BYTES) return fetch(offset, end - offset);
      const first = Math.floor(offset / BLOCK_BYTES);
      const last = Math.floor((end - 1) / BLOCK_BYTES);
      const parts = first === last ? [await blockAt(first)] : await Promise.all([first, last].map(blockAt));
      const from = offset - first * BLOCK_BYTES;
      const whole = parts.length === 1 ? parts[0] : Buffer.concat(parts);
      // A copy: the caller may write into what it gets.
      return Buffer.from(whole?.subarray(from, from + end - offset) ?? []);
    },
    [Symbol.asyncDispose]: () => {
      blocks.clear();
      return Promise.resolve();
    },
  };
}
