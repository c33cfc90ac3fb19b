/** A machine from what a generation of the API says about a VM. */
import { info, warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import { Firmware, type Cpu } from '../../../proto/gen/ascend/v1/machine.ts';
import type { JsonNode } from '../../documents/json.ts';
import type { SourcedMachine } from '../source.ts';
import { tagsOf, type Categories } from './categories.ts';
import type { Description } from './description.ts';
import { disksOf } from './disks.ts';
import { Facts } from './facts.ts';
import { guestOf } from './guest-os.ts';
import type { Networks } from './networks.ts';
import { nicsOf } from './nics.ts';

export function machineOf(vm: Description, networks: Networks, categories: Categories): SourcedMachine {
  const facts = new Facts(vm.file);
  const { disks, references } = disksOf(vm, facts);
  const machine = {
    name: facts.name(vm.name),
    platform: 'nutanix',
    sourceId: facts.text('sourceId', vm.id),
    guest: guestFacts(vm, facts),
    cpu: cpuOf(vm, facts),
    memoryBytes: facts.bytes('memoryBytes', vm.memory),
    firmware: facts.stated('firmware', vm.firmware) ?? Firmware.UNSPECIFIED,
    secureBoot: facts.stated('secureBoot', vm.secureBoot),
    tpm: facts.flag('tpm', vm.tpm),
    disks,
    nics: nicsOf(vm.nics, networks, facts),
    notes: facts.text('notes', vm.notes),
    tags: tagsOf(vm, categories, facts),
  };
  return {
    machine,
    from: vm.file,
    origins: facts.origins,
    diskReferences: references,
    findings: [...vm.findings, ...facts.findings, ...contradictions(vm), ...notRestored(vm)],
  };
}

function guestFacts({ guest }: Description, facts: Facts) {
  const made = guestOf(facts.text('guest.id', guest.id), facts.text('guest.name', guest.os));
  if (made.family !== 0) facts.note('guest.family', made.family, guest.os);
  facts.note('guest.arch', made.arch, guest.os);
  return made;
}

function cpuOf({ cpu, file }: Description, facts: Facts): Cpu {
  if ('count' in cpu) return { count: facts.count('cpu.count', cpu.count) };
  const sockets = facts.count('cpu.sockets', cpu.sockets);
  const coresPerSocket = facts.count('cpu.coresPerSocket', cpu.coresPerSocket);
  if (sockets === undefined || coresPerSocket === undefined) return { sockets, coresPerSocket };
  const count = sockets * coresPerSocket * (facts.count('cpu.count', cpu.threadsPerCore) ?? 1);
  if (count < 2 ** 32) {
    return { count: facts.note('cpu.count', count, cpu.sockets), sockets, coresPerSocket };
  }
  facts.findings.push(
    warn(
      'machine.value-unusable',
      'cpu.count',
      `${file} gives the machine ${count} CPUs, more than any machine has.`,
      'Export the metadata again, or give the number of CPUs when restoring.',
    ),
  );
  return {};
}

function contradictions({ firmware, secureBoot, file }: Description): Finding[] {
  if (firmware?.value !== Firmware.BIOS || secureBoot?.value !== true) return [];
  return [
    warn(
      'machine.firmware-contradiction',
      file,
      `${file} says both BIOS (${firmware.where}) and Secure Boot (${secureBoot.where}), which needs UEFI.`,
      'Look at how the disk is partitioned: a machine with an EFI system partition needs UEFI.',
    ),
  ];
}

/** Devices that a machine here does not have. */
function notRestored(vm: Description): Finding[] {
  const { file, gpus, volumeGroups, boot } = vm;
  const serialPorts = vm.serialPorts.filter(
    (port) => port.first('is_connected', 'isConnected').flag() === true,
  );
  const findings: Finding[] = [];
  if (gpus.length > 0) {
    const message = `The machine has ${gpus.length} GPUs or PCI devices of its host (${gpus.map(gpuName).slice(0, 4).join('; ')}); they are not restored.`;
    findings.push(warn('machine.gpu', file, message, 'Add a GPU on the target if the guest needs one.'));
  }
  for (const group of volumeGroups) {
    const message = `The volume group ${(group.text() ?? '').slice(0, 80)} is attached to the machine; it is no disk of the machine and is not in its backup.`;
    findings.push(
      warn(
        'disk.volume-group',
        file,
        message,
        'Back the volume group up on its own; attach it again after the restore.',
      ),
    );
  }
  if (serialPorts.length > 0) {
    const message = `The machine has ${serialPorts.length} connected serial ports; they are not restored.`;
    findings.push(
      info('machine.serial-ports', file, message, 'Add them on the target if the guest uses them.'),
    );
  }
  if (boot.mac.text() !== undefined || boot.order.items()[0]?.text()?.toUpperCase() === 'NETWORK') {
    const message = 'The machine tries to boot from the network before its disks.';
    findings.push(
      info('machine.boots-from-network', file, message, 'Check the boot order after the restore.'),
    );
  }
  return findings;
}

function gpuName(gpu: JsonNode): string {
  const parts = [gpu.get('vendor'), gpu.get('name'), gpu.get('mode')].flatMap((node) => node.text() ?? []);
  return parts.join(' ').slice(0, 80) || 'unnamed';
}
