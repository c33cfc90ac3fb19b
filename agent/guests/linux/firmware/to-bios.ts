/** From UEFI to BIOS: GRUB in the first sector of the boot disk and in a place of its own, reading the menu that is there. */
import { info } from '../../../../proto/finding.ts';
import type { FixPlan } from '../../fix.ts';
import type { FirmwareChange } from './changes.ts';
import { BIOS_IMAGE_SECTORS } from './grub.ts';
import {
  BIOS_BOOT,
  freeExtents,
  readTable,
  tableWith,
  type DiskStart,
  type Extent,
  type PartitionTable,
} from './partition-table.ts';
import { findMenu, type ConversionFacts } from './to-uefi.ts';

/** Why not, in words, where it cannot be done. */
export function toBios(facts: ConversionFacts): FixPlan | string {
  const menu = findMenu(facts, 'i386-pc');
  if (typeof menu === 'string') return menu;
  const { bootDisk: disk } = facts.firmware;
  if (disk === undefined) return 'the machine has no disk';
  const table = readTable(disk);
  if (typeof table === 'string') return table;
  const place = table.kind === 'mbr' ? gapOf(disk, table) : bootPartition(disk, table);
  if (typeof place === 'string') return place;
  const { at, changes, where } = place;
  return {
    fixes: [
      {
        name: 'linux.to-bios',
        summary: `Make it start by BIOS: GRUB in the first sector of the boot disk and in ${where}, which reads the menu of ${menu.folder}.`,
        changes: [
          ...changes,
          { kind: 'grub-modules', path: `${menu.folder}/i386-pc`, platform: 'i386-pc' },
          { kind: 'grub-boot-sectors', path: disk.device, menu, at },
        ],
      },
    ],
    findings: [
      info(
        'guest.firmware-changed',
        facts.name,
        `It started by UEFI; the copy starts by BIOS, with GRUB in ${where}. Its package manager does not know of that boot loader.`,
        'On the restored machine install its own GRUB for BIOS (Debian and Ubuntu: apt-get install grub-pc), so that updates reach it.',
      ),
    ],
  };
}

interface Place {
  at: Extent;
  changes: FirmwareChange[];
  where: string;
}

/** Behind MBR's sector, where no partition has ever begun. */
function gapOf({ device }: DiskStart, table: PartitionTable): Place | string {
  const [gap] = freeExtents(table);
  if (gap?.firstSector !== 1 || !isRoom(gap))
    return `in front of the first partition of ${device} is no room for GRUB (${BIOS_IMAGE_SECTORS} sectors)`;
  return { at: gap, changes: [], where: 'the gap behind it' };
}

/** The one that is there, or a new one. GPT has no gap: what lies there is said in the table. */
function bootPartition(disk: DiskStart, table: PartitionTable): Place | string {
  const there = table.partitions.find((each) => each.type === BIOS_BOOT.gpt && isRoom(each));
  if (there) return { at: there, changes: [], where: 'its BIOS boot partition' };
  const number = table.freeNumber;
  if (number === undefined) return `the table of partitions of ${disk.device} is full`;
  const free = freeExtents(table).find(isRoom);
  if (free === undefined)
    return `${disk.device} has no ${BIOS_IMAGE_SECTORS} sectors without a partition for GRUB`;
  const { firstSector } = free;
  // In front of the first partition all of it: nothing else can use it.
  const isFront = table.partitions.every((each) => each.firstSector > firstSector);
  const lastSector = isFront
    ? Math.min(free.lastSector, 2047)
    : Math.min(free.lastSector, firstSector + 2047);
  const at = { firstSector, lastSector };
  const writes = tableWith(disk, table, { number, type: BIOS_BOOT, ...at });
  const change = { kind: 'partition' as const, path: disk.device, number, device: undefined, ...at, writes };
  return { at, changes: [change], where: 'a new BIOS boot partition' };
}

function isRoom({ firstSector, lastSector }: Extent): boolean {
  return lastSector - firstSector + 1 >= BIOS_IMAGE_SECTORS;
}
