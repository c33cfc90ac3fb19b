/** A machine as CloudStack's API describes it. Source: CloudStack, UserVmResponse. */
import { warn } from '../../../../proto/finding.ts';
import { Firmware, GuestFamily, type Guest, type Machine } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { JsonNode } from '../../../documents/json.ts';
import type { SourcedMachine } from '../../source.ts';
import { architectureOf } from '../../architecture.ts';
import { Facts } from '../../facts.ts';
import { familyOf } from '../../guest-family.ts';
import { bytesOf, countOf } from '../../quantities.ts';
import { listOf, telling } from './answer.ts';
import type { Inventory } from './inventory.ts';
import { nicsOf } from './nics.ts';
import { disksOf } from './volumes.ts';

export interface VirtualMachine {
  node: JsonNode;
  path: string;
}

/** `inventory`: what other answers list of all machines. */
export function machineOf({ node, path }: VirtualMachine, inventory: Inventory): SourcedMachine {
  const facts = new Facts(path);
  const text = (fact: string, ...keys: [string, ...string[]]) =>
    facts.note(fact, telling(node, ...keys).text(), telling(node, ...keys).where);
  const identity = identityOf(node);
  const volumes = inventory.volumesOf(identity);
  const named = telling(node, 'name', 'displayname', 'instancename');
  const count = facts.note('cpu.count', countOf(node.get('cpunumber').whole()), node.get('cpunumber').where);
  const machine: Machine = {
    name: facts.name(named.text(), named.where),
    platform: 'cloudstack',
    sourceId: text('sourceId', 'id'),
    guest: guestOf(node, facts),
    cpu: { count },
    memoryBytes: memoryOf(node, facts),
    ...firmwareOf(node, facts),
    tpm: tpmOf(node, facts),
    disks: disksOf(volumes, node.get('details'), node.get('hypervisor').text() ?? '', facts),
    nics: nicsOf(nicNodes(node, inventory), node.get('details', 'nicAdapter'), facts),
    tags: tagsOf(node, facts),
  };
  remarks(node, machine, facts);
  return facts.of(machine);
}

export function identityOf(node: JsonNode): Record<'id' | 'name' | 'instance', string | undefined> {
  return {
    id: node.get('id').text(),
    name: node.get('name').text(),
    instance: node.get('instancename').text(),
  };
}

/** listNics knows more of a NIC than listVirtualMachines did in old releases; it is taken whole. */
function nicNodes(node: JsonNode, inventory: Inventory): JsonNode[] {
  const listed = inventory.nicsOf(node.get('id').text());
  return listed.length > 0 ? listed : listOf(node.get('nic'));
}

function guestOf(node: JsonNode, facts: Facts): Guest {
  const named = telling(node, 'osdisplayname', 'ostypename');
  const identified = telling(node, 'guestosid', 'ostypeid');
  const name = facts.note('guest.name', named.text(), named.where);
  const family = familyOf(name);
  if (family !== GuestFamily.UNSPECIFIED) facts.note('guest.family', family, named.where);
  return {
    family,
    id: facts.note('guest.id', identified.text(), identified.where),
    name,
    arch: facts.note('guest.arch', architectureOf(node.get('arch').text()), node.get('arch').where),
  };
}

function memoryOf(node: JsonNode, facts: Facts): bigint | undefined {
  const mebibytes = node.get('memory');
  return facts.note('memoryBytes', bytesOf(mebibytes.whole(), 1024n * 1024n), mebibytes.where);
}

/** The detail UEFI=LEGACY|SECURE, or boottype and bootmode since 4.15, in any case. */
function firmwareOf(node: JsonNode, facts: Facts): Pick<Machine, 'firmware' | 'secureBoot'> {
  const detail = node.get('details', 'UEFI');
  const mode = detail.exists ? detail : node.get('bootmode');
  const type = detail.exists ? 'UEFI' : node.get('boottype').text()?.toUpperCase();
  const firmware = type === 'UEFI' ? Firmware.UEFI : type === 'BIOS' ? Firmware.BIOS : Firmware.UNSPECIFIED;
  if (firmware === Firmware.UNSPECIFIED) return { firmware };
  const secure = firmware === Firmware.BIOS ? false : MODES.get(mode.text()?.toUpperCase() ?? '');
  facts.note('firmware', firmware, detail.exists ? detail.where : node.get('boottype').where);
  return { firmware, secureBoot: facts.note('secureBoot', secure, mode.where) };
}

const MODES: ReadonlyMap<string, boolean> = new Map([
  ['SECURE', true],
  ['LEGACY', false],
]);

/** Details say that there is one; without them there may be one by the template. */
function tpmOf(node: JsonNode, facts: Facts): boolean | undefined {
  const enabled = node.get('details', 'virtual.tpm.enabled');
  if (enabled.exists) return facts.note('tpm', enabled.flag(), enabled.where);
  const model = node.get('details', 'virtual.tpm.model');
  return model.text() === undefined ? undefined : facts.note('tpm', model.text() !== 'none', model.where);
}

function tagsOf(node: JsonNode, facts: Facts): Record<string, string> {
  const tags = listOf(node.get('tags')).flatMap((tag): [string, string][] => {
    const key = tag.get('key').text();
    return key === undefined
      ? []
      : [[key, facts.note(`tags.${key}`, tag.get('value').text() ?? '', tag.where)]];
  });
  return Object.fromEntries(tags);
}

function remarks(node: JsonNode, { name, disks }: Machine, facts: Facts): void {
  const hypervisor = node.get('hypervisor').text()?.slice(0, 40);
  if (hypervisor !== undefined && hypervisor.toUpperCase() !== 'KVM') {
    const message = `CloudStack ran ${name} on ${hypervisor}, not on KVM: its disks and drivers are those of that hypervisor.`;
    const remedy = `Use the metadata that ${hypervisor} itself gives of it, if you have it: it knows the hardware.`;
    facts.findings.push(warn('machine.other-hypervisor', facts.file, message, remedy));
  }
  if (disks.length === 0) {
    const message = `${facts.file} does not list the volumes of ${name}: listVirtualMachines never does.`;
    const remedy = 'Put the answer of listVolumes for this machine beside it.';
    facts.findings.push(warn('machine.disks-unlisted', facts.file, message, remedy));
  }
}
