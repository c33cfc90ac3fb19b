/** What is read of a Windows guest before anything is planned. */
import type { GuestSession } from '../guest.ts';
import { controlSets, currentControlSet } from './control-sets.ts';
import { file, type MountedWindows } from './mount.ts';
import { Hive } from './registry/hive.ts';
import { MAX_HIVE_BYTES } from './registry/open-hives.ts';
import type { Registry } from './registry/registry.ts';
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
  /** Whether a hive holds all that Windows last wrote, or a part of it is in its log. */
  hivesClean: boolean;
  bootData: readonly BootData[];
  /** Upper-case names in System32\drivers. */
  driverFiles: ReadonlySet<string>;
  /** Whether something starts a machine whose firmware remembers nothing. */
  hasFallbackLoader: boolean;
}

/** A store of boot entries. */
export interface BootData {
  path: string;
  firmware: 'uefi' | 'bios';
  registry: Registry;
}

export async function readInstallation(
  session: GuestSession,
  mounted: MountedWindows,
): Promise<Installation> {
  const system = await openHive(session, mounted.systemHive);
  const software = await openHive(session, mounted.softwareHive);
  const current = currentControlSet(system);
  const { esp, biosBootData, windows } = mounted;
  const bootData: BootData[] = [];
  for (const [firmware, path] of [
    ['uefi', esp?.bootData],
    ['bios', biosBootData],
  ] as const)
    if (path !== undefined) bootData.push({ path, firmware, registry: await openHive(session, path) });
  const drivers = await session.list(`${windows}/System32/drivers`);
  return {
    mounted,
    version: readVersion(software, system, current),
    controlSets: controlSets(system),
    currentControlSet: current,
    system,
    software,
    hivesClean: system.cells.isClean && software.cells.isClean,
    bootData,
    driverFiles: new Set(drivers.map((name) => name.toUpperCase())),
    hasFallbackLoader: esp !== undefined && (await file(session, esp.fallback)) !== undefined,
  };
}

async function openHive(session: GuestSession, path: string): Promise<Hive> {
  return session.own(new Hive(await session.fetch(path, MAX_HIVE_BYTES), path));
}
