/** What a configuration says of its VM, whether it came as XML, as VMCX or decoded. */
import { guidOf } from '../identifiers.ts';
import { fact, type Fact } from '../../origins.ts';
import type { BootEntry, VirtualMachine } from '../virtual-machine.ts';
import { readAdapters } from './adapters.ts';
import { DEVICE, devicesOf, type Device } from './devices.ts';
import { noteMergePending, readDrives } from './drives.ts';
import { efiBootOrder } from './efi.ts';
import type { Key } from './key.ts';

const MIB = 1024n * 1024n;

export function vmOfConfiguration(configuration: Key, file: string): VirtualMachine {
  const said = <T>(names: string[], value: (key: Key) => T | undefined): Fact<T> | undefined => {
    const key = configuration.get(...names);
    return key && fact(value(key), file, key.where);
  };
  const vm: VirtualMachine = {
    from: file,
    id:
      said(['properties', 'global_id'], ({ text }) => guidOf(text)) ??
      said(['settings', 'global', 'logical_id'], ({ text }) => guidOf(text)),
    name: said(['properties', 'name'], ({ text }) => text),
    notes: said(['properties', 'notes'], ({ text }) => text),
    generation:
      said(['properties', 'subtype'], generationOf) ?? said(['properties', 'version'], generationOfVersion),
    cpuCount: said(['settings', 'processors', 'count'], ({ whole }) => whole),
    memoryBytes: said(['settings', 'memory', 'bank', 'size'], ({ whole }) =>
      whole === undefined ? undefined : whole * MIB,
    ),
    dynamicMemory: said(['settings', 'memory', 'bank', 'dynamic_memory_enabled'], ({ flag }) => flag),
    state: said(['savedstate', 'vsvlocation'], ({ text }) => (text === undefined ? undefined : 'saved')),
    hasCheckpoints: said(['global_settings', 'snapshots', 'list', 'size'], ({ whole }) =>
      whole === undefined ? undefined : whole > 0n,
    ),
    drives: [],
    adapters: [],
    findings: [],
  };
  const devices = devicesOf(configuration);
  readDrives(devices, vm);
  readAdapters(devices, vm);
  readFirmware(devices, vm);
  noteMergePending(configuration, vm);
  return vm;
}

function generationOf({ whole }: Key): 1 | 2 | undefined {
  if (whole === 0n) return 1;
  return whole === 1n ? 2 : undefined;
}

/** Generation 2 came with version 5.0 (2012 R2), written as 5 * 256. */
function generationOfVersion({ whole }: Key): 1 | undefined {
  return whole !== undefined && whole < 0x500n ? 1 : undefined;
}

function readFirmware(devices: readonly Device[], vm: VirtualMachine): void {
  const firmware = devices.find(
    ({ instance, type }) => instance === DEVICE.firmware || type === DEVICE.firmware,
  )?.node;
  const secureBoot = firmware?.get('secure_boot_enabled');
  vm.secureBoot = secureBoot && fact(secureBoot.flag, vm.from, secureBoot.where);
  if (vm.generation?.value === 2) {
    const nvram = firmware?.get('nvram');
    const order = nvram && efiBootOrder(nvram);
    if (order) vm.bootOrder = fact(order.entries, vm.from, order.key);
  } else {
    const boot = firmware?.get('boot');
    if (boot) vm.bootOrder = fact(biosBootOrder(boot), vm.from, boot.where);
  }
}

/** `device0` to `device3`: kinds of device, not devices. */
function biosBootOrder(boot: Key): BootEntry[] {
  const devices = boot.children.filter(({ name }) => /^device\d$/.test(name));
  return devices
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ text }): BootEntry => {
      if (/^harddrive$/i.test(text ?? '')) return { kind: 'hard-disks' };
      return { kind: /^network$/i.test(text ?? '') ? 'network' : 'other' };
    });
}
