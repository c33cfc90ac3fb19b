/** Whether a backup is whole, as far as it has been looked into. */
import { Severity, type Finding } from '../../proto/gen/ascend/v1/finding.ts';

/** broken: something is not what it should be; incomplete: something is not there. */
export type IntegrityVerdict = 'whole' | 'incomplete' | 'broken';

const MISSING = new Set(['disk.not-in-backup', 'disk.missing', 'disk.parent-missing']);
/** These ask for a decision; they say nothing against the files. */
const OPEN = new Set(['machine.ambiguous', 'disk.ambiguous', 'disk.not-in-machine']);

export function integrityOf(findings: readonly Finding[]): IntegrityVerdict {
  const blocking = findings.filter(({ severity, code }) => severity === Severity.BLOCK && !OPEN.has(code));
  if (blocking.some(({ code }) => !MISSING.has(code))) return 'broken';
  const missing = findings.some(({ severity, code }) => severity !== Severity.INFO && MISSING.has(code));
  return missing ? 'incomplete' : 'whole';
}
