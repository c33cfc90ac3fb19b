/** How the disks of a guest begin, and which boot loader this host could give them. */
import type { GuestSession } from '../../guest.ts';
import { grubOnHost, type GrubPlatform } from './grub.ts';
import { SECTOR, TABLE_SECTORS, type DiskStart } from './partition-table.ts';

export interface DiskStarts {
  /** Whether a disk's first sector holds code. */
  startsByBios: boolean;
  /** The disk that the machine starts from, which is its first. */
  bootDisk: DiskStart | undefined;
  grub: ReadonlySet<GrubPlatform>;
}

// Of a sector of 512 bytes: the rest is the table of partitions.
const BOOT_CODE_BYTES = 440;
// A machine starts from one of its first disks.
const MAX_DISKS = 8;

export async function readDiskStarts(session: GuestSession): Promise<DiskStarts> {
  const devices = (await session.disks()).slice(0, MAX_DISKS);
  const disks: DiskStart[] = [];
  for (const device of devices) {
    const start = await session.readDevice(device, 0, TABLE_SECTORS * SECTOR);
    const sectors = Math.floor(Number(await session.call('blockdev-getsize64', device)) / SECTOR);
    disks.push({ device, sectors, start });
  }
  const startsByBios = disks.some(({ start }) =>
    start.subarray(0, BOOT_CODE_BYTES).some((byte) => byte !== 0),
  );
  return { startsByBios, bootDisk: disks[0], grub: await grubOnHost() };
}
