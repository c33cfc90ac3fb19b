/** What CloudStack's API adds to a machine whose domain XML is there: names, sizes, addresses, tags. */
import {
  Firmware,
  GuestFamily,
  type Disk,
  type Guest,
  type Nic,
} from '../../../proto/gen/ascend/v1/machine.ts';
import type { SourcedMachine } from '../source.ts';
import type { Inventory } from './api/inventory.ts';
import { identityOf, machineOf, type VirtualMachine } from './api/machine.ts';
import { describe, namesOf } from './api/volumes.ts';
import { contradict, type Candidate } from './candidate.ts';
import { FIRMWARE } from '../contradictions.ts';
import { Facts } from '../facts.ts';

/** Machines that the host described, completed, and after them those that the API alone describes. */
export function joinApi(
  described: readonly Candidate[],
  virtualMachines: readonly VirtualMachine[],
  inventory: Inventory,
): Candidate[] {
  const known = byName(virtualMachines);
  const joined = new Set<VirtualMachine>();
  const completed = described.map(({ sourced, instance }) => {
    const own = known.get(keyOf('id', sourced.machine.sourceId)) ?? known.get(keyOf('instance', instance));
    if (own) joined.add(own);
    const whole = own ? complete(sourced, machineOf(own, inventory)) : sourced;
    return { sourced: withVolumes(whole, inventory), instance };
  });
  const others = virtualMachines
    .filter((vm) => !joined.has(vm))
    .map((vm) => ({ sourced: machineOf(vm, inventory), instance: identityOf(vm.node).instance }));
  return [...completed, ...others];
}

/** By the UUID, which CloudStack gives the domain as well; old releases had numbers, so by the instance's name too. */
function byName(virtualMachines: readonly VirtualMachine[]): Map<string, VirtualMachine> {
  const known = new Map<string, VirtualMachine>();
  for (const vm of virtualMachines) {
    const { id, instance } = identityOf(vm.node);
    known.set(keyOf('id', id), vm).set(keyOf('instance', instance), vm);
  }
  known.delete('');
  return known;
}

function keyOf(kind: 'id' | 'instance', value: string | undefined): string {
  return value === undefined ? '' : `${kind} ${value}`;
}

/** The host says what hardware the machine had, as far as it does; the API says how people call it. */
function complete(sourced: SourcedMachine, api: SourcedMachine): SourcedMachine {
  const { machine } = sourced;
  compare(sourced, api);
  const taken = (fact: string) => moveOrigin(api, fact, sourced, fact);
  /** The API's, where the host does not say. */
  const filled = <T>(fact: string, own: T, other: T): T => {
    if (own !== undefined) return own;
    taken(fact);
    return other;
  };
  const hasFirmware = machine.firmware !== Firmware.UNSPECIFIED;
  if (!hasFirmware) taken('firmware');
  const { name, tags } = api.machine;
  for (const fact of ['name', 'guest.id', 'guest.name', 'guest.family']) taken(fact);
  for (const key of Object.keys(tags)) taken(`tags.${key}`);
  const whole = {
    ...machine,
    name: name || machine.name,
    guest: guestOf(machine.guest, api.machine.guest),
    cpu: { ...machine.cpu, count: filled('cpu.count', machine.cpu?.count, api.machine.cpu?.count) },
    memoryBytes: filled('memoryBytes', machine.memoryBytes, api.machine.memoryBytes),
    firmware: hasFirmware ? machine.firmware : api.machine.firmware,
    secureBoot: filled('secureBoot', machine.secureBoot, api.machine.secureBoot),
    tpm: filled('tpm', machine.tpm, api.machine.tpm),
    nics: machine.nics.map((nic) => withAddresses(nic, sourced, api)),
    tags,
  };
  return { ...sourced, machine: whole };
}

function compare(sourced: SourcedMachine, api: SourcedMachine): void {
  const { machine, from } = api;
  contradict(sourced, 'the number of processors', sourced.machine.cpu?.count, machine.cpu?.count, from);
  contradict(sourced, 'the memory in bytes', sourced.machine.memoryBytes, machine.memoryBytes, from);
  contradict(sourced, 'the firmware', FIRMWARE[sourced.machine.firmware], FIRMWARE[machine.firmware], from);
}

function guestOf(own: Guest | undefined, api: Guest | undefined): Guest {
  const families = [api?.family, own?.family].filter((family) => family !== GuestFamily.UNSPECIFIED);
  return {
    family: families.find((family) => family !== undefined) ?? GuestFamily.UNSPECIFIED,
    id: api?.id ?? own?.id,
    name: api?.name ?? own?.name,
    arch: own?.arch ?? api?.arch,
  };
}

function moveOrigin(from: SourcedMachine, fact: string, to: SourcedMachine, as: string): void {
  const origin = from.origins.of(fact);
  if (origin) to.origins.note(as, true, origin.file, origin.key);
}

/** By its MAC. The network's name is people's; the domain has the host's bridge. */
function withAddresses(nic: Nic, sourced: SourcedMachine, api: SourcedMachine): Nic {
  const same = api.machine.nics.find(({ mac }) => mac !== undefined && mac === nic.mac);
  if (!same) return nic;
  contradict(sourced, `the VLAN of ${nic.id}`, nic.vlan, same.vlan, api.from);
  const facts = [
    'addresses',
    ...(same.network ? ['network'] : []),
    ...(nic.vlan === undefined ? ['vlan'] : []),
  ];
  for (const fact of facts) moveOrigin(api, `nics.${same.id}.${fact}`, sourced, `nics.${nic.id}.${fact}`);
  const { network = nic.network, addresses } = same;
  return { ...nic, network, addresses, vlan: nic.vlan ?? same.vlan };
}

/** By the volume's path or id, or by the serial that is the beginning of its id. */
function withVolumes(sourced: SourcedMachine, inventory: Inventory): SourcedMachine {
  const facts = Facts.about(sourced);
  const disks = sourced.machine.disks.map((disk): Disk => {
    const names = facts.diskReferences.get(disk.id)?.names ?? [];
    const volume = inventory.volumeNamed(names);
    if (!volume) return disk;
    facts.refer(disk.id, ...namesOf(volume));
    const { label = disk.label, sizeBytes } = describe(disk.id, volume, facts.in(volume.path));
    return { ...disk, label, sizeBytes };
  });
  return facts.of({ ...sourced.machine, disks });
}
