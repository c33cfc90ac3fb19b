/**
 * Finds Windows and mounts it: its volume at /c, an EFI system partition at /esp, the partition that BIOS starts from
 * at /system. NTFS in libguestfs tells upper from lower case, Windows does not: every path is resolved first.
 */
import type { GuestSession } from '../guest.ts';
import { isMarkedForCheck } from './ntfs-flags.ts';
import type { Volume } from './volumes.ts';

export interface MountedWindows {
  volume: Volume;
  state: VolumeState;
  /** Windows checks the volume before it starts, and may take long over it. */
  markedForCheck: boolean;
  /** Paths in the guest as it is mounted, in the case in which they are written. */
  windows: string;
  systemHive: string;
  softwareHive: string;
  /** Where UEFI starts from. */
  esp: { bootManager: string; fallback: string; bootData: string | undefined } | undefined;
  /** Boot configuration data of a machine that starts by BIOS. */
  biosBootData: string | undefined;
}

/** unclean: Windows will check it; hibernated: memory on the disk belongs to it, and writing would destroy both. */
export type VolumeState = 'clean' | 'unclean' | 'hibernated' | 'read-only';

const HIVES = '/Windows/System32/config';

/** Undefined where no volume holds Windows. */
export async function mountWindows(
  session: GuestSession,
  volumes: readonly Volume[],
): Promise<MountedWindows | undefined> {
  for (const volume of volumes.filter(({ kind }) => kind === 'ntfs')) {
    if (!(await holdsWindows(session, volume.device))) continue;
    const markedForCheck = await isMarkedForCheck((offset, length) =>
      session.readDevice(volume.device, offset, length),
    );
    const state = await mountSystemVolume(session, volume.device);
    const windows = await directory(session, '/c/Windows');
    const config = await directory(session, `/c${HIVES}`);
    const systemHive = config && (await file(session, `${config}/SYSTEM`));
    const softwareHive = config && (await file(session, `${config}/SOFTWARE`));
    if (windows === undefined || systemHive === undefined || softwareHive === undefined) return undefined;
    const others = volumes.filter(({ disk, device }) => disk === volume.disk && device !== volume.device);
    return {
      volume,
      state,
      markedForCheck,
      windows,
      systemHive,
      softwareHive,
      esp: await mountEsp(session, others),
      biosBootData: (await file(session, '/c/Boot/BCD')) ?? (await mountBiosBoot(session, others)),
    };
  }
  return undefined;
}

/** The path of a file as it is written on the disk; undefined where there is no such file. */
export function file(session: GuestSession, path: string): Promise<string | undefined> {
  return resolve(session, path, 'is-file');
}

export function directory(session: GuestSession, path: string): Promise<string | undefined> {
  return resolve(session, path, 'is-dir');
}

async function resolve(
  session: GuestSession,
  path: string,
  test: 'is-file' | 'is-dir',
): Promise<string | undefined> {
  // It fails where a directory on the way is missing.
  const found = await session.call('case-sensitive-path', path).catch(() => undefined);
  return found !== undefined && (await session.test(test, found)) ? found : undefined;
}

async function holdsWindows(session: GuestSession, device: string): Promise<boolean> {
  try {
    await session.call('mount-ro', device, '/');
  } catch {
    return false;
  }
  const hive = await file(session, `${HIVES}/SYSTEM`);
  await session.call('umount-all');
  return hive !== undefined;
}

// Of ntfs-3g.probe(8).
const PROBE_HIBERNATED = '14';
const PROBE_UNCLEAN = '15';

async function mountSystemVolume(session: GuestSession, device: string): Promise<VolumeState> {
  const probed = await session.call('ntfs-3g-probe', 'true', device);
  await session.call('mkmountpoint', '/c');
  if (probed === PROBE_HIBERNATED) {
    await session.call('mount-ro', device, '/c');
    return 'hibernated';
  }
  try {
    // big_writes: 128 KiB instead of 4 KiB at a time.
    await session.call('mount-options', 'big_writes', device, '/c');
  } catch {
    // ntfs-3g refuses a log that it cannot play back: then it is only read, and the restore refused.
    await session.call('mount-ro', device, '/c');
    return 'read-only';
  }
  if (await holdsMemory(session)) return 'hibernated';
  if (!(await isWritable(session))) return 'read-only';
  return probed === PROBE_UNCLEAN ? 'unclean' : 'clean';
}

/** Fast Startup leaves the kernel's memory there at every shutdown; "wake" instead says that it was taken back. */
async function holdsMemory(session: GuestSession): Promise<boolean> {
  const hiberfil = await file(session, '/c/hiberfil.sys');
  if (hiberfil === undefined) return false;
  return /^hibr$/i.test(await session.call('pread', hiberfil, '4', '0'));
}

/** ntfs-3g mounts what it does not dare to write read-only, without an error. */
async function isWritable(session: GuestSession): Promise<boolean> {
  const flags = /^flag: (\d+)$/m.exec(await session.call('statvfs', '/c'))?.[1] ?? '0';
  const ST_RDONLY = 1n;
  return (BigInt(flags) & ST_RDONLY) === 0n;
}

async function mountEsp(session: GuestSession, volumes: readonly Volume[]): Promise<MountedWindows['esp']> {
  for (const { device } of volumes.filter(({ kind }) => kind === 'fat')) {
    await mountAt(session, device, '/esp');
    const bootManager = await file(session, '/esp/EFI/Microsoft/Boot/bootmgfw.efi');
    if (bootManager !== undefined) {
      const bootData = await file(session, '/esp/EFI/Microsoft/Boot/BCD');
      // FAT in Linux does not tell upper from lower case.
      return { bootManager, bootData, fallback: '/esp/EFI/Boot/bootx64.efi' };
    }
    await unmount(session, '/esp');
  }
  return undefined;
}

async function mountBiosBoot(session: GuestSession, volumes: readonly Volume[]): Promise<string | undefined> {
  for (const { device } of volumes.filter(({ kind }) => kind === 'ntfs')) {
    await mountAt(session, device, '/system');
    const bootData = await file(session, '/system/Boot/BCD');
    if (bootData !== undefined) return bootData;
    await unmount(session, '/system');
  }
  return undefined;
}

async function mountAt(session: GuestSession, device: string, mountPoint: string): Promise<void> {
  await session.call('mkmountpoint', mountPoint);
  await session.call('mount', device, mountPoint);
}

async function unmount(session: GuestSession, mountPoint: string): Promise<void> {
  await session.call('umount', mountPoint);
  await session.call('rmmountpoint', mountPoint);
}
