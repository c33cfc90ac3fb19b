/** A machine from a libvirt domain, as `virsh dumpxml` writes it. */
import { info, warn } from '../../../../proto/finding.ts';
import { GuestFamily, type Guest, type Machine } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { XmlElement } from '../../../documents/xml.ts';
import type { SourcedMachine } from '../../source.ts';
import { architectureOf } from '../../architecture.ts';
import { Facts } from '../../facts.ts';
import { familyOf } from '../../guest-family.ts';
import { cpuOf } from './cpu.ts';
import { disksOf } from './disks.ts';
import { firmwareOf } from './firmware.ts';
import { memoryOf } from './memory.ts';
import { nicsOf } from './nics.ts';
import { isCloudStacks } from './origin.ts';

export function machineOf(domain: XmlElement, file: string): SourcedMachine {
  const facts = new Facts(file);
  const description = domain.textOf('description');
  const cloudStacks = isCloudStacks(domain);
  const machine: Machine = {
    name: facts.name(domain.textOf('name'), 'domain/name'),
    platform: 'cloudstack',
    sourceId: facts.note('sourceId', domain.textOf('uuid')?.toLowerCase(), 'domain/uuid'),
    // CloudStack writes the name of the guest's system where others write notes.
    guest: guestOf(domain, cloudStacks ? description : undefined, facts),
    cpu: cpuOf(domain, facts),
    memoryBytes: facts.note('memoryBytes', memoryOf(domain), 'domain/memory'),
    ...firmwareOf(domain, facts),
    disks: disksOf(domain, facts),
    nics: nicsOf(domain, facts),
    notes: cloudStacks ? undefined : facts.note('notes', description, 'domain/description'),
    tags: {},
  };
  if (!cloudStacks) assumed(facts, machine.name);
  remarks(domain, facts, machine.name);
  return facts.of(machine);
}

function guestOf(domain: XmlElement, system: string | undefined, facts: Facts): Guest {
  const osinfo = domain.child('metadata', 'libosinfo', 'os');
  const id = facts.note('guest.id', osinfo?.attribute('id') || undefined, osinfo?.where ?? '');
  const byId = familyOf(id);
  const family = byId === GuestFamily.UNSPECIFIED ? familyOf(system) : byId;
  const origin = byId === GuestFamily.UNSPECIFIED ? 'domain/description' : (osinfo?.where ?? '');
  if (family !== GuestFamily.UNSPECIFIED) facts.note('guest.family', family, origin);
  const arch = architectureOf(domain.child('os', 'type')?.attribute('arch'));
  return {
    family,
    id,
    name: facts.note('guest.name', system, 'domain/description'),
    arch: facts.note('guest.arch', arch, 'domain/os/type/@arch'),
  };
}

function assumed(facts: Facts, name: string): void {
  const message = `Nothing in ${facts.file} speaks of CloudStack: ${name || 'the machine'} is read as a plain libvirt KVM machine.`;
  const remedy = 'Nothing to do: disks, NICs and firmware are written alike on both.';
  facts.findings.push(info('machine.platform-assumed', facts.file, message, remedy));
}

/** What a machine needs that no backup of its disks holds. */
function remarks(domain: XmlElement, facts: Facts, name: string): void {
  const kernel = domain.textOf('os', 'kernel');
  if (kernel !== undefined) {
    const message = `${name} is started by a kernel outside its disks: ${kernel}.`;
    const remedy =
      'Install a kernel and a boot loader in the guest before the backup, or copy that kernel, too.';
    facts.findings.push(warn('machine.kernel-outside', facts.file, message, remedy));
  }
  const passed = domain.child('devices')?.childrenNamed('hostdev').length ?? 0;
  if (passed > 0) {
    const message = `${name} uses ${passed} device${passed === 1 ? '' : 's'} of its host directly; a restored machine does not have them.`;
    const remedy = 'Attach like devices on the target, where the machine needs them.';
    facts.findings.push(warn('machine.host-devices', facts.file, message, remedy));
  }
}
