/** Facts that a backup's metadata does not state: each is absent, none is guessed, and the user is told. */
import { info } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { Firmware, GuestFamily, type Machine } from '../../proto/gen/ascend/v1/machine.ts';

/** `from`: the file that describes the machine. */
export function absentFacts(machine: Machine, from: string): Finding[] {
  const findings = WEIGHTY.filter(({ absent }) => absent(machine)).map(({ code, what, remedy }) =>
    info(code, from, `${from} does not say ${what}.`, remedy),
  );
  for (const { id } of machine.nics.filter(({ mac }) => mac === undefined)) {
    const message = `${from} gives ${id} no MAC address that can be used.`;
    const remedy = 'The target makes one; check addresses and licences that are bound to it.';
    findings.push(info('nic.mac-missing', id, message, remedy));
  }
  const minor = minorFacts(machine);
  if (minor.length > 0) {
    const message = `${from} does not state ${minor.join(', ')}.`;
    findings.push(
      info('machine.facts-unstated', from, message, 'Nothing to do: a restore does not need them.'),
    );
  }
  return findings;
}

interface WeightyFact {
  code: string;
  what: string;
  absent: (machine: Machine) => boolean;
  remedy: string;
}

/** Those that a restore may have to be told. */
const WEIGHTY: readonly WeightyFact[] = [
  {
    code: 'machine.name-missing',
    what: 'how the machine is called',
    absent: ({ name }) => name === '',
    remedy: 'Name it with --name when you restore it.',
  },
  {
    code: 'machine.cpu-unknown',
    what: 'how many processors the machine has',
    absent: ({ cpu }) => cpu?.count === undefined,
    remedy: 'Check what the target gives it.',
  },
  {
    code: 'machine.memory-unknown',
    what: 'how much memory the machine has',
    absent: ({ memoryBytes }) => memoryBytes === undefined,
    remedy: 'Check what the target gives it.',
  },
  {
    code: 'machine.firmware-unknown',
    what: 'whether the machine starts by BIOS or by UEFI',
    absent: ({ firmware }) => firmware === Firmware.UNSPECIFIED,
    remedy: 'The boot disk is looked at when the restore is checked.',
  },
  {
    code: 'machine.guest-unknown',
    what: 'which operating system the machine runs',
    absent: ({ guest }) => guest === undefined || guest.family === GuestFamily.UNSPECIFIED,
    remedy: 'The boot disk is looked at when the restore is checked.',
  },
];

/** In the names of the JSON shape. */
function minorFacts(machine: Machine): string[] {
  const stated: [fact: string, value: unknown][] = [
    ['sourceId', machine.sourceId],
    ['guest.id', machine.guest?.id],
    ['guest.name', machine.guest?.name],
    ['guest.arch', machine.guest?.arch],
    ['cpu.sockets', machine.cpu?.sockets],
    ['cpu.coresPerSocket', machine.cpu?.coresPerSocket],
    ['secureBoot', machine.secureBoot],
    ['tpm', machine.tpm],
    ['notes', machine.notes],
    ...machine.disks.map(({ id, controller }): [string, unknown] => [`disks.${id}.controller`, controller]),
    ...machine.nics.flatMap(({ id, model, network, vlan, connected }): [string, unknown][] => [
      [`nics.${id}.model`, model],
      [`nics.${id}.network`, network],
      [`nics.${id}.vlan`, vlan],
      [`nics.${id}.connected`, connected],
    ]),
  ];
  return stated.filter(([, value]) => value === undefined).map(([fact]) => fact);
}
