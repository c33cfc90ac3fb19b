/** A machine while the files that describe it are brought together. */
import { contradiction, type Plain } from '../contradictions.ts';
import type { SourcedMachine } from '../source.ts';

export interface Candidate {
  sourced: SourcedMachine;
  /** CloudStack's own name of it, e.g. "i-2-33-VM", after which folders of backups are called. */
  instance: string | undefined;
}

/** Two files that do not agree; the first one's value is the one taken. */
export function contradict(
  { from, findings }: SourcedMachine,
  what: string,
  taken: Plain | undefined,
  other: Plain | undefined,
  otherFile: string,
): void {
  const found = contradiction(what, { file: from, value: taken }, { file: otherFile, value: other });
  if (found) findings.push(found);
}
