/** Descriptions of one machine by several domain XMLs: virt-install prints one for each phase of an installation. */
import { describedTwice } from '../contradictions.ts';
import type { SourcedMachine } from '../source.ts';

/** One machine for each UUID; the last description is taken, for it is the later one. */
export function withoutTwins(machines: readonly SourcedMachine[]): SourcedMachine[] {
  const groups = Map.groupBy(machines, ({ machine }, index) => machine.sourceId ?? index);
  return [...groups.values()].flatMap((twins) => {
    const last = twins.at(-1);
    return last === undefined ? [] : [twins.length === 1 ? last : latest(last, twins)];
  });
}

/** Each with the place where it is told, once for each description that is not taken. */
function latest(last: SourcedMachine, twins: readonly SourcedMachine[]): SourcedMachine {
  const findings = twins
    .slice(0, -1)
    .flatMap((earlier) => describedTwice(last, earlier, 'the last description'));
  const once = new Map(findings.map((finding) => [`${finding.code} ${finding.message}`, finding]));
  return { ...last, findings: [...last.findings, ...once.values()] };
}
