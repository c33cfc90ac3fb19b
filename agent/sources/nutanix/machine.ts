/** A machine from what a generation of the API says about a VM. */
import { info, warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import { Firmware, type Cpu, type Machine } from '../../../proto/gen/ascend/v1/machine.ts';
import type { JsonNode } from '../../documents/json.ts';
import { settleFirmware } from '../firmware.ts';
import type { SourcedMachine } from '../source.ts';
import { tagsOf, type Categories } from './categories.ts';
import type { Description } from './description.ts';
import { disksOf } from './disks.ts';
import { NodeFacts } from './facts.ts';
import { guestOf } from './guest-os.ts';
import type { Networks } from './networks.ts';
import { nicsOf } from './nics.ts';

export function machineOf(vm: Description, networks: Networks, categories: Categories): SourcedMachine {
  const facts = new NodeFacts(vm.file);
  const machine: Machine = {
    name: facts.name(vm.name.text(), vm.name.where),
    platform: 'nutanix',
    sourceId: facts.text('sourceId', vm.id),
    guest: guestFacts(vm, facts),
    cpu: cpuOf(vm, facts),
    memoryBytes: facts.bytes('memoryBytes', vm.memory),
    ...settleFirmware(
      {
        firmware: { value: vm.firmware?.value ?? Firmware.UNSPECIFIED, key: vm.firmware?.where ?? '' },
        secureBoot: { value: vm.secureBoot?.value, key: vm.secureBoot?.where ?? '' },
      },
      facts,
    ),
    tpm: facts.flag('tpm', vm.tpm),
    disks: disksOf(vm, facts),
    nics: nicsOf(vm.nics, networks, facts),
    notes: facts.text('notes', vm.notes),
    tags: tagsOf(vm, categories, facts),
  };
  facts.findings.unshift(...vm.findings);
  facts.findings.push(...notRestored(vm));
  return facts.of(machine);
}

function guestFacts({ guest }: Description, facts: NodeFacts) {
  const made = guestOf(facts.text('guest.id', guest.id), facts.text('guest.name', guest.os));
  if (made.family !== 0) facts.noteAt('guest.family', made.family, guest.os);
  facts.noteAt('guest.arch', made.arch, guest.os);
  return made;
}

function cpuOf({ cpu, file }: Description, facts: NodeFacts): Cpu {
  if ('count' in cpu) return { count: facts.count('cpu.count', cpu.count) };
  const sockets = facts.count('cpu.sockets', cpu.sockets);
  const coresPerSocket = facts.count('cpu.coresPerSocket', cpu.coresPerSocket);
  if (sockets === undefined || coresPerSocket === undefined) return { sockets, coresPerSocket };
  const count = sockets * coresPerSocket * (facts.count('cpu.count', cpu.threadsPerCore) ?? 1);
  if (count < 2 ** 32) {
    return { count: facts.noteAt('cpu.count', count, cpu.sockets), sockets, coresPerSocket };
  }
  facts.findings.push(
    warn(
      'machine.value-invalid',
      'cpu.count',
      `${file} gives the machine ${count} CPUs, more than any machine has.`,
      'Export the metadata again, or give the number of CPUs when restoring.',
    ),
  );
  return {};
}

/** Devices that a machine here does not have. */
function notRestored(vm: Description): Finding[] {
  const { file, gpus, volumeGroups, boot } = vm;
  const serialPorts = vm.serialPorts.filter(
    (port) => port.first('is_connected', 'isConnected').flag() === true,
  );
  const findings: Finding[] = [];
  if (gpus.length > 0) {
    const message = `The machine uses ${gpus.length} GPUs or PCI devices of its host directly (${gpus.map(gpuName).slice(0, 4).join('; ')}); a restored machine does not have them.`;
    findings.push(
      warn(
        'machine.host-devices',
        file,
        message,
        'Attach like devices on the target, where the machine needs them.',
      ),
    );
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
