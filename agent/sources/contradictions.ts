/** Facts that are stated twice of one machine, and not alike. */
import { info, warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { Firmware, type Disk } from '../../proto/gen/ascend/v1/machine.ts';
import type { SourcedMachine } from './source.ts';

export type Plain = string | number | bigint | boolean;

interface Statement {
  file: string;
  value: Plain | undefined;
}

/** Undefined where either says nothing, or both say the same. `what`: e.g. "the number of processors". */
export function contradiction(what: string, taken: Statement, other: Statement): Finding | undefined {
  if (taken.value === undefined || other.value === undefined || taken.value === other.value) return undefined;
  const [first, second] = [taken, other].map(({ value }) => String(value).slice(0, 500));
  if (taken.file === other.file) {
    const message = `${taken.file} says two things of one machine: ${what} is ${first}, and elsewhere ${second}; ${first} is taken.`;
    return warn('machine.contradiction', taken.file, message, 'Compare it with the original machine.');
  }
  const message = `${taken.file} and ${other.file} do not agree about the machine: ${what} is ${first} in the first and ${second} in the second.`;
  const remedy = `${taken.file} counts. Take out the file that is out of date.`;
  return warn('machine.contradiction', taken.file, message, remedy);
}

/** Between two descriptions of one machine. `exact` is the one that counts. */
export function contradictions(exact: SourcedMachine, other: SourcedMachine): Finding[] {
  return [...ofTheMachine(exact, other), ...ofDiskSizes(exact, other)].flatMap(
    ([what, taken, second]) =>
      contradiction(what, { file: exact.from, value: taken }, { file: other.from, value: second }) ?? [],
  );
}

/** A description that adds nothing, because another one of the same machine is taken whole: `which`. */
export function describedTwice(taken: SourcedMachine, other: SourcedMachine, which = taken.from): Finding[] {
  const name = taken.machine.name || 'A machine';
  const files =
    taken.from === other.from ? `twice in ${taken.from}` : `in ${taken.from} and in ${other.from}`;
  const message = `${name} is described ${files}; ${which} is used.`;
  const remedy = 'Leave only the description that belongs to the backup of the disks.';
  return [info('machine.described-twice', taken.from, message, remedy), ...contradictions(taken, other)];
}

type Facts = readonly [what: string, taken: Plain | undefined, other: Plain | undefined];

function ofTheMachine({ machine: a }: SourcedMachine, { machine: b }: SourcedMachine): Facts[] {
  return [
    ['the name', a.name || undefined, b.name || undefined],
    ['the number of processors', a.cpu?.count, b.cpu?.count],
    ['the memory in bytes', a.memoryBytes, b.memoryBytes],
    ['the firmware', FIRMWARE[a.firmware], FIRMWARE[b.firmware]],
    ['Secure Boot', a.secureBoot, b.secureBoot],
    ['the TPM', a.tpm, b.tpm],
    ['the list of disks', idsOf(a.disks), idsOf(b.disks)],
    ['the number of NICs', a.nics.length || undefined, b.nics.length || undefined],
  ];
}

function ofDiskSizes({ machine: a }: SourcedMachine, { machine: b }: SourcedMachine): Facts[] {
  const sizes = new Map(b.disks.map(({ id, sizeBytes }) => [id, sizeBytes]));
  return a.disks.map(({ id, sizeBytes }) => [`the size of ${id} in bytes`, sizeBytes, sizes.get(id)]);
}

export const FIRMWARE: Readonly<Record<Firmware, string | undefined>> = {
  [Firmware.UNSPECIFIED]: undefined,
  [Firmware.BIOS]: 'BIOS',
  [Firmware.UEFI]: 'UEFI',
};

function idsOf(disks: readonly Disk[]): string | undefined {
  const ids = disks.map(({ id }) => id).sort();
  return ids.length === 0 ? undefined : ids.join(', ');
}
