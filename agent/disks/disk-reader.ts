/** One disk's bytes and where it holds any, through all layers of its chain. */
import type { Blocks, Span } from './blocks/blocks.ts';

/** A stretch of a disk in bytes; `bytes` is absent where it reads as zeros. */
export interface Part {
  length: number;
  bytes: Buffer | undefined;
}

export interface Extent {
  length: number;
  /** False: reads as zeros, and nothing is stored for it. */
  data: boolean;
}

export interface DiskReader {
  readonly sizeBytes: number;
  /** Parts that follow each other and cover the range, which must lie within the disk. @throws disk.invalid, disk.read-failed */
  read(offset: number, length: number): Promise<Part[]>;
  /** Extents that follow each other and cover the range; no two neighbours are alike. @throws disk.invalid, disk.read-failed */
  extents(offset: number, length: number): Promise<Extent[]>;
}

// A fragmented range is read in pieces: 16 at once keep Node's four file threads, or a bucket, busy.
const READS_AT_ONCE = 16;
// No table is so fine that this much of a disk is described by more than some ten thousand spans.
const MAP_BYTES = 32 * 1024 * 1024;

export class ChainReader implements DiskReader {
  readonly sizeBytes: number;
  /** Newest first. */
  readonly #layers: readonly Blocks[];

  /** `layers`: base first. Where a layer is larger than the one below it, there are zeros under its end. */
  constructor(layers: readonly Blocks[], sizeBytes: number) {
    this.#layers = layers.toReversed();
    this.sizeBytes = sizeBytes;
  }

  async read(offset: number, length: number): Promise<Part[]> {
    const spans = await this.#map(offset, length);
    const parts: Part[] = [];
    for (let index = 0; index < spans.length; index += READS_AT_ONCE) {
      parts.push(...(await Promise.all(spans.slice(index, index + READS_AT_ONCE).map(readSpan))));
    }
    return parts;
  }

  async extents(offset: number, length: number): Promise<Extent[]> {
    const extents: Extent[] = [];
    for (let done = 0; done < length;) {
      const step = Math.min(MAP_BYTES, length - done);
      for (const span of await this.#map(offset + done, step)) {
        const data = holdsData(span);
        const last = extents.at(-1);
        if (last?.data === data) last.length += span.length;
        else extents.push({ length: span.length, data });
      }
      done += step;
    }
    return extents;
  }

  /** Layer by layer: what one says nothing of is asked of the next. */
  async #map(offset: number, length: number): Promise<Span[]> {
    let spans: Span[] = [{ in: 'below', length }];
    for (const layer of this.#layers) {
      if (!spans.some((span) => span.in === 'below')) break;
      const deeper: Span[] = [];
      let position = offset;
      for (const span of spans) {
        if (span.in === 'below') await this.#descend(deeper, layer, position, span.length);
        else deeper.push(span);
        position += span.length;
      }
      spans = deeper;
    }
    return spans;
  }

  async #descend(into: Span[], layer: Blocks, offset: number, length: number): Promise<void> {
    const held = Math.max(0, Math.min(length, layer.sizeBytes - offset));
    if (held > 0) for (const span of await layer.map(offset, held)) into.push(span);
    if (held < length) into.push({ in: 'zeros', length: length - held });
  }
}

function holdsData(span: Span): boolean {
  return span.in === 'file' || span.in === 'unit';
}

async function readSpan(span: Span): Promise<Part> {
  const { length } = span;
  if (span.in === 'file') return { length, bytes: await fill(span.file.read(span.at, length), length) };
  if (span.in !== 'unit') return { length, bytes: undefined };
  const unit = await span.unit.unpack();
  return { length, bytes: await fill(Promise.resolve(unit.subarray(span.skip, span.skip + length)), length) };
}

/** A file that ends inside its last block: what is not written there reads as zeros. */
async function fill(reading: Promise<Buffer>, length: number): Promise<Buffer> {
  const bytes = await reading;
  return bytes.length === length ? bytes : Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);
}

/** What a copy has to write. */
export async function allocatedBytesOf(disk: DiskReader): Promise<bigint> {
  let bytes = 0;
  for (let offset = 0; offset < disk.sizeBytes; offset += MAP_BYTES) {
    const extents = await disk.extents(offset, Math.min(MAP_BYTES, disk.sizeBytes - offset));
    for (const { data, length } of extents) if (data) bytes += length;
  }
  return BigInt(bytes);
}
