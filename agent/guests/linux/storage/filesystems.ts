/**
 * Every place where a file system, a swap area or a volume lies. libguestfs' `list-filesystems` says it too: it took
 * 10 s under emulation for three partitions and two volumes, this a tenth of that.
 */
import type { GuestSession } from '../../guest.ts';
import { namesOfArray, readArray, type RaidArray } from './arrays.ts';
import { aliasOf, mapperName } from './devices.ts';

export interface Filesystem {
  /** In the appliance. */
  device: string;
  /** As blkid(8) names it; "unknown" where nothing is. */
  type: string;
  uuid: string | undefined;
  /** Names that do not depend on hardware. */
  aliases: readonly string[];
  /** GPT's type of the partition, in lower case. */
  partitionType: string | undefined;
  /** Where it is a RAID array. */
  array?: RaidArray;
}

// A guest with more has no need of them to start: each takes a call.
const MAX_DEVICES = 256;

export async function listFilesystems(session: GuestSession): Promise<Filesystem[]> {
  const partitions = await session.lines('list-partitions');
  const partitioned = new Set(partitions.map((name) => name.replace(/\d+$/, '')));
  const disks = (await session.disks()).filter((name) => !partitioned.has(name));
  const found = await probeAll(session, [...partitions, ...disks]);
  if (found.some(({ type }) => type === 'linux_raid_member'))
    found.push(...(await probeAll(session, await session.lines('list-md-devices'))));
  const opened = await openEncrypted(session, found);
  found.push(...opened);
  // Volumes on what has just been opened are not seen by themselves.
  if (opened.some(({ type }) => type === 'LVM2_member')) await session.call('lvm-scan', 'activate:true');
  if (!found.some(({ type }) => type === 'LVM2_member')) return found;
  const volumes = await probeAll(session, await session.lines('lvs'));
  return [...found, ...volumes, ...(await openEncrypted(session, volumes))];
}

// What cryptsetup writes; a header may hold anything in its place.
const LUKS_UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function openEncrypted(session: GuestSession, found: readonly Filesystem[]): Promise<Filesystem[]> {
  const opened: string[] = [];
  for (const { device, type, uuid } of found) {
    if (type !== 'crypto_LUKS' || uuid === undefined || !LUKS_UUID.test(uuid)) continue;
    const name = `luks-${uuid}`;
    if (await session.unlock(device, name)) opened.push(`/dev/mapper/${name}`);
  }
  return probeAll(session, opened);
}

async function probeAll(session: GuestSession, devices: readonly string[]): Promise<Filesystem[]> {
  const found: Filesystem[] = [];
  for (const device of devices.slice(0, MAX_DEVICES)) found.push(await probe(session, device));
  return found;
}

async function probe(session: GuestSession, device: string): Promise<Filesystem> {
  const array = device.startsWith('/dev/md') ? await readArray(session, device) : undefined;
  const answer = await session.call('blkid', device).catch(() => '');
  const field = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(answer)?.[1];
  return {
    device,
    type: field('TYPE') ?? 'unknown',
    uuid: field('UUID'),
    aliases: [
      ...tag('LABEL', field('LABEL')),
      ...tag('PARTUUID', field('PART_ENTRY_UUID')),
      ...tag('PARTLABEL', field('PART_ENTRY_NAME')),
      ...(array ? namesOfArray(array) : volumeNames(device)),
    ],
    partitionType: field('PART_ENTRY_TYPE')?.toLowerCase(),
    ...(array && { array }),
  };
}

function tag(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [aliasOf(name, value)];
}

/** "/dev/vg/root" is "/dev/mapper/vg-root" too. */
function volumeNames(device: string): string[] {
  const volume = /^\/dev\/([^/]+)\/([^/]+)$/.exec(device);
  if (volume?.[1] === 'mapper') return [device];
  return volume ? [device, mapperName(volume[1] ?? '', volume[2] ?? '')] : [];
}
