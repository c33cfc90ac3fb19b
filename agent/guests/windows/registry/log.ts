/**
 * Brings a hive up to date with its logs, as Windows does when it loads one that was cut off: what a running machine has
 * written last is in them alone. Source: M. Suhanov, "Windows registry file format specification", "Format of transaction
 * log files": up to Windows 8 one set of dirty pages, since 8.1 entries in a row, each with its sequence number and hashes.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import {
  BASE_BLOCK_BYTES,
  binsBytes,
  fileType,
  FILE_TYPE,
  firstSequence,
  hasChecksum,
  isHive,
  isSynchronised,
  lastWritten,
  secondSequence,
  writeState,
} from './base-block.ts';
import { marvin32 } from './marvin.ts';

export interface Range {
  start: number;
  end: number;
}

const SECTOR = 512;
const ENTRY_HEADER_BYTES = 40;
/** What a log may be; also the most that one entry takes in memory. */
export const MAX_LOG_BYTES = 64 * 1024 * 1024;

/**
 * @param logPaths of local copies, in any order
 * @returns what of the hive's file has changed; undefined where it was whole, or no log fits
 */
export function replayLogs(hivePath: string, logPaths: readonly string[]): Range[] | undefined {
  using hive = new OpenFile(hivePath, 'r+');
  const base = hive.read(0, BASE_BLOCK_BYTES);
  if (base.length < BASE_BLOCK_BYTES || !isHive(base) || isSynchronised(base)) return undefined;
  using logs = new OpenLogs(logPaths);
  const replay = replayEntries(hive, base, logs.ofEntries) ?? replayPages(hive, base, logs.ofPages);
  if (replay === undefined) return undefined;
  hive.growTo(BASE_BLOCK_BYTES + replay.binsBytes);
  writeState(base, replay.sequence, replay.binsBytes);
  hive.write(0, base);
  return hive.written;
}

interface Replay {
  sequence: number;
  binsBytes: number;
}

class OpenFile implements Disposable {
  readonly #fd: number;
  readonly sizeBytes: number;
  readonly written: Range[] = [];

  constructor(path: string, mode: 'r' | 'r+') {
    this.#fd = openSync(path, mode);
    this.sizeBytes = fstatSync(this.#fd).size;
  }

  /** Shorter at the end of the file. */
  read(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.sizeBytes - position)));
    return bytes.subarray(0, readSync(this.#fd, bytes, 0, bytes.length, position));
  }

  write(position: number, bytes: Buffer): void {
    writeSync(this.#fd, bytes, 0, bytes.length, position);
    this.written.push({ start: position, end: position + bytes.length });
  }

  growTo(sizeBytes: number): void {
    const { size } = fstatSync(this.#fd);
    if (size >= sizeBytes) return;
    ftruncateSync(this.#fd, sizeBytes);
    this.written.push({ start: size, end: sizeBytes });
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

interface Log {
  file: OpenFile;
  base: Buffer;
}

/** Those that are whole themselves. */
class OpenLogs implements Disposable {
  readonly #files = new DisposableStack();
  readonly ofEntries: Log[] = [];
  readonly ofPages: Log[] = [];

  constructor(paths: readonly string[]) {
    for (const path of paths) {
      const file = this.#files.use(new OpenFile(path, 'r'));
      const base = file.read(0, SECTOR);
      if (base.length < SECTOR || !isHive(base) || !isSynchronised(base) || file.sizeBytes > MAX_LOG_BYTES)
        continue;
      if (fileType(base) === FILE_TYPE.logOfEntries) this.ofEntries.push({ file, base });
      else if (fileType(base) === FILE_TYPE.log || fileType(base) === FILE_TYPE.olderLog)
        this.ofPages.push({ file, base });
    }
  }

  [Symbol.dispose](): void {
    this.#files.dispose();
  }
}

/** Since Windows 8.1. Entries count on from one log to the other; what is older than the hive is in it already. */
function replayEntries(hive: OpenFile, base: Buffer, logs: readonly Log[]): Replay | undefined {
  const inOrder = logs.toSorted((a, b) => ahead(firstSequence(a.base), firstSequence(b.base)));
  const newest = inOrder.at(-1);
  if (newest === undefined) return undefined;
  if (!hasChecksum(base)) newest.base.copy(base);
  const limit = mostBins(hive);
  let next = firstSequence(base);
  let replay: Replay | undefined;
  for (const log of inOrder) {
    for (const entry of entriesOf(log)) {
      if (ahead(entry.sequence, next) < 0) continue;
      if (entry.sequence !== next || entry.binsBytes > limit) return replay;
      for (const { offset, bytes } of entry.pages) hive.write(BASE_BLOCK_BYTES + offset, bytes);
      replay = { sequence: entry.sequence, binsBytes: entry.binsBytes };
      next = (next + 1) >>> 0;
    }
  }
  return replay;
}

/** A log grows a hive by what it carries itself, and no more. */
function mostBins(hive: OpenFile): number {
  return hive.sizeBytes + MAX_LOG_BYTES;
}

/** Below 0 where `a` is older; numbers begin again at 0 after 2^32. */
function ahead(a: number, b: number): number {
  return (a - b) | 0;
}

interface Page {
  /** Among the bins. */
  offset: number;
  bytes: Buffer;
}

interface Entry {
  sequence: number;
  binsBytes: number;
  pages: Page[];
}

/** Up to the first that is not whole, or is left over from an earlier round. */
function* entriesOf({ file, base }: Log): Generator<Entry> {
  let sequence = firstSequence(base);
  for (let position = SECTOR; ; sequence = (sequence + 1) >>> 0) {
    const header = file.read(position, ENTRY_HEADER_BYTES);
    if (header.length < ENTRY_HEADER_BYTES || header.toString('latin1', 0, 4) !== 'HvLE') return;
    const size = header.readUInt32LE(4);
    if (size < ENTRY_HEADER_BYTES || size % SECTOR !== 0 || position + size > file.sizeBytes) return;
    const bytes = file.read(position, size);
    const isWhole =
      bytes.length === size &&
      marvin32(bytes.subarray(0, 32)) === bytes.readBigUInt64LE(32) &&
      marvin32(bytes.subarray(ENTRY_HEADER_BYTES)) === bytes.readBigUInt64LE(24);
    if (!isWhole || bytes.readUInt32LE(12) !== sequence) return;
    const pages = pagesOf(bytes);
    if (pages === undefined) return;
    yield { sequence, binsBytes: bytes.readUInt32LE(16), pages };
    position += size;
  }
}

function pagesOf(entry: Buffer): Page[] | undefined {
  const bins = entry.readUInt32LE(16);
  const count = entry.readUInt32LE(20);
  let from = ENTRY_HEADER_BYTES + count * 8;
  if (bins % 4096 !== 0 || from > entry.length) return undefined;
  const pages: Page[] = [];
  for (let index = 0; index < count; index++) {
    const offset = entry.readUInt32LE(ENTRY_HEADER_BYTES + index * 8);
    const size = entry.readUInt32LE(ENTRY_HEADER_BYTES + index * 8 + 4);
    if (offset + size > bins || from + size > entry.length) return undefined;
    pages.push({ offset, bytes: entry.subarray(from, from + size) });
    from += size;
  }
  return pages;
}

/** Up to Windows 8: a bit for each 512 bytes of the bins, and those whose bit is set, one after the other. */
function replayPages(hive: OpenFile, base: Buffer, logs: readonly Log[]): Replay | undefined {
  const isKnown = hasChecksum(base);
  // The first bin repeats when the hive was written, for a base block that was not; a log is newer than that.
  const firstBin = hive.read(BASE_BLOCK_BYTES, 32);
  const written = isKnown || firstBin.length < 32 ? lastWritten(base) : firstBin.readBigUInt64LE(20);
  const fits = ({ base: copy }: Log) =>
    isKnown ? lastWritten(copy) === written : lastWritten(copy) >= written;
  for (const log of logs.filter((each) => fits(each) && binsBytes(each.base) <= mostBins(hive))) {
    const pages = dirtyPages(log);
    if (pages === undefined) continue;
    for (const { offset, bytes } of pages) hive.write(BASE_BLOCK_BYTES + offset, bytes);
    if (!isKnown) log.base.copy(base);
    return { sequence: secondSequence(log.base), binsBytes: binsBytes(log.base) };
  }
  return undefined;
}

function dirtyPages({ file, base }: Log): Page[] | undefined {
  const bins = binsBytes(base);
  const bitmap = file.read(SECTOR, 4 + bins / SECTOR / 8);
  if (bins % 4096 !== 0 || bitmap.length !== 4 + bins / SECTOR / 8) return undefined;
  if (bitmap.toString('latin1', 0, 4) !== 'DIRT') return undefined;
  const pages: Page[] = [];
  let from = SECTOR + Math.ceil(bitmap.length / SECTOR) * SECTOR;
  for (let index = 0; index < bins / SECTOR; index++) {
    if ((bitmap.readUInt8(4 + (index >> 3)) & (1 << (index & 7))) === 0) continue;
    const bytes = file.read(from, SECTOR);
    if (bytes.length < SECTOR) return undefined;
    pages.push({ offset: index * SECTOR, bytes });
    from += SECTOR;
  }
  return everyBinBeginsRight(pages) ? pages : undefined;
}

/** A page at the start of a bin says so, and where it is: Windows gives up where it does not. */
function everyBinBeginsRight(pages: readonly Page[]): boolean {
  const starts = pages.filter(({ bytes }) => bytes.toString('latin1', 0, 4) === 'hbin');
  return starts.every(({ offset, bytes }) => bytes.readUInt32LE(4) === offset);
}
