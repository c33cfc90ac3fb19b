/** A machine while the files that describe it are brought together. */
import { warn } from '../../../proto/finding.ts';
import type { SourcedMachine } from '../source.ts';

export interface Candidate {
  sourced: SourcedMachine;
  /** CloudStack's own name of it, e.g. "i-2-33-VM", after which folders of backups are called. */
  instance: string | undefined;
}

type Plain = string | number | bigint;

/** Two files that do not agree; the first one's value is the one taken. */
export function contradict(
  { machine, from, findings }: SourcedMachine,
  what: string,
  taken: Plain | undefined,
  other: Plain | undefined,
  otherFile: string,
): void {
  if (taken === undefined || other === undefined || taken === other) return;
  const message = `${what} of ${machine.name || 'the machine'} is ${String(taken)} in ${from}, but ${String(other)} in ${otherFile}.`;
  const remedy = `${from} is taken. Make sure that both files are of the same backup.`;
  findings.push(warn('metadata.contradicts', otherFile, message, remedy));
}
