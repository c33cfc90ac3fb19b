/** What a restore should know of a Hyper-V VM. */
import { info, warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../../proto/gen/ascend/v1/machine.ts';
import { firmwareContradiction } from '../firmware.ts';
import { vlanTrunk } from '../vlan-trunk.ts';
import { triesNetworkFirst } from './order.ts';
import type { Adapter, Drive, VirtualMachine } from './virtual-machine.ts';

const NOTHING = 'Nothing to do.';

export function machineFindings(vm: VirtualMachine, machine: Machine, isBootDiskKnown: boolean): Finding[] {
  const subject = machine.name || vm.from;
  const findings: Finding[] = [];
  if (vm.state) findings.push(stateFinding(vm.state.value, subject));
  if (vm.hasCheckpoints?.value) {
    const message = 'The VM has checkpoints: only its newest state is restored.';
    findings.push(info('machine.snapshots', subject, message, NOTHING));
  }
  if (vm.dynamicMemory?.value) {
    const message = 'Memory was dynamic on Hyper-V: the machine gets what the VM had at start.';
    findings.push(
      info('machine.memory-dynamic', subject, message, 'Raise the memory if the guest used more under load.'),
    );
  }
  if (vm.generation?.value === 1 && vm.secureBoot?.value === true) {
    const what = 'says that Secure Boot is on, which a generation 1 VM (BIOS) cannot have';
    findings.push(firmwareContradiction(vm.secureBoot.file, what));
  }
  const [boot] = machine.disks;
  if (boot && !isBootDiskKnown) {
    const message = `No file says which disk boots: ${boot.id} is taken, the first of ${machine.disks.length}.`;
    findings.push(
      info('disk.boot-assumed', boot.id, message, 'If the restored machine does not boot, try another disk.'),
    );
  } else if (boot && vm.generation?.value === 1 && boot.controller?.kind === 'scsi') {
    const message = `A generation 1 VM boots from IDE alone, and no disk is on IDE: ${boot.id} is taken.`;
    findings.push(warn('disk.boot-assumed', boot.id, message, 'Check that no disk is missing.'));
  }
  if (triesNetworkFirst(vm)) {
    const message =
      'The VM tried to boot from the network before its disks; a restored machine boots from its disk.';
    findings.push(info('machine.boots-from-network', subject, message, NOTHING));
  }
  return findings;
}

function stateFinding(state: 'running' | 'saved' | 'paused', subject: string): Finding {
  if (state === 'saved') {
    const message =
      'The VM was saved, not shut down: its memory is not restored, and the guest starts as after a power cut.';
    return warn(
      'machine.state-saved',
      subject,
      message,
      'Shut the guest down and back it up again, if you can.',
    );
  }
  const message = `The VM was ${state} when it was described; its disks may be as after a power cut.`;
  return info('machine.was-running', subject, message, NOTHING);
}

export function diskFindings(drive: Drive, id: string): Finding[] {
  const findings: Finding[] = [];
  if (drive.physical) {
    const message = `${id} is a disk of the Hyper-V host (${drive.physical.value}): its content is in no file of the backup.`;
    findings.push(
      warn(
        'disk.raw-device',
        id,
        message,
        'Copy the disk into a VHDX, attach that to the VM, and export it again.',
      ),
    );
  }
  const path = drive.path?.value ?? '';
  if (drive.shared || /\.vhds$/i.test(path)) {
    const message = `${id} can be shared with other VMs: what they wrote while the backup was taken may not fit together.`;
    findings.push(
      warn('disk.shared', id, message, 'Restore all VMs that share it, and give them one disk again.'),
    );
  }
  if (/\.avhdx?$/i.test(path)) {
    const message = `A checkpoint was open on ${id} when the backup was taken; its newest state is restored.`;
    findings.push(info('disk.snapshot-open', id, message, NOTHING));
  } else if (drive.differencing) {
    const message = `${id} holds differences to another disk, which must be in the backup as well.`;
    findings.push(
      info('disk.differencing', id, message, 'Add the parent disk to the backup if it is missing.'),
    );
  }
  return findings;
}

export function nicFindings(adapter: Adapter, id: string): Finding[] {
  const name = adapter.name ?? 'no name';
  switch (adapter.vlanUnclear?.value) {
    case 'trunk':
      return [vlanTrunk(id, `${id} (${name}) is a trunk of several VLANs`)];
    case 'not-read': {
      const message = `${id} (${name}) uses VLANs on Hyper-V, but its settings are in a form that is not read.`;
      return [info('nic.vlan-unclear', id, message, 'Choose the network of the target accordingly.')];
    }
    case undefined:
      return [];
  }
}
