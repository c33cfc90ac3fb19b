/**
 * Finds the root file system and mounts the guest as its own fstab says. libguestfs' `inspect-os` would do it too:
 * it took 7.4 s under emulation, this half a second.
 */
import type { GuestSession } from '../../guest.ts';
import { readConfiguredArrays } from './arrays.ts';
import { deviceOf, type MountedRoot } from './devices.ts';
import { listFilesystems, type Filesystem } from './filesystems.ts';
import { parseFstab, type FstabEntry } from './fstab.ts';
import { RELEASE_FILES } from '../release.ts';
import { readStack } from './storage-stack.ts';

/** What the disks hold, and the root where one was found. */
export interface Disks {
  root: MountedRoot | undefined;
  filesystems: readonly Filesystem[];
}

// A file system of these types is never a root, and some cannot be mounted.
const NEVER_ROOT = new Set([
  'swap',
  'unknown',
  'iso9660',
  'vfat',
  'ntfs',
  'LVM2_member',
  'crypto_LUKS',
  'linux_raid_member',
  'BitLocker',
]);

/** Leaves the guest mounted. */
export async function mountRoot(session: GuestSession): Promise<Disks> {
  const filesystems = await listFilesystems(session);
  for (const { device, type } of filesystems) {
    if (NEVER_ROOT.has(type)) continue;
    const mountable = await rootIn(session, device, type);
    if (mountable === undefined) continue;
    await session.call('mount', mountable, '/');
    const fstab = parseFstab((await session.readText('/etc/fstab')) ?? '');
    const root = {
      ...namesOf(filesystems, await readConfiguredArrays(session)),
      device,
      spec: fstab.find(({ mountPoint }) => mountPoint === '/')?.spec,
      layout: {
        type,
        subvolume: mountable === device ? undefined : mountable.slice(`btrfsvol:${device}/`.length),
        layers: await readStack(session, device, filesystems),
      },
    };
    await mountOthers(session, fstab, root);
    await mountEsp(session, fstab, root, filesystems);
    return { root, filesystems };
  }
  return { root: undefined, filesystems };
}

/** With what a repair has added to the disks; volumes that were opened before are not found a second time. */
export async function withNewNames(session: GuestSession, root: MountedRoot): Promise<MountedRoot> {
  const { uuids, aliases } = namesOf(await listFilesystems(session), new Map());
  return {
    ...root,
    uuids: new Map([...root.uuids, ...uuids]),
    aliases: new Map([...root.aliases, ...aliases]),
  };
}

/** What the guest's own files call an array goes before what it was called when it was made. */
function namesOf(
  filesystems: readonly Filesystem[],
  arrays: ReadonlyMap<string, string>,
): Pick<MountedRoot, 'uuids' | 'aliases'> {
  const uuids = filesystems.flatMap(({ device, uuid }): [string, string][] => (uuid ? [[device, uuid]] : []));
  const aliases = filesystems.flatMap(({ device, aliases }) =>
    aliases.map((alias): [string, string] => [alias, device]),
  );
  const configured = [...arrays].flatMap(([name, uuid]): [string, string][] => {
    const found = filesystems.find(({ array }) => array?.uuid === uuid);
    return found ? [[name, found.device]] : [];
  });
  return { uuids: new Map(uuids), aliases: new Map([...aliases, ...configured]) };
}

/** What to mount: the device itself, or a subvolume of it. */
async function rootIn(session: GuestSession, device: string, type: string): Promise<string | undefined> {
  // The default subvolume comes first: with snapper it is the snapshot that the machine runs from.
  if (await looksLikeRoot(session, device)) return device;
  if (type !== 'btrfs') return undefined;
  for (const subvolume of await subvolumes(session, device)) {
    const mountable = `btrfsvol:${device}/${subvolume}`;
    if (await looksLikeRoot(session, mountable)) return mountable;
  }
  return undefined;
}

// Copies of the root that are not what the machine runs from.
const SNAPSHOT = /(^|\/)(\.snapshots?|timeshift-btrfs)(\/|$)/;
const MAX_SUBVOLUMES = 32;

async function subvolumes(session: GuestSession, device: string): Promise<string[]> {
  const lines = await session.lines('btrfs-subvolume-list', device).catch(() => []);
  const paths = lines.flatMap((line) => /^\s*btrfssubvolume_path: (.+)$/.exec(line)?.[1] ?? []);
  // "@", "@rootfs" and "root" lie at the top; what containers and virtual machines keep lies deeper.
  return paths
    .filter((path) => !SNAPSHOT.test(path))
    .sort((a, b) => a.split('/').length - b.split('/').length)
    .slice(0, MAX_SUBVOLUMES);
}

async function looksLikeRoot(session: GuestSession, mountable: string): Promise<boolean> {
  try {
    // noload: a journal that was not closed is left for the mount that writes.
    await session
      .call('mount-options', 'ro,noload', mountable, '/')
      .catch(() => session.call('mount-ro', mountable, '/'));
  } catch {
    // Not a file system that this appliance knows: whether another one is the root is still open.
    return false;
  }
  const isRoot = (await session.test('exists', '/etc/fstab')) && (await hasRelease(session));
  await session.call('umount-all');
  return isRoot;
}

/** With a separate /usr, os-release is a link that leads nowhere yet: it counts as well. */
async function hasRelease(session: GuestSession): Promise<boolean> {
  for (const file of RELEASE_FILES) {
    if (await session.test('is-file', file)) return true;
    if (await session.test('is-symlink', file)) return true;
  }
  return false;
}

// Nothing that decides how a machine boots lies elsewhere.
const BOOT_MOUNTS = new Set(['/boot', '/boot/efi', '/efi', '/usr', '/var']);

async function mountOthers(
  session: GuestSession,
  fstab: readonly FstabEntry[],
  root: MountedRoot,
): Promise<void> {
  const wanted = fstab.filter((entry) => BOOT_MOUNTS.has(entry.mountPoint) || isGrubSubvolume(entry));
  // Parents before what is mounted in them.
  wanted.sort((a, b) => a.mountPoint.length - b.mountPoint.length);
  for (const { spec, mountPoint, options } of wanted) {
    const device = deviceOf(spec, root);
    if (device === undefined) continue;
    const subvolume = /(?:^|,)subvol=\/?([^,]+)/.exec(options)?.[1];
    await session.call('mount', subvolume ? `btrfsvol:${device}/${subvolume}` : device, mountPoint);
  }
}

// Source: UEFI specification 2.10, table 5-7 "Defined GPT Partition Entry - Partition Type GUIDs".
const ESP_TYPE = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b';

/** systemd mounts it without a line in fstab. */
async function mountEsp(
  session: GuestSession,
  fstab: readonly FstabEntry[],
  root: MountedRoot,
  filesystems: readonly Filesystem[],
): Promise<void> {
  const esp = filesystems.find(({ type, partitionType }) => type === 'vfat' && partitionType === ESP_TYPE);
  const isMounted = fstab.some(({ spec, type }) => type === 'vfat' && deviceOf(spec, root) !== undefined);
  if (esp === undefined || isMounted) return;
  for (const mountPoint of ['/efi', '/boot/efi']) {
    if (!(await session.test('is-dir', mountPoint))) continue;
    await session.call('mount', esp.device, mountPoint);
    return;
  }
}

/** openSUSE keeps GRUB's modules in subvolumes of their own, e.g. /boot/grub2/x86_64-efi. */
function isGrubSubvolume({ mountPoint, type }: FstabEntry): boolean {
  return type === 'btrfs' && mountPoint.startsWith('/boot/grub2/');
}
