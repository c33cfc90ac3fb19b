/** Which Windows it is, and what follows from that for drivers. */
import { asText, type Registry } from './registry/registry.ts';

export interface WindowsVersion {
  /** For people, e.g. "Windows Server 2022 Standard". */
  name: string;
  build: number;
  server: boolean;
  arch: Arch | undefined;
}

export type Arch = 'x86' | 'amd64' | 'arm64';

/** Releases from the newest down: what a build number says, and where virtio-win keeps that release's drivers. */
const RELEASES = [
  { build: 22000, tags: { server: '2k25', client: 'w11' } },
  { build: 20348, tags: { server: '2k22', client: 'w10' } },
  { build: 17763, tags: { server: '2k19', client: 'w10' } },
  { build: 10240, tags: { server: '2k16', client: 'w10' } },
  { build: 9600, tags: { server: '2k12r2', client: 'w8.1' } },
  { build: 9200, tags: { server: '2k12', client: 'w8' } },
  { build: 7600, tags: { server: '2k8r2', client: 'w7' } },
] as const;

const CURRENT_VERSION = 'Microsoft\\Windows NT\\CurrentVersion';
/** Since Windows 8 and Server 2012, drivers are looked up in the DriverDatabase of SYSTEM. */
export const FIRST_BUILD_WITH_DRIVER_DATABASE = 9200;

export function readVersion(
  software: Registry,
  system: Registry,
  controlSet: string | undefined,
): WindowsVersion {
  const build = Number(asText(software.value(CURRENT_VERSION, 'CurrentBuildNumber')) ?? NaN);
  const productName = asText(software.value(CURRENT_VERSION, 'ProductName')) ?? 'Windows';
  const installationType = asText(software.value(CURRENT_VERSION, 'InstallationType'));
  const server =
    installationType === undefined ? /server/i.test(productName) : /server/i.test(installationType);
  // Windows 11 still says "Windows 10" there.
  const name = !server && build >= 22000 ? productName.replace('Windows 10', 'Windows 11') : productName;
  return { name, build: Number.isInteger(build) ? build : 0, server, arch: archOf(system, controlSet) };
}

function archOf(system: Registry, controlSet: string | undefined): Arch | undefined {
  const key = `${controlSet ?? ''}\\Control\\Session Manager\\Environment`;
  const arch = asText(system.value(key, 'PROCESSOR_ARCHITECTURE'))?.toLowerCase();
  return arch === 'amd64' || arch === 'x86' || arch === 'arm64' ? arch : undefined;
}

/** Windows 7 and Server 2008 R2 to this day; older ones need steps that are not known here. */
export function isKnown({ build, arch }: WindowsVersion): boolean {
  return build >= 7600 && arch !== undefined;
}

/**
 * Folders of drivers that suit, best first, in lower case: virtio-win's ("2k22", "w10") and those of VMware Tools
 * ("win10", "win8", "vista"). Source: virtio-win-pkg-scripts, README; VMware Tools' own folders.
 */
export function driverFolders({ build, server }: WindowsVersion): string[] {
  const own = RELEASES.filter((release) => build >= release.build);
  const kind = server ? 'server' : 'client';
  // Drivers go with a generation: 7; 8 and 8.1; 10 and later.
  const generation = build >= 10240 ? 10240 : build >= 9200 ? 9200 : 0;
  const suiting = own.filter((release) => release.build >= generation);
  const same = suiting.map(({ tags }) => tags[kind]);
  const other = suiting.map(({ tags }) => tags[server ? 'client' : 'server']);
  const vmware = { 10240: ['win10', 'win8'], 9200: ['win8'], 0: ['win7', 'vista'] }[generation];
  return [...new Set([...same, ...other, ...vmware])];
}
