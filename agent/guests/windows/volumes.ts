/** What is on the disks, as far as Windows is concerned; nothing is mounted. */
import type { GuestSession } from '../guest.ts';

export interface Volume {
  /** libguestfs' name of the partition. */
  device: string;
  /** 0 for the first disk of the machine. */
  disk: number;
  kind: 'ntfs' | 'fat' | 'bitlocker' | 'ldm' | 'other';
}

// Source: "BitLocker Drive Encryption (BDE) format specification" (libbde), "Volume header".
const BITLOCKER_SIGNATURE = '-FVE-FS-';

// Of partitions of dynamic disks. Source: Microsoft Learn, PARTITION_INFORMATION_MBR and PARTITION_INFORMATION_GPT.
const LDM_MBR_TYPE = 0x42;
const LDM_GPT_TYPES = new Set([
  '5808C8AA-7E8F-42E0-85D2-E1E90434CFB3',
  'AF9B60A0-1431-4F62-BC68-3311714A69AD',
]);

export async function listVolumes(session: GuestSession): Promise<Volume[]> {
  const disks = await session.disks();
  const volumes: Volume[] = [];
  for (const device of await session.lines('list-partitions')) {
    const parent = await session.call('part-to-dev', device);
    volumes.push({ device, disk: disks.indexOf(parent), kind: await kindOf(session, device, parent) });
  }
  return volumes;
}

async function kindOf(session: GuestSession, device: string, disk: string): Promise<Volume['kind']> {
  const type = await session.call('vfs-type', device).catch(() => '');
  if (type === 'vfat') return 'fat';
  // Only what looks like Windows' is asked further: most partitions are not.
  if (type !== 'ntfs' && type !== '' && type !== 'BitLocker') return 'other';
  if ((await session.call('pread-device', device, '8', '3').catch(() => '')) === BITLOCKER_SIGNATURE)
    return 'bitlocker';
  if (await isDynamic(session, device, disk)) return 'ldm';
  return type === 'ntfs' ? 'ntfs' : 'other';
}

async function isDynamic(session: GuestSession, device: string, disk: string): Promise<boolean> {
  const number = await session.call('part-to-partnum', device);
  const table = await session.call('part-get-parttype', disk).catch(() => '');
  if (table === 'gpt') return LDM_GPT_TYPES.has(await session.call('part-get-gpt-type', disk, number));
  // "0x42"
  return table === 'msdos' && Number(await session.call('part-get-mbr-id', disk, number)) === LDM_MBR_TYPE;
}
