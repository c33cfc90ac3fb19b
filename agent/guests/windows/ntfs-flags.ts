/**
 * Whether NTFS is marked for a check, which Windows then makes before it starts. Source: ntfs-3g, layout.h: the boot sector,
 * file records with their fixups, and the volume's information in the fourth record of the file table.
 */
import { AscendError } from '../../../proto/errors.ts';

type ReadAt = (offsetBytes: number, lengthBytes: number) => Promise<Buffer>;

const SECTOR = 512;
const VOLUME_RECORD = 3;
const VOLUME_INFORMATION = 0x70;
const END_OF_ATTRIBUTES = 0xffffffff;
const IS_DIRTY = 1;

/** False too where it cannot be told: what is no NTFS is not for this to refuse. */
export async function isMarkedForCheck(readAt: ReadAt): Promise<boolean> {
  try {
    const record = await volumeRecord(readAt);
    return record !== undefined && (flagsOf(record) & IS_DIRTY) !== 0;
  } catch (error) {
    if (error instanceof AscendError && error.code === 'guest.session-failed') return false;
    throw error;
  }
}

async function volumeRecord(readAt: ReadAt): Promise<Buffer | undefined> {
  const boot = await readAt(0, SECTOR);
  if (boot.length < SECTOR || boot.toString('latin1', 3, 7) !== 'NTFS') return undefined;
  const sectorBytes = boot.readUInt16LE(11);
  // Above 128, and for records below 0: a power of two.
  const inCluster = boot.readInt8(13);
  const clusterBytes = sectorBytes * (inCluster < 0 ? 2 ** -inCluster : inCluster);
  const inRecord = boot.readInt8(64);
  const recordBytes = inRecord < 0 ? 2 ** -inRecord : inRecord * clusterBytes;
  const at = Number(boot.readBigUInt64LE(48)) * clusterBytes + VOLUME_RECORD * recordBytes;
  if (recordBytes < SECTOR || recordBytes > 65_536 || !Number.isSafeInteger(at)) return undefined;
  const record = await readAt(at, recordBytes);
  return record.length === recordBytes && record.toString('latin1', 0, 4) === 'FILE'
    ? withoutFixups(record)
    : undefined;
}

/** The last two bytes of each sector lie in a list at the start of the record. */
function withoutFixups(record: Buffer): Buffer | undefined {
  const list = record.readUInt16LE(4);
  const sectors = record.readUInt16LE(6) - 1;
  if (sectors < 0 || sectors * SECTOR > record.length || list + 2 + sectors * 2 > record.length)
    return undefined;
  const whole = Buffer.from(record);
  for (let sector = 0; sector < sectors; sector++)
    record.copy(whole, (sector + 1) * SECTOR - 2, list + 2 + sector * 2, list + 4 + sector * 2);
  return whole;
}

function flagsOf(record: Buffer): number {
  // Of an attribute: its type, its length, whether it lies elsewhere, and where its value is.
  for (let at = record.readUInt16LE(20); at + 24 <= record.length;) {
    const type = record.readUInt32LE(at);
    const length = record.readUInt32LE(at + 4);
    if (type === END_OF_ATTRIBUTES || length < 24 || at + length > record.length) return 0;
    const value = at + record.readUInt16LE(at + 20);
    if (type === VOLUME_INFORMATION && record.readUInt8(at + 8) === 0)
      return value + 12 <= record.length ? record.readUInt16LE(value + 10) : 0;
    at += length;
  }
  return 0;
}
