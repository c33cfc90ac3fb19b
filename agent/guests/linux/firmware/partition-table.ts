/**
 * The table of partitions of a disk: read from its first sectors, and written with one partition more. The table is
 * hostile until it has been read: what contradicts itself is not written to.
 * Source: UEFI specification 2.10, sections 5.2 (MBR) and 5.3 (GPT).
 */
import { crc32 } from 'node:zlib';
import { readGuid } from '../../../disks/guid.ts';

export const SECTOR = 512;
/** MBR, GPT's header, and its 128 entries of 128 bytes. */
export const TABLE_SECTORS = 34;

/** A disk as a guest's table of partitions is read from it. */
export interface DiskStart {
  /** In the appliance, e.g. "/dev/sda". */
  device: string;
  /** Of 512 bytes. */
  sectors: number;
  /** The first 34 sectors; fewer on a smaller disk. */
  start: Buffer;
}

export interface Extent {
  firstSector: number;
  /** Part of it. */
  lastSector: number;
}

export interface Partition extends Extent {
  /** As the kernel counts: /dev/sda1 is 1. */
  number: number;
  /** GPT: a GUID in lower case; MBR: two hexadecimal digits. */
  type: string;
}

export interface PartitionTable {
  kind: 'gpt' | 'mbr';
  /** In the order of the table; of MBR the primary and extended ones. */
  partitions: readonly Partition[];
  /** The number that the next partition gets; undefined where there is no room in the table. */
  freeNumber: number | undefined;
  /** Where partitions may lie. */
  usable: Extent;
}

export interface NewPartition extends Extent {
  number: number;
  type: PartitionType;
}

export interface PartitionType {
  gpt: string;
  mbr: number;
  name: string;
}

export const EFI_SYSTEM: PartitionType = {
  gpt: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
  mbr: 0xef,
  name: 'EFI system partition',
};

/** Source: GRUB manual 2.06, section 3.4 "BIOS installation". MBR has the gap behind itself instead. */
export const BIOS_BOOT: PartitionType = {
  gpt: '21686148-6449-6e6f-744e-656564454649',
  mbr: 0,
  name: 'BIOS boot partition',
};

/** Bytes of the disk that are to be replaced. */
export interface DiskWrite {
  offsetBytes: number;
  content: Buffer;
}

const SIGNATURE_AT = 510;
const SLOTS_AT = 446;
const SLOT_BYTES = 16;
const PROTECTIVE = 0xee;
// Sectors are counted in 32 bits there.
const MBR_SECTORS = 2 ** 32;
/** The end of a disk holds what RAID controllers and Windows' dynamic disks write there: MBR says nothing of it. */
const MBR_TAIL_SECTORS = 2048;

/** Why not, in words, where there is no table that can be trusted. */
export function readTable(disk: DiskStart): PartitionTable | string {
  const { device, start } = disk;
  if (start.length < TABLE_SECTORS * SECTOR) return `${device} is too small`;
  if (start.readUInt16LE(SIGNATURE_AT) !== 0xaa55) return `${device} has no table of partitions`;
  const slots = [0, 1, 2, 3].map((index) => readSlot(start, index));
  return slots.some(({ type }) => type === PROTECTIVE) ? readGpt(disk) : readMbr(disk, slots);
}

interface Slot {
  type: number;
  first: number;
  count: number;
}

function readSlot(start: Buffer, index: number): Slot {
  const at = SLOTS_AT + index * SLOT_BYTES;
  return {
    type: start.readUInt8(at + 4),
    first: start.readUInt32LE(at + 8),
    count: start.readUInt32LE(at + 12),
  };
}

function readMbr({ device, sectors }: DiskStart, slots: readonly Slot[]): PartitionTable | string {
  const partitions = slots.flatMap(({ type, first, count }, index) =>
    type === 0 || count === 0
      ? []
      : [
          {
            number: index + 1,
            type: type.toString(16).padStart(2, '0'),
            firstSector: first,
            lastSector: first + count - 1,
          },
        ],
  );
  const usable = { firstSector: 1, lastSector: Math.min(sectors, MBR_SECTORS) - 1 - MBR_TAIL_SECTORS };
  const taken = partitions.map(({ number }) => number);
  const freeNumber = [1, 2, 3, 4].find((number) => !taken.includes(number));
  return contradiction(device, partitions, sectors) ?? { kind: 'mbr', partitions, freeNumber, usable };
}

// Offsets in GPT's header. Source: UEFI specification 2.10, table 5-5.
const HEADER = {
  bytes: 12,
  crc: 16,
  own: 24,
  alternate: 32,
  firstUsable: 40,
  lastUsable: 48,
  disk: 56,
  entries: 72,
  count: 80,
  entryBytes: 84,
  entriesCrc: 88,
} as const;
const HEADER_BYTES = 92;
const ENTRY_BYTES = 128;
const ENTRIES = 128;
const ENTRIES_AT = 2 * SECTOR;
const ENTRIES_SECTORS = (ENTRIES * ENTRY_BYTES) / SECTOR;
const UNUSED = '00000000-0000-0000-0000-000000000000';

function readGpt({ device, sectors, start }: DiskStart): PartitionTable | string {
  const header = start.subarray(SECTOR, SECTOR + HEADER_BYTES);
  const entries = start.subarray(ENTRIES_AT, ENTRIES_AT + ENTRIES * ENTRY_BYTES);
  if (header.toString('latin1', 0, 8) !== 'EFI PART')
    return `the GPT of ${device} is not in sectors of 512 bytes`;
  const isUsual =
    header.readUInt32LE(HEADER.bytes) === HEADER_BYTES &&
    header.readBigUInt64LE(HEADER.entries) === 2n &&
    header.readUInt32LE(HEADER.count) === ENTRIES &&
    header.readUInt32LE(HEADER.entryBytes) === ENTRY_BYTES;
  if (!isUsual) return `the GPT of ${device} is laid out in an unusual way`;
  if (header.readUInt32LE(HEADER.crc) !== headerCrc(header)) return `the GPT of ${device} is damaged`;
  if (header.readUInt32LE(HEADER.entriesCrc) !== crc32(entries)) return `the GPT of ${device} is damaged`;
  const all = Array.from({ length: ENTRIES }, (_none, index) => readEntry(entries, index));
  const partitions = all.filter(({ type }) => type !== UNUSED);
  const freeNumber = all.find(({ type }) => type === UNUSED)?.number;
  // The header's own bounds are what its maker chose: sfdisk leaves a MiB for boot loaders, and a disk that has grown
  // since has its old end in it.
  const usable = { firstSector: TABLE_SECTORS, lastSector: sectors - 2 - ENTRIES_SECTORS };
  return contradiction(device, partitions, sectors) ?? { kind: 'gpt', partitions, freeNumber, usable };
}

function readEntry(entries: Buffer, index: number): Partition {
  const at = index * ENTRY_BYTES;
  return {
    number: index + 1,
    type: readGuid(entries, at),
    firstSector: Number(entries.readBigUInt64LE(at + 32)),
    lastSector: Number(entries.readBigUInt64LE(at + 40)),
  };
}

function contradiction(
  device: string,
  partitions: readonly Partition[],
  sectors: number,
): string | undefined {
  const sorted = partitions.toSorted((a, b) => a.firstSector - b.firstSector);
  const wrong = sorted.find(
    ({ firstSector, lastSector }, index) =>
      firstSector > lastSector ||
      firstSector <= (sorted[index - 1]?.lastSector ?? 0) ||
      lastSector >= sectors,
  );
  return wrong && `partition ${wrong.number} of ${device} overlaps another or the end of the disk`;
}

/** Where no partition lies, in the order of the disk. */
export function freeExtents({ partitions, usable }: PartitionTable): Extent[] {
  const found: Extent[] = [];
  let { firstSector } = usable;
  for (const next of partitions.toSorted((a, b) => a.firstSector - b.firstSector)) {
    if (next.firstSector > firstSector) found.push({ firstSector, lastSector: next.firstSector - 1 });
    firstSector = Math.max(firstSector, next.lastSector + 1);
  }
  found.push({ firstSector, lastSector: usable.lastSector });
  return found.filter((extent) => extent.lastSector >= extent.firstSector);
}

/** What adding it changes on the disk. The table is one that `readTable` has read. */
export function tableWith(disk: DiskStart, { kind }: PartitionTable, partition: NewPartition): DiskWrite[] {
  return kind === 'gpt' ? gptWith(disk, partition) : [mbrWith(partition)];
}

function mbrWith({ number, type, firstSector, lastSector }: NewPartition): DiskWrite {
  const slot = Buffer.alloc(SLOT_BYTES);
  // Cylinders and heads are not used above 8 GB, nor by anything that starts this machine.
  slot.write('feffff', 1, 'hex');
  slot.writeUInt8(type.mbr, 4);
  slot.write('feffff', 5, 'hex');
  slot.writeUInt32LE(firstSector, 8);
  slot.writeUInt32LE(lastSector - firstSector + 1, 12);
  return { offsetBytes: SLOTS_AT + (number - 1) * SLOT_BYTES, content: slot };
}

/** Both copies of header and entries; the second one at the end that the disk has now. */
function gptWith({ sectors, start }: DiskStart, partition: NewPartition): DiskWrite[] {
  const entries = Buffer.from(start.subarray(ENTRIES_AT, ENTRIES_AT + ENTRIES * ENTRY_BYTES));
  const header = Buffer.from(start.subarray(SECTOR, 2 * SECTOR));
  const guid = partitionGuid(header, partition.number);
  entryOf(partition, guid).copy(entries, (partition.number - 1) * ENTRY_BYTES);
  const last = sectors - 1;
  const firstUsable = Math.min(Number(header.readBigUInt64LE(HEADER.firstUsable)), partition.firstSector);
  header.writeBigUInt64LE(BigInt(firstUsable), HEADER.firstUsable);
  header.writeBigUInt64LE(BigInt(last - 1 - ENTRIES_SECTORS), HEADER.lastUsable);
  header.writeUInt32LE(crc32(entries), HEADER.entriesCrc);
  const copyAt = (own: number, other: number, entriesAt: number) => {
    const copy = Buffer.from(header);
    copy.writeBigUInt64LE(BigInt(own), HEADER.own);
    copy.writeBigUInt64LE(BigInt(other), HEADER.alternate);
    copy.writeBigUInt64LE(BigInt(entriesAt), HEADER.entries);
    copy.writeUInt32LE(headerCrc(copy), HEADER.crc);
    return copy;
  };
  return [
    { offsetBytes: (last - ENTRIES_SECTORS) * SECTOR, content: entries },
    { offsetBytes: last * SECTOR, content: copyAt(last, 1, last - ENTRIES_SECTORS) },
    { offsetBytes: ENTRIES_AT, content: entries },
    { offsetBytes: SECTOR, content: copyAt(1, last, 2) },
  ];
}

function entryOf({ type, firstSector, lastSector }: NewPartition, guid: Buffer): Buffer {
  const entry = Buffer.alloc(ENTRY_BYTES);
  writeGuid(entry, type.gpt);
  guid.copy(entry, 16);
  entry.writeBigUInt64LE(BigInt(firstSector), 32);
  entry.writeBigUInt64LE(BigInt(lastSector), 40);
  entry.write(type.name, 56, 'utf16le');
  return entry;
}

/** Of its own, and the same each time: after the disk's GUID. */
function partitionGuid(header: Buffer, number: number): Buffer {
  const guid = Buffer.from(header.subarray(HEADER.disk, HEADER.disk + 16));
  guid.writeUInt32LE((guid.readUInt32LE(0) ^ crc32(guid, number)) >>> 0, 0);
  return guid;
}

/** As `readGuid` reads it. */
function writeGuid(into: Buffer, guid: string): void {
  const plain = Buffer.from(guid.replaceAll('-', ''), 'hex');
  into.writeUInt32LE(plain.readUInt32BE(0), 0);
  into.writeUInt16LE(plain.readUInt16BE(4), 4);
  into.writeUInt16LE(plain.readUInt16BE(6), 6);
  plain.copy(into, 8, 8);
}

function headerCrc(header: Buffer): number {
  const blank = Buffer.from(header.subarray(0, HEADER_BYTES));
  blank.writeUInt32LE(0, HEADER.crc);
  return crc32(blank);
}
