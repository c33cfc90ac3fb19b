/** What is read of a Windows guest before anything is planned. */
import type { GuestSession } from '../guest.ts';
import { controlSets, currentControlSet } from './control-sets.ts';
import { SUPPLIED_SERVICES } from './drivers/boot-drivers.ts';
import type { SuppliedDriver } from './drivers/supplied.ts';
import { FIRST_BOOT_FOLDER } from './first-boot/runner.ts';
import type { Installer } from './installers.ts';
import { directory, file, type MountedWindows } from './mount.ts';
import { fetchHive } from './registry/fetch-hive.ts';
import { Hive } from './registry/hive.ts';
import type { Registry } from './registry/registry.ts';
import { STAGING_FOLDER } from './staging.ts';
import { readVersion, type WindowsVersion } from './version.ts';
import type { Volume } from './volumes.ts';

export interface WindowsFacts {
  volumes: readonly Volume[];
  /** Undefined where Windows is on the disk, but cannot be read: see `volumes`. */
  installation: Installation | undefined;
}

export interface Installation {
  mounted: MountedWindows;
  version: WindowsVersion;
  /** e.g. ["ControlSet001"]. */
  controlSets: readonly string[];
  currentControlSet: string | undefined;
  system: Registry;
  software: Registry;
  hives: HiveState;
  bootData: readonly BootData[];
  driversFolder: string;
  /** Upper-case names in System32\drivers. */
  driverFiles: ReadonlySet<string>;
  /** Of the drivers that the user supplies, those for this Windows. */
  supplied: readonly SuppliedDriver[];
  installers: readonly Installer[];
  /** Files that a repair may have put there: lower-case path -> SHA-256. */
  present: ReadonlyMap<string, string>;
  /** Of the volume of Windows. */
  freeBytes: bigint;
  /** Whether something starts a machine whose firmware remembers nothing. */
  hasFallbackLoader: boolean;
}

/**
 * whole: they hold all that Windows wrote last; recovered: what was in their logs alone has been added, in the copies
 * that are read and written here; incomplete: it is lost, because no log fits.
 */
export type HiveState = 'whole' | 'recovered' | 'incomplete';

/** A store of boot entries. */
export interface BootData {
  path: string;
  firmware: 'uefi' | 'bios';
  registry: Registry;
}

/** What of the supplies suits this Windows; read once, however often the guest is. */
export type SuppliesFor = Pick<Installation, 'supplied' | 'installers'>;

export async function readInstallation(
  session: GuestSession,
  mounted: MountedWindows,
  suppliesFor: (version: WindowsVersion) => Promise<SuppliesFor>,
): Promise<Installation> {
  const { hive: system, state: systemState } = await openHive(session, mounted.systemHive);
  const { hive: software, state: softwareState } = await openHive(session, mounted.softwareHive);
  const current = currentControlSet(system);
  const version = readVersion(software, system, current);
  const supplies = await suppliesFor(version);
  const driversFolder = (await directory(session, `${mounted.windows}/System32/drivers`)) ?? '';
  return {
    mounted,
    version,
    controlSets: controlSets(system),
    currentControlSet: current,
    system,
    software,
    hives: worse(systemState, softwareState),
    bootData: await openBootData(session, mounted),
    driversFolder,
    driverFiles: new Set((await session.list(driversFolder)).map((name) => name.toUpperCase())),
    ...supplies,
    present: await presentFiles(session, mounted.windows, driversFolder, supplies),
    freeBytes: await session.freeBytes('/c'),
    hasFallbackLoader: mounted.esp !== undefined && (await file(session, mounted.esp.fallback)) !== undefined,
  };
}

async function openBootData(
  session: GuestSession,
  { esp, biosBootData }: MountedWindows,
): Promise<BootData[]> {
  const stores: BootData[] = [];
  const open = async (path: string, firmware: BootData['firmware']) => {
    stores.push({ path, firmware, registry: (await openHive(session, path)).hive });
  };
  if (esp?.bootData !== undefined) await open(esp.bootData, 'uefi');
  if (biosBootData !== undefined) await open(biosBootData, 'bios');
  return stores;
}

async function presentFiles(
  session: GuestSession,
  windows: string,
  driversFolder: string,
  { supplied }: SuppliesFor,
): Promise<Map<string, string>> {
  const present = new Map<string, string>();
  for (const { name } of supplied.filter((driver) => SUPPLIED_SERVICES.has(driver.name))) {
    const path = `${driversFolder}/${name}.sys`;
    if (await session.test('is-file', path))
      present.set(path.toLowerCase(), await session.call('checksum', 'sha256', path));
  }
  for (const folder of [STAGING_FOLDER, FIRST_BOOT_FOLDER].map((name) => `${windows}/${name}`))
    for (const [name, sum] of await session.checksums(folder))
      present.set(`${folder}/${name}`.toLowerCase(), sum);
  return present;
}

async function openHive(session: GuestSession, path: string): Promise<{ hive: Hive; state: HiveState }> {
  const { localPath, replayed } = await fetchHive(session, path);
  const hive = session.own(new Hive(localPath, path));
  if (!hive.cells.isClean) return { hive, state: 'incomplete' };
  return { hive, state: replayed ? 'recovered' : 'whole' };
}

function worse(a: HiveState, b: HiveState): HiveState {
  return (['incomplete', 'recovered'] as const).find((state) => a === state || b === state) ?? 'whole';
}
