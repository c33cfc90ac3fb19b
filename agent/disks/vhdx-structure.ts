/**
 * How a VHDX file is laid out: headers, regions and metadata items. All numbers little-endian.
 * Source: [MS-VHDX] 2.2 (header section), 2.6 (metadata region).
 */
import { crc32c } from './crc32c.ts';
import type { DiskFile } from './disk-file.ts';
import { readGuid } from './guid.ts';

export interface VhdxHeader {
  sequence: bigint;
  dataWriteGuid: string;
  /** All zeros where the log is empty. */
  logGuid: string;
  /** One of the two headers cannot be read: normal after a crash while one was being written. */
  otherDamaged: boolean;
}

export interface VhdxRegion {
  offset: bigint;
  lengthBytes: number;
}

export interface VhdxRegions {
  /** Block allocation table: 8 bytes an entry. */
  table: VhdxRegion;
  metadata: VhdxRegion;
}

export const NO_GUID = '00000000-0000-0000-0000-000000000000';

const KIB = 1024;
const MIB = 1024n * 1024n;
const HEADERS = [64 * KIB, 128 * KIB] as const;
const REGION_TABLES = [192 * KIB, 256 * KIB] as const;
const HEADER_BYTES = 4 * KIB;
const TABLE_BYTES = 64 * KIB;
const MAX_REGIONS = 2047;
const MAX_ITEMS = 2047;
const REGION = {
  table: '2dc27766-f623-4200-9d64-115e9bfd4a08',
  metadata: '8b7ca206-4790-4b9a-b8fe-575f050f886e',
} as const;

export function isVhdx(head: Buffer): boolean {
  return head.toString('latin1', 0, 8) === 'vhdxfile';
}

/** The newer of the two headers that is whole. @throws disk.invalid */
export async function readVhdxHeader(file: DiskFile): Promise<VhdxHeader> {
  const found: { bytes: Buffer; sequence: bigint }[] = [];
  for (const offset of HEADERS) {
    const bytes = await file.read(offset, HEADER_BYTES, 'a header');
    if (isWhole(bytes, 'head') && bytes.readUInt16LE(66) === 1)
      found.push({ bytes, sequence: bytes.readBigUInt64LE(8) });
  }
  const [newest, other] = found.sort((a, b) => (a.sequence > b.sequence ? -1 : 1));
  if (!newest) throw file.wrong(HEADERS[0], 'neither of the two headers is whole');
  // Disk2vhd writes the same header twice.
  if (other?.sequence === newest.sequence && !other.bytes.equals(newest.bytes))
    throw file.wrong(HEADERS[0], 'two different headers have one sequence number');
  return {
    sequence: newest.sequence,
    dataWriteGuid: readGuid(newest.bytes, 32),
    logGuid: readGuid(newest.bytes, 48),
    otherDamaged: other === undefined,
  };
}

/** @throws disk.invalid */
export async function readVhdxRegions(file: DiskFile): Promise<VhdxRegions> {
  const { bytes, at } = await readRegionTable(file);
  const count = bytes.readUInt32LE(8);
  if (count > MAX_REGIONS) throw file.wrong(at + 8, `${count} regions are too many`);
  const found = new Map<string, VhdxRegion>();
  for (let entry = 16; entry < 16 + count * 32; entry += 32) {
    const guid = readGuid(bytes, entry);
    const known = guid === REGION.table || guid === REGION.metadata;
    const required = (bytes.readUInt32LE(entry + 28) & 1) === 1;
    if (!known && required) throw file.wrong(at + entry, `a required region ${guid} is not known`);
    if (found.has(guid)) throw file.wrong(at + entry, `region ${guid} is there twice`);
    const offset = bytes.readBigUInt64LE(entry + 16);
    const lengthBytes = bytes.readUInt32LE(entry + 24);
    if (offset < MIB || offset % MIB !== 0n)
      throw file.wrong(at + entry + 16, `a region lies at ${offset}, where none can begin`);
    file.holds(offset, BigInt(lengthBytes), at + entry + 16, `region ${guid}`);
    found.set(guid, { offset, lengthBytes });
  }
  const table = found.get(REGION.table);
  const metadata = found.get(REGION.metadata);
  if (!table) throw file.wrong(at, 'there is no block allocation table');
  if (!metadata) throw file.wrong(at, 'there is no metadata region');
  return { table, metadata };
}

async function readRegionTable(file: DiskFile): Promise<{ bytes: Buffer; at: number }> {
  for (const at of REGION_TABLES) {
    const bytes = await file.read(at, TABLE_BYTES, 'a region table');
    if (isWhole(bytes, 'regi')) return { bytes, at };
  }
  throw file.wrong(REGION_TABLES[0], 'neither of the two region tables is whole');
}

/** Items of the metadata by GUID, each read when it is asked for. */
export interface VhdxItems {
  /** @throws disk.invalid where it is missing, or has fewer bytes than that. */
  read(guid: string, atLeastBytes: number, what: string): Promise<Buffer>;
}

/** @throws disk.invalid; `known`: GUIDs of the items that can be read: an unknown one may be required. */
export async function openVhdxItems(
  file: DiskFile,
  { offset, lengthBytes }: VhdxRegion,
  known: ReadonlySet<string>,
): Promise<VhdxItems> {
  const at = Number(offset);
  const bytes = await file.read(offset, TABLE_BYTES, 'the metadata table');
  if (bytes.toString('latin1', 0, 8) !== 'metadata') throw file.wrong(at, 'not a metadata table');
  const count = bytes.readUInt16LE(10);
  if (count > MAX_ITEMS) throw file.wrong(at + 10, `${count} metadata items are too many`);
  const items = new Map<string, { offset: number; lengthBytes: number }>();
  for (let entry = 32; entry < 32 + count * 32; entry += 32) {
    const guid = readGuid(bytes, entry);
    const required = (bytes.readUInt32LE(entry + 24) & 4) === 4;
    if (required && !known.has(guid))
      throw file.wrong(at + entry, `a required metadata item ${guid} is not known`);
    if (items.has(guid)) throw file.wrong(at + entry, `metadata item ${guid} is there twice`);
    const item = { offset: bytes.readUInt32LE(entry + 16), lengthBytes: bytes.readUInt32LE(entry + 20) };
    if (item.offset + item.lengthBytes > lengthBytes)
      throw file.wrong(at + entry + 16, `metadata item ${guid} lies outside its region`);
    items.set(guid, item);
  }
  return {
    async read(guid, atLeastBytes, what) {
      const item = items.get(guid);
      if (!item) throw file.wrong(at, `${what} is missing`);
      if (item.lengthBytes < atLeastBytes) throw file.wrong(at + item.offset, `${what} is too short`);
      return file.read(at + item.offset, item.lengthBytes, what);
    },
  };
}

/** By its signature and its CRC-32C, which is taken with the checksum's own four bytes as zeros. */
function isWhole(bytes: Buffer, signature: string): boolean {
  if (bytes.toString('latin1', 0, 4) !== signature) return false;
  const zeroed = Buffer.from(bytes);
  zeroed.writeUInt32LE(0, 4);
  return crc32c(zeroed) === bytes.readUInt32LE(4);
}
