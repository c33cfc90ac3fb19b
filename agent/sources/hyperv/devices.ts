/** Disks and adapters of one VM, put together from several files. */
import { info, warn } from '../../../proto/finding.ts';
import { requireFewDevices } from '../device-limit.ts';
import type { Adapter, Drive, VirtualMachine } from './virtual-machine.ts';

/** A disk that is known already, by address or by path, learns what is new. A drive without a disk is none. */
export function addDrive(vm: VirtualMachine, drive: Drive): void {
  if (!drive.path && !drive.physical) {
    noteEmpty(vm, drive);
    return;
  }
  const known = vm.drives.find((other) => isSameDrive(other, drive));
  if (known) fill(known, drive);
  else {
    vm.drives.push(drive);
    requireFewDevices(vm.drives, nameOf(vm), vm.from);
  }
}

function noteEmpty(vm: VirtualMachine, drive: Drive): void {
  const id = addressId(drive) ?? 'a disk';
  const message = `${drive.address?.file ?? vm.from} has a hard disk drive at ${id} and names no file for it.`;
  vm.findings.push(info('disk.empty', id, message, 'Nothing to do, if no disk is missing.'));
}

/** An adapter that is known already, by id or by MAC address, learns what is new. */
export function addAdapter(vm: VirtualMachine, adapter: Adapter): void {
  const known = vm.adapters.find((other) => isSameAdapter(other, adapter));
  if (known) fill(known, adapter);
  else {
    vm.adapters.push(adapter);
    requireFewDevices(vm.adapters, nameOf(vm), vm.from);
  }
}

/** Disks that another file lists: those that this list lacks are a contradiction, not more disks. */
export function learnDrives(vm: VirtualMachine, drives: readonly Drive[], file: string): void {
  const isNew = vm.drives.length === 0;
  for (const drive of drives) {
    if (isNew || vm.drives.some((other) => isSameDrive(other, drive))) addDrive(vm, drive);
    else {
      const path = drive.path?.value ?? drive.physical?.value ?? 'a disk';
      const message = `${file} lists ${path}, which ${vm.from} does not: it is left out.`;
      vm.findings.push(
        warn('disk.contradiction', path, message, 'Check which file is the newer one, and remove the other.'),
      );
    }
  }
}

export function learnAdapters(vm: VirtualMachine, adapters: readonly Adapter[]): void {
  const isNew = vm.adapters.length === 0;
  for (const adapter of adapters) {
    if (isNew || vm.adapters.some((other) => isSameAdapter(other, adapter))) addAdapter(vm, adapter);
  }
}

/** What `from` knows and `into` does not. */
export function fill<T extends object>(into: T, from: T): void {
  for (const name of Object.keys(from) as (keyof T)[]) {
    if (into[name] === undefined) into[name] = from[name];
  }
}

/** Windows does not tell upper from lower case in a path. */
export function pathKey(path: string | undefined): string | undefined {
  return path?.toLowerCase();
}

function isSameDrive(a: Drive, b: Drive): boolean {
  if (a.address && b.address) return addressId(a) === addressId(b);
  const path = pathKey(a.path?.value);
  return path !== undefined && path === pathKey(b.path?.value);
}

export function addressId({ address }: Drive): string | undefined {
  return address && `${address.value.kind}${address.value.bus}:${address.value.unit}`;
}

function isSameAdapter(a: Adapter, b: Adapter): boolean {
  if (a.id !== undefined && b.id !== undefined) return a.id === b.id;
  const mac = a.mac?.value;
  return mac !== undefined && mac === b.mac?.value;
}

function nameOf(vm: VirtualMachine): string {
  return vm.name?.value ?? vm.id?.value ?? '';
}
