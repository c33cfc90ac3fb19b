/** Facts that two files state of the same VM, and not alike. */
import { warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import { Firmware, type Disk } from '../../../proto/gen/ascend/v1/machine.ts';
import type { SourcedMachine } from '../source.ts';

type Value = string | number | bigint | boolean | undefined;
type Statement = [what: string, first: Value, second: Value];

/** `exact` is the file that counts. */
export function contradictions(exact: SourcedMachine, other: SourcedMachine): Finding[] {
  return [...ofTheMachine(exact, other), ...ofDiskSizes(exact, other)]
    .filter(([, first, second]) => first !== undefined && second !== undefined && first !== second)
    .map(([what, first, second]) =>
      warn(
        'machine.contradiction',
        exact.from,
        `${exact.from} and ${other.from} describe the same VM, but not alike: ${what} is ${first} in the first and ${second} in the second.`,
        `${exact.from} counts. Take out the file that is out of date.`,
      ),
    );
}

function ofTheMachine({ machine: a }: SourcedMachine, { machine: b }: SourcedMachine): Statement[] {
  return [
    ['the name', a.name === '' ? undefined : a.name, b.name === '' ? undefined : b.name],
    ['the number of processors', a.cpu?.count, b.cpu?.count],
    ['the memory in bytes', a.memoryBytes, b.memoryBytes],
    ['the firmware', FIRMWARE[a.firmware], FIRMWARE[b.firmware]],
    ['Secure Boot', a.secureBoot, b.secureBoot],
    ['the TPM', a.tpm, b.tpm],
    ['the list of disks', idsOf(a.disks), idsOf(b.disks)],
    ['the number of NICs', a.nics.length, b.nics.length],
  ];
}

function ofDiskSizes({ machine: a }: SourcedMachine, { machine: b }: SourcedMachine): Statement[] {
  const sizes = new Map(b.disks.map(({ id, sizeBytes }) => [id, sizeBytes]));
  return a.disks.map(({ id, sizeBytes }) => [`the size of ${id} in bytes`, sizeBytes, sizes.get(id)]);
}

const FIRMWARE: Record<Firmware, string | undefined> = {
  [Firmware.UNSPECIFIED]: undefined,
  [Firmware.BIOS]: 'BIOS',
  [Firmware.UEFI]: 'UEFI',
};

function idsOf(disks: readonly Disk[]): string | undefined {
  const ids = disks.map(({ id }) => id).sort();
  return ids.length === 0 ? undefined : ids.join(', ');
}
