/** One machine, described by several files: the more exact one wins for each fact. */
import {
  Firmware,
  GuestFamily,
  type Disk,
  type Guest,
  type Machine,
  type Nic,
} from '../../../proto/gen/ascend/v1/machine.ts';
import { Origins } from '../origins.ts';
import type { DiskReference, SourcedMachine } from '../source.ts';
import { contradictions } from '../contradictions.ts';

/**
 * Files that describe the same VM (the same UUID; the same name where one has no UUID) become one machine.
 * `groups`: machines by the kind of their file, the most exact kind first. Machines of one kind are never one.
 */
export function mergeDescriptions(groups: readonly (readonly SourcedMachine[])[]): SourcedMachine[] {
  const merged: SourcedMachine[] = [];
  for (const group of groups) {
    const places = new Places(merged);
    for (const machine of group) {
      const place = places.take(machine.machine);
      const match = place === undefined ? undefined : merged[place];
      if (place !== undefined && match) merged[place] = merge(match, machine);
      else merged.push(machine);
    }
  }
  return merged;
}

/** Where the machines of the kinds before are; each can be taken once. */
class Places {
  readonly #byUuid = new Map<string, number>();
  readonly #byName = new Map<string, number>();
  readonly #machines: readonly Machine[];

  constructor(machines: readonly SourcedMachine[]) {
    this.#machines = machines.map(({ machine }) => machine);
    for (const [place, { sourceId, name }] of this.#machines.entries()) {
      if (sourceId !== undefined) this.#byUuid.set(sourceId, place);
      if (name !== '') this.#byName.set(name, place);
    }
  }

  take({ sourceId, name }: Machine): number | undefined {
    const place = this.#byUuid.get(sourceId ?? '') ?? this.#placeByName(name, sourceId);
    if (place === undefined) return undefined;
    this.#byUuid.delete(this.#machines[place]?.sourceId ?? '');
    this.#byName.delete(this.#machines[place]?.name ?? '');
    return place;
  }

  /** Two of one name that have different UUIDs are two. */
  #placeByName(name: string, sourceId: string | undefined): number | undefined {
    const place = this.#byName.get(name);
    const other = place === undefined ? undefined : this.#machines[place]?.sourceId;
    return sourceId !== undefined && other !== undefined ? undefined : place;
  }
}

function merge(exact: SourcedMachine, other: SourcedMachine): SourcedMachine {
  const [a, b] = [exact.machine, other.machine];
  const machine: Machine = {
    ...a,
    name: a.name === '' ? b.name : a.name,
    sourceId: a.sourceId ?? b.sourceId,
    guest: mergeGuests(a.guest, b.guest),
    cpu: a.cpu?.count === undefined ? b.cpu : a.cpu,
    memoryBytes: a.memoryBytes ?? b.memoryBytes,
    firmware: a.firmware === Firmware.UNSPECIFIED ? b.firmware : a.firmware,
    secureBoot: a.secureBoot ?? b.secureBoot,
    tpm: a.tpm ?? b.tpm,
    disks: mergeDisks(a.disks, b.disks),
    nics: mergeNics(a.nics, b.nics),
    notes: a.notes ?? b.notes,
    tags: { ...b.tags, ...a.tags },
  };
  const known = new Set(exact.findings.map(({ code, subject }) => `${code} ${subject}`));
  const more = other.findings.filter(({ code, subject }) => !known.has(`${code} ${subject}`));
  return {
    machine,
    from: exact.from,
    origins: mergeOrigins(exact.origins, other.origins),
    diskReferences: mergeReferences(machine.disks, exact, other),
    findings: [...exact.findings, ...more, ...contradictions(exact, other)],
  };
}

function mergeGuests(a: Guest | undefined, b: Guest | undefined): Guest | undefined {
  if (!a || !b) return a ?? b;
  return {
    family: a.family === GuestFamily.UNSPECIFIED ? b.family : a.family,
    id: a.id ?? b.id,
    name: a.name ?? b.name,
    arch: a.arch ?? b.arch,
  };
}

/** The disks of the first file, with what the other adds to each. */
function mergeDisks(disks: Disk[], others: Disk[]): Disk[] {
  if (disks.length === 0) return others;
  const byId = new Map(others.map((other) => [other.id, other]));
  return disks.map((disk) => {
    const other = byId.get(disk.id);
    const controller = disk.controller ?? other?.controller;
    return {
      ...disk,
      label: disk.label ?? other?.label,
      sizeBytes: disk.sizeBytes ?? other?.sizeBytes,
      controller: controller && { ...controller, model: controller.model ?? other?.controller?.model },
    };
  });
}

/** Matched by MAC where both have one, else by id. */
function mergeNics(nics: Nic[], others: Nic[]): Nic[] {
  if (nics.length === 0) return others;
  const byMac = new Map(others.map((other) => [other.mac ?? '', other]));
  const byId = new Map(others.map((other) => [other.id, other]));
  return nics.map((nic) => {
    const sameId = byId.get(nic.id);
    const bothHaveMacs = nic.mac !== undefined && sameId?.mac !== undefined;
    const other =
      nic.mac === undefined ? sameId : (byMac.get(nic.mac) ?? (bothHaveMacs ? undefined : sameId));
    return other ? withMore(nic, other) : nic;
  });
}

function withMore(nic: Nic, other: Nic): Nic {
  return {
    ...nic,
    mac: nic.mac ?? other.mac,
    model: nic.model ?? other.model,
    network: nic.network ?? other.network,
    connected: nic.connected ?? other.connected,
    addresses: nic.addresses.length > 0 ? nic.addresses : other.addresses,
    guestNames: nic.guestNames.length > 0 ? nic.guestNames : other.guestNames,
  };
}

function mergeOrigins(exact: Origins, other: Origins): Origins {
  const origins = new Origins();
  for (const [fact, { file, key }] of [...other.entries(), ...exact.entries()])
    origins.note(fact, fact, file, key);
  return origins;
}

function mergeReferences(disks: readonly Disk[], exact: SourcedMachine, other: SourcedMachine) {
  const references = new Map<string, DiskReference>();
  for (const { id } of disks) {
    const names = [exact, other].flatMap(({ diskReferences }) => diskReferences.get(id)?.names ?? []);
    if (names.length > 0) references.set(id, { names: [...new Set(names)] });
  }
  return references;
}
