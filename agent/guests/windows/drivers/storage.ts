/** The driver of the target's disk controller: started at boot, from Windows itself or from what the user supplies. */
import { block, warn } from '../../../../proto/finding.ts';
import type { Fix, FixPlan } from '../../fix.ts';
import type { GuestRequirements, StorageController } from '../../requirements.ts';
import { sha256 } from '../../sha256.ts';
import { SERVICE, serviceStart } from '../control-sets.ts';
import type { Installation } from '../facts.ts';
import { registryFix } from '../planned.ts';
import { removeKey, setValue, type RegistryEdit } from '../registry/edits.ts';
import { dword } from '../registry/registry.ts';
import { INBOX, SUPPLIED, WHERE_TO_GET, type BootDriver } from './boot-drivers.ts';
import { isRegistered, registerDriver } from './register.ts';
import { FIRST_BUILD_WITH_DRIVER_DATABASE } from '../version.ts';
import type { SuppliedDriver } from './supplied.ts';

const TITLES: Readonly<Record<StorageController, string>> = {
  'virtio-blk': 'virtio (block)',
  'virtio-scsi': 'virtio (SCSI)',
  pvscsi: "VMware's paravirtual SCSI",
  'lsi-sas': 'LSI Logic SAS',
  ahci: 'SATA (AHCI)',
  ide: 'IDE',
  nvme: 'NVMe',
  storvsc: 'Hyper-V',
  'xen-blk': 'Xen',
};

export function planStorage(guest: Installation, wants: GuestRequirements): FixPlan {
  const { storage } = wants;
  const enabled = enableInbox(guest, storage);
  if (enabled) return { fixes: enabled, findings: [] };
  const wanted = suppliedDriver(guest, wants);
  const plan = wanted && planSupplied(guest, storage, wanted);
  return plan
    ? { fixes: plan, findings: signatureFindings(guest) }
    : { fixes: [], findings: [noDriver(guest, storage)] };
}

/** The driver that is not Windows' own, with the devices that it is for. */
export function suppliedDriver(
  { supplied }: Installation,
  { storage, cloud }: Pick<GuestRequirements, 'storage' | 'cloud'>,
): BootDriver | undefined {
  const driver = SUPPLIED[storage];
  if (driver === undefined || driver.pciIds.length > 0) return driver;
  const inf = supplied.find(({ name }) => name === driver.service);
  return inf && cloud === 'ec2' ? { ...driver, pciIds: inf.pciIds } : undefined;
}

// Source: Microsoft Security Advisory 3033929; Microsoft Support, "2019 SHA-2 Code Signing Support requirement".
const SHA2_UPDATES = /^Package_(?:\d+_)?for_KB(?:3033929|4474419)~/i;
const PACKAGES = 'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages';

/** Without them, 64-bit Windows 7 starts no driver that is signed by SHA-2 alone, as all of these years are. */
function signatureFindings({ version, software }: Installation): FixPlan['findings'] {
  if (version.build >= FIRST_BUILD_WITH_DRIVER_DATABASE || version.arch === 'x86') return [];
  if (software.subkeys(PACKAGES).some((name) => SHA2_UPDATES.test(name))) return [];
  return [
    warn(
      'guest.windows-no-sha2',
      version.name,
      'Neither of the updates that let it verify SHA-2 signatures (KB3033929, KB4474419) is installed: it stops at its start where the supplied disk driver is signed by SHA-2 alone.',
      'Install KB4474419 on the original machine and back it up again, or supply drivers that are signed by SHA-1 too.',
    ),
  ];
}

function noDriver({ version }: Installation, storage: StorageController): FixPlan['findings'][number] {
  const seek = WHERE_TO_GET[storage] ?? 'Choose another disk controller on the target.';
  return block(
    'guest.windows-no-boot-driver',
    version.name,
    `Windows has no driver for the disk controller of the target, ${TITLES[storage]}, and none was supplied for it: it would stop with INACCESSIBLE_BOOT_DEVICE.`,
    seek,
  );
}

/** Undefined where Windows has no driver of its own for it. */
function enableInbox(guest: Installation, storage: StorageController): Fix[] | undefined {
  const inbox = INBOX[storage];
  if (!inbox?.required.some((service) => isThere(guest, service))) return undefined;
  const services = [...inbox.required, ...inbox.also].filter((service) => isThere(guest, service));
  return registryFix(
    'windows.boot-driver',
    `Starts the drivers of the target's disk controller, ${TITLES[storage]}, at boot (${services.join(', ')}): they come with Windows, which does not start them on other hardware.`,
    systemHive(guest),
    guest.controlSets.flatMap((set) => [
      ...services.flatMap((service) => startAtBoot(guest, set, service)),
      // A bus whose drivers were put off would put NVMe off with it.
      ...(storage === 'nvme' ? [removeKey(`${set}\\Services\\pci\\StartOverride`)] : []),
    ]),
  );
}

/** In every control set that knows the service; StartOverride, which Windows keeps per hardware profile, wins over Start. */
function startAtBoot({ system }: Installation, set: string, service: string): RegistryEdit[] {
  if (serviceStart(system, set, service) === undefined) return [];
  const key = `${set}\\Services\\${service}`;
  return [setValue(key, 'Start', dword(SERVICE.boot)), removeKey(`${key}\\StartOverride`)];
}

function isThere({ system, currentControlSet, driverFiles }: Installation, service: string): boolean {
  if (currentControlSet === undefined || !driverFiles.has(`${service.toUpperCase()}.SYS`)) return false;
  return serviceStart(system, currentControlSet, service) !== undefined;
}

function planSupplied(
  guest: Installation,
  storage: StorageController,
  driver: BootDriver,
): Fix[] | undefined {
  const { system, controlSets, version } = guest;
  const hive = systemHive(guest);
  const supplied = guest.supplied.find(({ name }) => name === driver.service);
  const installed = isThere(guest, driver.service) && isRegistered(driver, system, controlSets);
  if (installed && !isOurs(guest, supplied, driver)) {
    const edits = controlSets.flatMap((set) => startAtBoot(guest, set, driver.service));
    return registryFix(
      'windows.boot-driver',
      `Starts ${driver.service}, which is installed, at boot: the target's disk controller is ${TITLES[storage]}.`,
      hive,
      edits,
    );
  }
  const sys = supplied?.files.find(({ name }) => name === `${driver.service}.sys`);
  if (supplied === undefined || sys === undefined || version.arch === undefined) return undefined;
  const path = `${guest.driversFolder}/${sys.name}`;
  const copied = guest.present.get(path.toLowerCase()) === sha256(sys.content);
  const [registered] = registryFix('', '', hive, [
    ...registerDriver(driver, controlSets, system, version.arch),
    ...controlSets.map((set) => removeKey(`${set}\\Services\\${driver.service}\\StartOverride`)),
  ]);
  const changes: Fix['changes'] = [
    ...(copied ? [] : [{ kind: 'upload' as const, path, content: sys.content }]),
    ...(registered?.changes ?? []),
  ];
  if (changes.length === 0) return [];
  const summary = `Installs ${driver.service} (${supplied.from}) and starts it at boot: the target's disk controller is ${TITLES[storage]}, for which Windows has no driver of its own.`;
  return [{ name: 'windows.boot-driver', summary, changes }];
}

/** What a repair has put there is brought to its end, whatever an interrupted one left out. */
function isOurs(
  guest: Installation,
  supplied: SuppliedDriver | undefined,
  { service, pciIds }: BootDriver,
): boolean {
  if (supplied === undefined || guest.version.arch === undefined) return false;
  const label = `${service}.inf_${guest.version.arch}_0000000000000000`;
  if (guest.system.hasKey(`DriverDatabase\\DriverPackages\\${label}`)) return true;
  return guest.controlSets.some((set) =>
    pciIds.some((id) => guest.system.hasKey(`${set}\\Control\\CriticalDeviceDatabase\\PCI#${id}`)),
  );
}

function systemHive({ system, mounted }: Installation): { path: string; registry: Installation['system'] } {
  return { path: mounted.systemHive, registry: system };
}
