/** What one layer of a chain says of its disk: where each byte lies, before any is read. */
import type { DiskFile } from '../disk-file.ts';
import type { RangeReader } from '../range-reader.ts';

export interface Blocks {
  /** Of the disk, not of the file. */
  readonly sizeBytes: number;
  /**
   * Spans that follow each other and cover `length` bytes of the disk from `offset` on, which lie within it.
   * @throws disk.invalid where the file's tables contradict themselves
   */
  map(offset: number, length: number): Promise<Span[]>;
}

/** A stretch of a disk, its length in bytes, and where its bytes are. */
export type Span =
  /** This layer says nothing of it: the layer below does; under the lowest there are zeros. */
  | { in: 'below'; length: number }
  | { in: 'zeros'; length: number }
  /** As they are, in a file from `at` on. */
  | { in: 'file'; length: number; file: RangeReader; at: number }
  /** In a compressed unit, from its byte `skip` on. */
  | { in: 'unit'; length: number; unit: CompressedUnit; skip: number };

export interface CompressedUnit {
  /** The whole unit. @throws disk.invalid */
  unpack(): Promise<Buffer>;
}

/** A file of a chain, for two ways of reading: `tables` is kept in memory in part, what `content` gives is not. */
export interface LayerFile {
  content: RangeReader;
  tables: DiskFile;
}

/** Adds a span to the end of others, as one with the last where it goes on from it. */
export function addSpan(spans: Span[], span: Span): void {
  const last = spans.at(-1);
  if (last && continues(last, span)) last.length += span.length;
  else spans.push({ ...span });
}

function continues(last: Span, next: Span): boolean {
  if (last.in === 'unit') return false;
  if (last.in !== 'file') return next.in === last.in;
  return next.in === 'file' && next.file === last.file && next.at === last.at + last.length;
}

/** `length` bytes of the file from `at` on. @throws disk.invalid where the file ends before them */
export function stored({ content, tables }: LayerFile, at: number, length: number): Span {
  if (at + length <= content.sizeBytes) return { in: 'file', length, file: content, at };
  throw tables.wrong(at, `data lies here, beyond the end of the file, which has ${content.sizeBytes} bytes`);
}

/**
 * As `stored`, of bytes `from` on of a unit that begins at `unitAt`: the last unit of a file may end early, as QEMU
 * leaves it where nothing but zeros would follow.
 */
export function storedUnit(
  { content, tables }: LayerFile,
  unitAt: number,
  from: number,
  length: number,
): Span {
  if (unitAt < content.sizeBytes) return { in: 'file', length, file: content, at: unitAt + from };
  throw tables.wrong(
    unitAt,
    `data lies here, beyond the end of the file, which has ${content.sizeBytes} bytes`,
  );
}

/** An unsigned 64-bit field of a file as a number. @throws disk.invalid where it is 2^53 or more */
export function numberOf(value: bigint, file: DiskFile, offset: number): number {
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw file.wrong(offset, `${value} is out of range`);
}
