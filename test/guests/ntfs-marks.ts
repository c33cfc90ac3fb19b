/**
 * Leaves marks on an NTFS volume as Windows does: a log of changes that is not closed, a check that is due. Source: ntfs-3g,
 * layout.h and logfile.h. Written apart from the agent's own reader.
 */
import type { GuestSession } from '../../agent/guests/guest.ts';

const RECORD = { log: 2, volume: 3 } as const;
const PAGE = 4096;

interface FileRecord {
  /** Of the record, and of its copy in the mirror of the file table's first four. */
  offsets: number[];
  bytes: Buffer;
}

async function readRecord(session: GuestSession, device: string, number: number): Promise<FileRecord> {
  const boot = await session.readDevice(device, 0, 512);
  const clusterBytes = boot.readUInt16LE(11) * boot.readUInt8(13);
  const [offset = 0, mirrored = 0] = [48, 56].map(
    (at) => Number(boot.readBigUInt64LE(at)) * clusterBytes + number * 1024,
  );
  return { offsets: [offset, mirrored], bytes: await session.readDevice(device, offset, 1024) };
}

function attribute({ bytes }: FileRecord, type: number): number {
  let at = bytes.readUInt16LE(20);
  while (bytes.readUInt32LE(at) !== type) at += bytes.readUInt32LE(at + 4);
  return at;
}

/** As after "fsutil dirty set C:". */
export async function markForCheck(session: GuestSession, device: string): Promise<void> {
  const record = await readRecord(session, device, RECORD.volume);
  const information = attribute(record, 0x70);
  const flags = information + record.bytes.readUInt16LE(information + 20) + 10;
  for (const offset of record.offsets) await session.writeAt(device, Buffer.from([1]), offset + flags);
}

/** As after a power failure. */
export async function leaveLogOpen(session: GuestSession, device: string): Promise<void> {
  const boot = await session.readDevice(device, 0, 512);
  const clusterBytes = boot.readUInt16LE(11) * boot.readUInt8(13);
  const record = await readRecord(session, device, RECORD.log);
  const data = attribute(record, 0x80);
  const sizeBytes = record.bytes.readBigUInt64LE(data + 48);
  // The first run of clusters: how long its two numbers are, its length, where it starts.
  const run = data + record.bytes.readUInt16LE(data + 32);
  const [lengthBytes, startBytes] = [record.bytes.readUInt8(run) & 15, record.bytes.readUInt8(run) >> 4];
  const cluster = record.bytes.readUIntLE(run + 1 + lengthBytes, startBytes);
  const page = restartPage(sizeBytes);
  await session.writeAt(device, Buffer.concat([page, page]), cluster * clusterBytes);
}

/** With one client, whose changes are in the log alone. */
function restartPage(logBytes: bigint): Buffer {
  const page = Buffer.alloc(PAGE);
  const sectors = PAGE / 512;
  page.write('RSTR', 0, 'latin1');
  page.writeUInt16LE(30, 4);
  page.writeUInt16LE(sectors + 1, 6);
  page.writeUInt32LE(PAGE, 16);
  page.writeUInt32LE(PAGE, 20);
  page.writeUInt16LE(48, 24);
  page.writeInt16LE(1, 26);
  page.writeInt16LE(1, 28);
  const area = page.subarray(48);
  area.writeBigUInt64LE(0x1000n, 0);
  area.writeUInt16LE(1, 8);
  area.writeUInt16LE(0xffff, 10);
  area.writeUInt16LE(0, 12);
  // Flags: not closed.
  area.writeUInt16LE(0, 14);
  area.writeUInt32LE(67 - logBytes.toString(2).length, 16);
  area.writeUInt16LE(64 + 160, 20);
  area.writeUInt16LE(64, 22);
  area.writeBigInt64LE(logBytes, 24);
  area.writeUInt16LE(48, 36);
  area.writeUInt16LE(64, 38);
  const client = area.subarray(64);
  client.writeUInt16LE(0xffff, 16);
  client.writeUInt16LE(0xffff, 18);
  client.writeUInt32LE(8, 28);
  client.write('NTFS', 32, 'utf16le');
  // Every sector ends in a number, and what it hides is in the list behind the header: zeroes.
  page.writeUInt16LE(1, 30);
  for (let sector = 1; sector <= sectors; sector++) page.writeUInt16LE(1, sector * 512 - 2);
  return page;
}
