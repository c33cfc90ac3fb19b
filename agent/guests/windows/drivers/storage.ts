/** The driver of the target's disk controller: started at boot, from Windows itself or from what the user supplies. */
import { createHash } from 'node:crypto';
import { block } from '../../../../proto/finding.ts';
import type { Fix, FixPlan } from '../../fix.ts';
import type { GuestRequirements, StorageController } from '../../requirements.ts';
import { SERVICE, serviceStart } from '../control-sets.ts';
import type { Installation } from '../facts.ts';
import { registryFix } from '../planned.ts';
import { removeKey, setValue, type RegistryEdit } from '../registry/edits.ts';
import { dword } from '../registry/registry.ts';
import { INBOX, SUPPLIED, WHERE_TO_GET, type BootDriver } from './boot-drivers.ts';
import { isRegistered, registerDriver } from './register.ts';
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

export function planStorage(guest: Installation, { storage }: GuestRequirements): FixPlan {
  const enabled = enableInbox(guest, storage);
  if (enabled) return { fixes: enabled, findings: [] };
  const wanted = SUPPLIED[storage];
  const plan = wanted && planSupplied(guest, storage, wanted);
  return plan ? { fixes: plan, findings: [] } : { fixes: [], findings: [noDriver(guest, storage)] };
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

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function systemHive({ system, mounted }: Installation): { path: string; registry: Installation['system'] } {
  return { path: mounted.systemHive, registry: system };
}
