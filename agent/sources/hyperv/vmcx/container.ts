/**
 * The container of a VMCX file ("Hyper-V storage"). There is no public specification. What is here was read off real
 * files and agrees with the field names that other projects found; every checksum is a CRC-32 (zlib's polynomial).
 *
 *   0x0000, 0x1000  header, twice; the valid one with the later sequence number counts
 *   0x2000          object table: what lies where (key tables, files, further object tables)
 *   anywhere        key tables, replay log
 */
import { Bytes, isLater, placeOf, sumHolds } from './bytes.ts';

const SIGNATURE = 0x01282014;
const OBJECT_TABLE_SIGNATURE = 0x01110001;
const REPLAY_LOG_SIGNATURE = 0x01110003;
/** The only version that real files have (Windows Server 2016 and later). */
const VERSION = 0x0400;

const HEADERS = [0x0000, 0x1000] as const;
const HEADER_LENGTH = 46;
const FIRST_OBJECT_TABLE = 0x2000;
const OBJECT_LENGTH = 18;
const REPLAY_LOG_LENGTH = 34;

const OBJECT = { objectTable: 1, keyTable: 2, file: 3 } as const;

// A table of 4 KiB has 227 entries, and a machine uses some ten.
const MAX_OBJECTS = 100_000;

/** A stretch of the file, in bytes. */
export interface Stretch {
  offset: number;
  length: number;
}

export interface Container {
  bytes: Bytes;
  keyTables: Stretch[];
  /** Values that are too long for a key table lie in files of their own. */
  files: Stretch[];
  /** Changes that Hyper-V had logged and not yet made when the file was copied. */
  pendingChanges: number;
}

export function isVmcx(content: Buffer): boolean {
  return content.length >= 4 && content.readUInt32LE(0) === SIGNATURE;
}

/** @throws source.invalid with the offset of what is wrong. */
export function openContainer(content: Buffer, file: string): Container {
  const bytes = new Bytes(content, file);
  const header = currentHeader(bytes);
  const version = header.readUInt32LE(10);
  if (version !== VERSION) throw bytes.wrong(10, `unknown version 0x${version.toString(16)} of the format`);
  const container: Container = {
    bytes,
    keyTables: [],
    files: [],
    pendingChanges: pendingChanges(bytes, header.readBigUInt64LE(26)),
  };
  readObjects(container);
  let total = 0;
  for (const { offset, length } of [...container.keyTables, ...container.files]) {
    total += length;
    if (total > bytes.length) throw bytes.wrong(offset, 'objects that lie on top of each other');
  }
  return container;
}

/** Hyper-V writes the two in turn, so a crash can spoil one of them. */
function currentHeader(bytes: Bytes): Buffer {
  const valid = HEADERS.filter((offset) => offset + HEADER_LENGTH <= bytes.length)
    .map((offset) => bytes.slice(offset, HEADER_LENGTH, 'the header'))
    .filter((header) => header.readUInt32LE(0) === SIGNATURE && sumHolds(header, 4));
  const [first, second] = valid;
  if (!first) throw bytes.wrong(0, 'neither of the two headers is whole');
  return second && isLater(second.readUInt16LE(8), first.readUInt16LE(8)) ? second : first;
}

function pendingChanges(bytes: Bytes, at: bigint): number {
  const offset = placeOf(at);
  if (offset === undefined) throw bytes.wrong(26, 'the replay log lies beyond the end of the file');
  const log = bytes.checked(offset, REPLAY_LOG_LENGTH, 4, 'the replay log');
  if (log.readUInt32LE(0) !== REPLAY_LOG_SIGNATURE) throw bytes.wrong(offset, 'this is no replay log');
  return log.readUInt32LE(8);
}

function readObjects(container: Container): void {
  const { bytes } = container;
  const tables = [FIRST_OBJECT_TABLE];
  const seen = new Set(tables);
  let count = 0;
  for (let table = tables.shift(); table !== undefined; table = tables.shift()) {
    const head = bytes.slice(table, 8, 'an object table');
    if (head.readUInt32LE(0) !== OBJECT_TABLE_SIGNATURE) throw bytes.wrong(table, 'this is no object table');
    const entries = head.readUInt32LE(4);
    count += entries;
    if (count > MAX_OBJECTS) throw bytes.wrong(table, `more than ${MAX_OBJECTS} objects`);
    for (let index = 0; index < entries; index++) {
      const at = table + 8 + index * OBJECT_LENGTH;
      const entry = bytes.checked(at, OBJECT_LENGTH, 1, 'an entry of the object table');
      if (entry.readUInt8(17) === 0) continue;
      const kind = entry.readUInt8(0);
      if (kind === OBJECT.objectTable) {
        const next = stretchOf(bytes, at, entry).offset;
        if (seen.has(next)) throw bytes.wrong(at, 'object tables lead in a circle');
        seen.add(next);
        tables.push(next);
      } else if (kind === OBJECT.keyTable) container.keyTables.push(stretchOf(bytes, at, entry));
      else if (kind === OBJECT.file) container.files.push(stretchOf(bytes, at, entry));
    }
  }
}

function stretchOf(bytes: Bytes, at: number, entry: Buffer): Stretch {
  const offset = placeOf(entry.readBigUInt64LE(5));
  const length = entry.readUInt32LE(13);
  if (offset === undefined || offset + length > bytes.length) {
    throw bytes.wrong(at, 'an object lies beyond the end of the file');
  }
  return { offset, length };
}
