/** Hard disks of a configuration: IDE first, then SCSI, by controller and place. */
import { warn } from '../../../../proto/finding.ts';
import { addDrive } from '../devices.ts';
import { fact } from '../../origins.ts';
import type { Address, Drive, VirtualMachine } from '../virtual-machine.ts';
import { channelOf, CONTROLLER, DEVICE, DRIVE, isScsi, type Device } from './devices.ts';
import type { Key } from './key.ts';

/** What is in a drive. Anything else is a disk of the host. */
const NO_HARD_DISK = /^(|none|iso|vfd|.*(dvd|cdrom|floppy).*)$/i;

export function readDrives(devices: readonly Device[], vm: VirtualMachine): void {
  const ide = devices.find(({ instance, type }) => instance === DEVICE.ide || type === DEVICE.ide);
  if (ide) readDevice(ide, 'ide', undefined, vm);
  devices.filter(isScsi).forEach((device, bus) => readDevice(device, 'scsi', bus, vm));
}

/** The two IDE channels are `controller0` and `controller1` of one device; a SCSI controller is a device of its own. */
function readDevice(
  { node }: Device,
  kind: Address['kind'],
  scsiBus: number | undefined,
  vm: VirtualMachine,
): void {
  for (const controller of node.children) {
    const number = numberOf(CONTROLLER, controller.name);
    if (number === undefined) continue;
    for (const drive of controller.children) {
      const unit = numberOf(DRIVE, drive.name);
      if (unit === undefined) continue;
      const address = { kind, bus: scsiBus ?? number, unit };
      readDrive(drive, address, kind === 'scsi' ? channelOf(node) : undefined, vm);
    }
  }
}

function readDrive(node: Key, address: Address, channel: string | undefined, vm: VirtualMachine): void {
  const type = node.get('type');
  const path = node.get('pathname');
  if (!type || NO_HARD_DISK.test(type.text ?? '')) return;
  const file = vm.from;
  const drive: Drive = { address: fact(address, file, node.where), channel };
  if (isHostDisk(type, path)) drive.physical = fact(path?.text ?? type.text, file, (path ?? type).where);
  else if (path) drive.path = fact(path.text, file, path.where);
  const shared = node.get('persistent_reservations_supported');
  if (shared?.flag === true) drive.shared = fact(true, file, shared.where);
  addDrive(vm, drive);
}

function isHostDisk(type: Key, path: Key | undefined): boolean {
  return (
    type.text?.toUpperCase() !== 'VHD' || /^\\\\[.?]\\(physicaldrive|globalroot|scsi)/i.test(path?.text ?? '')
  );
}

function numberOf(pattern: RegExp, name: string): number | undefined {
  const digits = pattern.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function noteMergePending(configuration: Key, vm: VirtualMachine): void {
  if (configuration.get('global_settings', 'disk_merge_pending')?.flag !== true) return;
  const message = `Hyper-V was still merging a deleted checkpoint into the disks of this VM (${vm.from}).`;
  vm.findings.push(
    warn('disk.merge-pending', vm.from, message, 'Check that every file of the chain is in the backup.'),
  );
}
