/** Descriptions of one machine by several domain XMLs: virt-install prints one for each phase of an installation. */
import { info, warn } from '../../../proto/finding.ts';
import type { SourcedMachine } from '../source.ts';

/** One machine for each UUID; the last description is taken, for it is the later one. */
export function withoutTwins(machines: readonly SourcedMachine[]): SourcedMachine[] {
  const groups = Map.groupBy(machines, ({ machine }, index) => machine.sourceId ?? index);
  return [...groups.values()].flatMap((twins) => {
    const last = twins.at(-1);
    return last === undefined ? [] : [twins.length === 1 ? last : latest(last, twins)];
  });
}

function latest(last: SourcedMachine, twins: readonly SourcedMachine[]): SourcedMachine {
  const files = [...new Set(twins.map(({ from }) => from))].join(', ');
  const name = last.machine.name || 'The machine';
  const taken = plain(last.machine);
  const alike = twins.every(({ machine }) => plain(machine) === taken);
  const finding = alike
    ? info(
        'machine.described-twice',
        last.from,
        `${name} is described ${twins.length} times, each time alike (${files}).`,
        'Nothing to do.',
      )
    : warn(
        'machine.described-twice',
        last.from,
        `${name} is described ${twins.length} times, and not alike (${files}); the last description is taken.`,
        'Leave only the description that belongs to the backup of the disks.',
      );
  return { ...last, findings: [...last.findings, finding] };
}

function plain(machine: object): string {
  return JSON.stringify(machine, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}
