/**
 * Finds the root file system and mounts the guest as its own fstab says. libguestfs' `inspect-os` would do it too:
 * it took 7.4 s under emulation, this half a second.
 */
import type { GuestSession } from '../guest.ts';
import { deviceOf, type MountedRoot } from './devices.ts';
import { parseFstab, type FstabEntry } from './fstab.ts';

// A file system of these types is never a root, and some cannot be mounted.
const NEVER_ROOT = new Set([
  'swap',
  'unknown',
  'iso9660',
  'vfat',
  'LVM2_member',
  'crypto_LUKS',
  'linux_raid_member',
]);

interface Filesystem {
  device: string;
  type: string;
}

/** Undefined where no file system looks like a Linux root. */
export async function mountRoot(session: GuestSession): Promise<MountedRoot | undefined> {
  // list-filesystems looks for LVM, RAID and btrfs subvolumes too, and takes 2.5 s for it; most roots are partitions.
  const partitions = await listPartitions(session);
  return (await mountAmong(session, partitions)) ?? mountAmong(session, await listFilesystems(session));
}

async function mountAmong(
  session: GuestSession,
  found: readonly Filesystem[],
): Promise<MountedRoot | undefined> {
  for (const { device, type } of found) {
    if (NEVER_ROOT.has(type) || !(await looksLikeRoot(session, device))) continue;
    await session.call('mount', device, '/');
    const devices = found.map((filesystem) => filesystem.device);
    const uuids = await readUuids(session, devices);
    const fstab = parseFstab((await session.readText('/etc/fstab')) ?? '');
    await mountOthers(session, fstab, uuids);
    return { device, spec: fstab.find(({ mountPoint }) => mountPoint === '/')?.spec, uuids };
  }
  return undefined;
}

async function looksLikeRoot(session: GuestSession, device: string): Promise<boolean> {
  try {
    // noload: a journal that was not closed is left for the mount that writes.
    await session
      .call('mount-options', 'ro,noload', device, '/')
      .catch(() => session.call('mount-ro', device, '/'));
  } catch {
    // Not a file system that this appliance knows: whether another one is the root is still open.
    return false;
  }
  const isRoot =
    (await session.test('is-file', '/etc/fstab')) && (await session.test('is-file', '/etc/os-release'));
  await session.call('umount-all');
  return isRoot;
}

async function listPartitions(session: GuestSession): Promise<Filesystem[]> {
  const found: Filesystem[] = [];
  for (const device of await session.lines('list-partitions')) {
    found.push({ device, type: await session.call('vfs-type', device).catch(() => 'unknown') });
  }
  return found;
}

async function listFilesystems(session: GuestSession): Promise<Filesystem[]> {
  // "/dev/sda1: ext4"
  return (await session.lines('list-filesystems')).map((line) => {
    const colon = line.lastIndexOf(': ');
    return { device: line.slice(0, colon), type: line.slice(colon + 2) };
  });
}

async function readUuids(session: GuestSession, devices: readonly string[]): Promise<Map<string, string>> {
  const uuids = new Map<string, string>();
  for (const device of devices) {
    const uuid = await session.call('vfs-uuid', device).catch(() => '');
    if (uuid !== '') uuids.set(device, uuid);
  }
  return uuids;
}

// Nothing that decides how a machine boots lies elsewhere.
const BOOT_MOUNTS = new Set(['/boot', '/boot/efi', '/usr', '/var']);

async function mountOthers(
  session: GuestSession,
  fstab: readonly FstabEntry[],
  uuids: ReadonlyMap<string, string>,
): Promise<void> {
  const wanted = fstab.filter((entry) => BOOT_MOUNTS.has(entry.mountPoint));
  // Parents before what is mounted in them.
  wanted.sort((a, b) => a.mountPoint.length - b.mountPoint.length);
  for (const { spec, mountPoint } of wanted) {
    const device = deviceOf(spec, uuids);
    if (device !== undefined) await session.call('mount', device, mountPoint);
  }
}
