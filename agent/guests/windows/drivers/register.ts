/**
 * Makes Windows start a driver that it never met for a device that it never met, at boot: the service in every control
 * set, and the device in the database that its version asks. Source: virt-v2v, convert/inject_virtio_win.ml.
 */
import type { RegistryEdit } from '../registry/edits.ts';
import { setValue } from '../registry/edits.ts';
import { binary, dword, expandable, text, texts, type Registry } from '../registry/registry.ts';
import type { Arch } from '../version.ts';
import { SERVICE } from '../control-sets.ts';
import type { BootDriver } from './boot-drivers.ts';

/** Class of SCSI and RAID controllers. */
const SCSI_ADAPTER = '{4D36E97B-E325-11CE-BFC1-08002BE10318}';
/** The same as it lies in memory: the first three fields little-endian. */
const SCSI_ADAPTER_BYTES = '7be9364d25e3ce11bfc108002be10318';

export function registerDriver(
  driver: BootDriver,
  controlSets: readonly string[],
  system: Registry,
  arch: Arch,
): RegistryEdit[] {
  const services = controlSets.flatMap((set) => serviceEdits(driver, set));
  return [
    ...services,
    ...(system.hasKey('DriverDatabase')
      ? driverDatabase(driver, arch)
      : controlSets.flatMap((set) => criticalDevices(driver, set))),
  ];
}

function serviceEdits({ service }: BootDriver, controlSet: string): RegistryEdit[] {
  const key = `${controlSet}\\Services\\${service}`;
  return [
    // A driver of the kernel; when it fails, the start goes on and says so.
    setValue(key, 'Type', dword(1)),
    setValue(key, 'Start', dword(SERVICE.boot)),
    setValue(key, 'ErrorControl', dword(1)),
    setValue(key, 'Group', text('SCSI miniport')),
    setValue(key, 'ImagePath', expandable(`system32\\drivers\\${service}.sys`)),
  ];
}

/** Up to Windows 7 and Server 2008 R2. */
function criticalDevices({ service, pciIds }: BootDriver, controlSet: string): RegistryEdit[] {
  return pciIds.flatMap((id) => {
    const key = `${controlSet}\\Control\\CriticalDeviceDatabase\\PCI#${id}`;
    return [setValue(key, 'Service', text(service)), setValue(key, 'ClassGUID', text(SCSI_ADAPTER))];
  });
}

function driverDatabase({ service, pciIds }: BootDriver, arch: Arch): RegistryEdit[] {
  const inf = `${service}.inf`;
  const label = `${inf}_${arch}_0000000000000000`;
  const configuration = `${service}_conf`;
  const infKey = `DriverDatabase\\DriverInfFiles\\${inf}`;
  const packageKey = `DriverDatabase\\DriverPackages\\${label}`;
  const version = Buffer.from(`00ff090000000000${SCSI_ADAPTER_BYTES}${'00'.repeat(24)}`, 'hex');
  return [
    setValue(infKey, '', texts([label])),
    setValue(infKey, 'Active', text(label)),
    setValue(infKey, 'Configurations', texts([configuration])),
    setValue(packageKey, 'Version', binary(version)),
    setValue(`${packageKey}\\Configurations\\${configuration}`, 'ConfigFlags', dword(0)),
    setValue(`${packageKey}\\Configurations\\${configuration}`, 'Service', text(service)),
    ...pciIds.flatMap((id) => [
      setValue(`DriverDatabase\\DeviceIds\\PCI\\${id}`, inf, binary(Buffer.from('01ff0000', 'hex'))),
      setValue(`${packageKey}\\Descriptors\\PCI\\${id}`, 'Configuration', text(configuration)),
    ]),
  ];
}

/** Whether the device is bound to the driver already, by whoever installed it. */
export function isRegistered(
  { service, pciIds }: BootDriver,
  system: Registry,
  controlSets: readonly string[],
): boolean {
  const devices = system.hasKey('DriverDatabase')
    ? pciIds.map((id) => `DriverDatabase\\DeviceIds\\PCI\\${id}`)
    : controlSets.flatMap((set) => pciIds.map((id) => `${set}\\Control\\CriticalDeviceDatabase\\PCI#${id}`));
  const known = devices.some((key) => system.hasKey(key)) || boundBySetup(service, system, controlSets);
  return known && controlSets.every((set) => system.hasKey(`${set}\\Services\\${service}`));
}

/** A driver that Windows itself installed: its device is listed under Enum, whichever name of it the package has. */
function boundBySetup(service: string, system: Registry, controlSets: readonly string[]): boolean {
  return controlSets.some((set) => {
    // A count of devices, and their names as "0", "1", ...
    return system.value(`${set}\\Services\\${service}\\Enum`, '0') !== undefined;
  });
}
