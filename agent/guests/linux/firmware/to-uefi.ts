/** From BIOS to UEFI: an EFI system partition in free space of the boot disk, with GRUB, which reads the menu that is there. */
import { crc32 } from 'node:zlib';
import { info } from '../../../../proto/finding.ts';
import type { FixPlan } from '../../fix.ts';
import { parseFstab } from '../storage/fstab.ts';
import type { KernelFacts } from '../boot/kernels.ts';
import type { FirmwareChange } from './changes.ts';
import { emptyFat, MAX_FAT_SECTORS, MIN_FAT_SECTORS, volumeName } from './fat.ts';
import { GRUB_PACKAGES, type GrubPlatform, type Menu } from './grub.ts';
import type { FirmwareFacts } from './loaders.ts';
import { readMenu, type MenuFacts } from './menu.ts';
import {
  EFI_SYSTEM,
  freeExtents,
  readTable,
  SECTOR,
  tableWith,
  type DiskStart,
  type Extent,
} from './partition-table.ts';

export interface ConversionFacts extends MenuFacts {
  firmware: FirmwareFacts;
  /** Newest first. */
  kernels: readonly Pick<KernelFacts, 'version' | 'startsByUefi'>[];
  /** Of the distribution, for people. */
  name: string;
}

/** GRUB's modules take 3 MB in 280 files. */
const MODULES_BYTES = 8n * 1024n * 1024n;
const MOUNT_POINT = '/boot/efi';
const MIB_SECTORS = 2048;

/** Why not, in words, where it cannot be done. */
export function toUefi(facts: ConversionFacts): FixPlan | string {
  const menu = findMenu(facts, 'x86_64-efi');
  if (typeof menu === 'string') return menu;
  const { firmware, kernels, fstab, name } = facts;
  const [newest] = kernels;
  if (!newest?.startsByUefi)
    return `kernel ${newest?.version ?? 'unknown'} is not built for UEFI on 64 bits, or does not say so in /boot/config`;
  if (parseFstab(fstab).some(({ mountPoint }) => mountPoint === MOUNT_POINT))
    return `/etc/fstab mounts something on ${MOUNT_POINT} that holds no boot loader`;
  const partition = newEsp(firmware.bootDisk);
  if (typeof partition === 'string') return partition;
  const { device, volumeId, changes, bytes } = partition;
  const volume = volumeName(volumeId);
  const line = `UUID=${volume}  ${MOUNT_POINT}  vfat  umask=0077,nofail  0  0`;
  const size = `${Math.floor(bytes / 1024 ** 2)} MiB`;
  return {
    fixes: [
      {
        name: 'linux.to-uefi',
        summary: `Make it start by UEFI: a new EFI system partition of ${size} in free space of the boot disk, with GRUB, which reads the menu of ${menu.folder}.`,
        changes: [
          ...changes,
          { kind: 'mount', path: MOUNT_POINT, device },
          { kind: 'grub-loader', path: `${MOUNT_POINT}/EFI/BOOT/BOOTX64.EFI`, menu },
          { kind: 'grub-modules', path: `${menu.folder}/x86_64-efi`, platform: 'x86_64-efi' },
          { kind: 'write', path: '/etc/fstab', content: `${fstab.replace(/\n*$/, '\n')}${line}\n` },
        ],
      },
    ],
    findings: [
      info(
        'guest.firmware-changed',
        name,
        `It started by BIOS; the copy starts by UEFI, from a new EFI system partition of ${size} (${volume}). Its package manager does not know of that boot loader, which is not signed for Secure Boot.`,
        'Leave Secure Boot off. On the restored machine install its own GRUB for UEFI (Debian and Ubuntu: apt-get install grub-efi-amd64), so that updates reach it.',
      ),
    ],
  };
}

/** What both ways need: the menu, GRUB on this host, and room for its modules. */
export function findMenu(facts: ConversionFacts, platform: GrubPlatform): Menu | string {
  const menu = readMenu(facts);
  if (typeof menu === 'string') return menu;
  const { grub, freeBytes } = facts.firmware;
  if (!grub.has(platform))
    return `this host has no GRUB to give it (apt-get install ${GRUB_PACKAGES[platform]})`;
  if (freeBytes < MODULES_BYTES)
    return `/boot has ${freeBytes} bytes left, and GRUB's modules may take ${MODULES_BYTES}`;
  return menu;
}

interface NewEsp {
  device: string;
  volumeId: number;
  bytes: number;
  changes: FirmwareChange[];
}

function newEsp(disk: DiskStart | undefined): NewEsp | string {
  if (disk === undefined) return 'the machine has no disk';
  const table = readTable(disk);
  if (typeof table === 'string') return table;
  const type = table.kind === 'gpt' ? EFI_SYSTEM.gpt : EFI_SYSTEM.mbr.toString(16);
  if (table.partitions.some((each) => each.type === type))
    return `${disk.device} has an EFI system partition already, without a boot loader that is known`;
  const number = table.freeNumber;
  if (number === undefined) return `the table of partitions of ${disk.device} is full`;
  const place = freeExtents(table).map(wholeMebibytes).find(isRoom);
  if (place === undefined)
    return `${disk.device} has no ${MIN_FAT_SECTORS / MIB_SECTORS} MiB without a partition for one that UEFI starts from`;
  const device = `${disk.device}${number}`;
  const sectors = place.lastSector - place.firstSector + 1;
  const volumeId = crc32(disk.start.subarray(0, SECTOR), place.firstSector);
  const writes = tableWith(disk, table, { number, type: EFI_SYSTEM, ...place });
  const content = emptyFat(sectors, place.firstSector, volumeId);
  return {
    device,
    volumeId,
    bytes: sectors * SECTOR,
    changes: [
      { kind: 'partition', path: disk.device, number, device, ...place, writes },
      { kind: 'device-bytes', path: device, offsetBytes: 0, content },
    ],
  };
}

/** The part of it that begins and ends with a MiB, and is no larger than is of use. */
function wholeMebibytes({ firstSector, lastSector }: Extent): Extent {
  const first = Math.ceil(firstSector / MIB_SECTORS) * MIB_SECTORS;
  const end = Math.floor((lastSector + 1) / MIB_SECTORS) * MIB_SECTORS;
  return { firstSector: first, lastSector: Math.min(end, first + MAX_FAT_SECTORS) - 1 };
}

function isRoom({ firstSector, lastSector }: Extent): boolean {
  return lastSector - firstSector + 1 >= MIN_FAT_SECTORS;
}
