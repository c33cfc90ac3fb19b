/** What `analyse` makes of a place, whole: metadata, disks, checksums and qemu-img check, as the command does it. */
import { AscendError } from '../../../proto/errors.ts';
import { Severity, type Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import { Machine } from '../../../proto/gen/ascend/v1/machine.ts';
import { exec } from '../../../agent/exec.ts';
import { analyse } from '../../../agent/pipeline/analyse.ts';
import { openAt } from '../../../agent/pipeline/open.ts';
import { verifyBackup } from '../../../agent/pipeline/verify.ts';
import { sources } from '../../../agent/sources/index.ts';

export interface Outcome {
  machine: Machine | undefined;
  findings: Finding[];
  refused: AscendError | undefined;
}

/** @throws whatever is no AscendError, and where a machine cannot be sent */
export async function outcomeOf(place: string): Promise<Outcome> {
  try {
    await using backup = await openAt(place, sources);
    const analysis = await analyse(backup, sources);
    const { machine } = analysis;
    if (machine) Machine.encode(machine).finish();
    const context = { exec, signal: new AbortController().signal, onBytes: () => undefined };
    const verification = await verifyBackup(analysis, backup.files, context);
    const findings = [...analysis.findings, ...verification.findings];
    return { machine, findings, refused: undefined };
  } catch (thrown) {
    if (!(thrown instanceof AscendError) || thrown.code === 'internal') throw thrown;
    return { machine: undefined, findings: [], refused: thrown };
  }
}

/** Whether a person is told that something is not as it should be. */
export function isHeard({ findings, refused }: Outcome): boolean {
  return refused !== undefined || findings.some(({ severity }) => severity !== Severity.INFO);
}

/** Everything that is said, code first, a line each. */
export function said({ findings, refused }: Outcome): string {
  const lines = findings.map(({ code, message }) => `${code}: ${message}`);
  return [...(refused ? [`${refused.code}: ${refused.message}`] : []), ...lines].join('\n');
}
