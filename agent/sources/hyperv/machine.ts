/** The machine that a Hyper-V VM is, whichever files described it. */
import { warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import {
  Firmware,
  GuestFamily,
  type Disk,
  type Machine,
  type Nic,
} from '../../../proto/gen/ascend/v1/machine.ts';
import { familyOf } from '../guest-family.ts';
import { machineName } from '../machine-name.ts';
import { fact, Origins, type Fact } from '../origins.ts';
import { bytesOf, countOf } from '../quantities.ts';
import type { DiskReference, SourcedMachine } from '../source.ts';
import { addressId } from './devices.ts';
import { diskFindings, machineFindings, nicFindings } from './findings.ts';
import { inBootOrder } from './order.ts';
import type { Adapter, Drive, VirtualMachine } from './virtual-machine.ts';

export function machineOf(vm: VirtualMachine): SourcedMachine {
  const origins = new Origins();
  const note = <T>(name: string, stated: Fact<T> | undefined) => origins.keep(name, stated);
  const findings = [...vm.findings];
  const { drives, isKnown } = inBootOrder(vm);
  const ids = diskIds(drives, findings);
  const machine: Machine = {
    name: machineName(note('name', vm.name), vm.from, findings),
    platform: 'hyperv',
    sourceId: note('sourceId', vm.id),
    guest: guestOf(vm, note),
    cpu: { count: note('cpu.count', as(vm.cpuCount, countOf)) },
    memoryBytes: note('memoryBytes', as(vm.memoryBytes, bytesOf)),
    firmware: firmwareOf(vm, note),
    secureBoot: note('secureBoot', vm.secureBoot),
    tpm: note('tpm', vm.tpm),
    disks: drives.map((drive, index) => diskOf(drive, ids[index] ?? '', index === 0, note)),
    nics: vm.adapters.map((adapter, index) => nicOf(adapter, `nic${index}`, note)),
    notes: note('notes', vm.notes),
    tags: {},
  };
  if (isKnown && vm.bootOrder && machine.disks[0]) note(`disks.${machine.disks[0].id}.boot`, vm.bootOrder);
  findings.push(...machineFindings(vm, machine, isKnown));
  drives.forEach((drive, index) => findings.push(...diskFindings(drive, ids[index] ?? '')));
  vm.adapters.forEach((adapter, index) => findings.push(...nicFindings(adapter, `nic${index}`)));
  const references = drives.map((drive, index): [string, DiskReference] => [
    ids[index] ?? '',
    { names: drive.path ? [drive.path.value] : [] },
  ]);
  return { machine, from: vm.from, origins, diskReferences: new Map(references), findings };
}

type Note = <T>(name: string, stated: Fact<T> | undefined) => T | undefined;

/** Its address; "disk0" and so on where no file says it. */
function diskIds(drives: readonly Drive[], findings: Finding[]): string[] {
  const taken = new Set<string>();
  return drives.map((drive, index) => {
    const id = addressId(drive) ?? `disk${index}`;
    if (!taken.has(id)) {
      taken.add(id);
      return id;
    }
    const message = `Two disks are said to be at ${id}.`;
    findings.push(warn('disk.address-twice', id, message, 'Remove the file that is out of date.'));
    return `disk${index}`;
  });
}

function diskOf(drive: Drive, id: string, boot: boolean, note: Note): Disk {
  const address = note(`disks.${id}.controller`, drive.address);
  const file = drive.path ?? drive.physical;
  return {
    id,
    label: note(`disks.${id}.label`, file && { ...file, value: baseName(file.value) }),
    sizeBytes: note(`disks.${id}.sizeBytes`, as(drive.sizeBytes, bytesOf)),
    controller: address && { ...address, model: address.kind === 'scsi' ? 'hyperv-scsi' : undefined },
    boot,
  };
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1) || path;
}

function nicOf(adapter: Adapter, id: string, note: Note): Nic {
  const legacy = adapter.legacy;
  const model = legacy && { ...legacy, value: legacy.value ? 'tulip' : 'netvsc' };
  return {
    id,
    mac: note(`nics.${id}.mac`, adapter.mac),
    model: note(`nics.${id}.model`, model),
    network: note(`nics.${id}.network`, adapter.network),
    vlan: note(`nics.${id}.vlan`, adapter.vlan),
    connected: note(`nics.${id}.connected`, adapter.connected),
    addresses: note(`nics.${id}.addresses`, adapter.addresses) ?? [],
    guestNames: [],
  };
}

function guestOf({ guestName, arch }: VirtualMachine, note: Note): Machine['guest'] {
  const family = note(
    'guest.family',
    as(guestName, (name) => familyOf(name) || undefined),
  );
  return {
    family: family ?? GuestFamily.UNSPECIFIED,
    name: note('guest.name', guestName),
    arch: note('guest.arch', arch),
  };
}

/** Only generation 2 has UEFI, and with it secure boot. */
function firmwareOf({ generation, secureBoot }: VirtualMachine, note: Note): Firmware {
  const from = generation ?? (secureBoot?.value === true ? secureBoot : undefined);
  if (!from) return Firmware.UNSPECIFIED;
  const firmware = from.value === 1 ? Firmware.BIOS : Firmware.UEFI;
  return note<Firmware>('firmware', { ...from, value: firmware }) ?? firmware;
}

/** The same place, in the terms of a machine; undefined where the number is of no use there. */
function as<T, U>(stated: Fact<T> | undefined, convert: (value: T) => U | undefined): Fact<U> | undefined {
  return stated && fact(convert(stated.value), stated.file, stated.key);
}
