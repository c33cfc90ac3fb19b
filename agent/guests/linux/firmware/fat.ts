/**
 * An empty FAT32, which UEFI wants on a disk's system partition. `mkfs.vfat` of the appliance makes FAT16 of anything
 * below 512 MB. Source: Microsoft, "FAT32 File System Specification" 1.03; UEFI specification 2.10, section 13.3.
 */
import { SECTOR } from './partition-table.ts';

const RESERVED_SECTORS = 32;
const FATS = 2;
/** With fewer clusters it would be FAT16, whatever it says of itself. */
const MIN_CLUSTERS = 65_525;
const ROOT_CLUSTER = 2;
/** One sector a cluster: 34 MiB are the least, and the most that it is made for here. */
const SECTORS_PER_CLUSTER = 1;
export const MIN_FAT_SECTORS = 34 * 2048;
export const MAX_FAT_SECTORS = 128 * 2048;
const INFO_SECTOR = 1;
const BACKUP_SECTOR = 6;

/**
 * Its first sectors; what lies behind them does not count.
 * @param hiddenSectors before it on the disk
 */
export function emptyFat(sectors: number, hiddenSectors: number, volumeId: number): Buffer {
  const fatSectors = fatSectorsOf(sectors);
  const dataAt = RESERVED_SECTORS + FATS * fatSectors;
  const clusters = sectors - dataAt;
  if (clusters < MIN_CLUSTERS || sectors > MAX_FAT_SECTORS)
    throw new RangeError(`FAT32 of ${sectors} sectors`);
  const image = Buffer.alloc((dataAt + 1) * SECTOR);
  const boot = bootSector(sectors, hiddenSectors, fatSectors, volumeId);
  const information = informationSector(clusters - 1);
  for (const at of [0, BACKUP_SECTOR]) {
    boot.copy(image, at * SECTOR);
    information.copy(image, (at + INFO_SECTOR) * SECTOR);
  }
  for (let fat = 0; fat < FATS; fat += 1) {
    const at = (RESERVED_SECTORS + fat * fatSectors) * SECTOR;
    // The medium, a clean state, and the root folder's only cluster.
    [0x0ffffff8, 0x0fffffff, 0x0fffffff].forEach((entry, index) =>
      image.writeUInt32LE(entry, at + index * 4),
    );
  }
  return image;
}

/** As blkid(8) and fstab write it: "5A1D-B0A8". */
export function volumeName(volumeId: number): string {
  const hex = volumeId.toString(16).toUpperCase().padStart(8, '0');
  return `${hex.slice(0, 4)}-${hex.slice(4)}`;
}

/** An entry of four bytes for each cluster, and for two that are not there. */
function fatSectorsOf(sectors: number): number {
  const perFatSector = SECTOR / 4 + FATS;
  return Math.ceil((sectors - RESERVED_SECTORS + 2) / perFatSector) + 1;
}

function bootSector(sectors: number, hidden: number, fatSectors: number, volumeId: number): Buffer {
  const sector = Buffer.alloc(SECTOR);
  sector.write('eb5890', 0, 'hex');
  sector.write('MSDOS5.0', 3, 'latin1');
  sector.writeUInt16LE(SECTOR, 11);
  sector.writeUInt8(SECTORS_PER_CLUSTER, 13);
  sector.writeUInt16LE(RESERVED_SECTORS, 14);
  sector.writeUInt8(FATS, 16);
  sector.writeUInt8(0xf8, 21);
  // Tracks of 63 sectors under 255 heads: nobody asks, and fsck wants some.
  sector.writeUInt16LE(63, 24);
  sector.writeUInt16LE(255, 26);
  sector.writeUInt32LE(hidden, 28);
  sector.writeUInt32LE(sectors, 32);
  sector.writeUInt32LE(fatSectors, 36);
  sector.writeUInt32LE(ROOT_CLUSTER, 44);
  sector.writeUInt16LE(INFO_SECTOR, 48);
  sector.writeUInt16LE(BACKUP_SECTOR, 50);
  sector.writeUInt8(0x80, 64);
  sector.writeUInt8(0x29, 66);
  sector.writeUInt32LE(volumeId, 67);
  sector.write('NO NAME    FAT32   ', 71, 'latin1');
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

function informationSector(freeClusters: number): Buffer {
  const sector = Buffer.alloc(SECTOR);
  sector.writeUInt32LE(0x41615252, 0);
  sector.writeUInt32LE(0x61417272, 484);
  sector.writeUInt32LE(freeClusters, 488);
  sector.writeUInt32LE(ROOT_CLUSTER, 492);
  sector.writeUInt32LE(0xaa550000, 508);
  return sector;
}
