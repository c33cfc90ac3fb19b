import { AscendError, isErrorCode } from '../../proto/errors.ts';
import type { RehearsalJson } from '../runs/rehearsal.ts';
import type { Progress, Run } from '../runs/run.ts';
import { bytesText } from './terminal.ts';

/** A run as a person reads it. */
export function runText(run: Run): string {
  const where = `${run.agentName}/${run.target}`;
  const lines = [
    `Run ${run.id}: ${run.state}`,
    `${run.backup.machineName} (${run.backup.repository}:${run.backup.path}) ${run.kind === 'rehearsal' ? 'rehearsed for' : 'to'} ${where}`,
    ...run.steps.map(
      (step) => `  ${step.name.padEnd(10)} ${step.state.padEnd(8)} ${seconds(step.durationMs)}`,
    ),
    ...run.findings.map(
      (each) => `  ${each.severity.padEnd(5)} ${each.subject}: ${each.message} ${each.remedy}`,
    ),
    ...(run.rehearsal ? rehearsalText(run.rehearsal).map((line) => `  ${line}`) : []),
    ...run.healthChecks.map((each) => `  proof: ${each.check} ${each.subject}: ${each.observed}`),
  ];
  if (run.deployed) {
    lines.push(
      `Machine ${run.deployed.name} is ${run.deployed.running ? 'running' : 'there'}: ${run.deployed.access}`,
    );
  }
  if (run.outOfContactSince !== null) lines.push(`Agent out of contact since ${run.outOfContactSince}.`);
  if (run.error) lines.push(`${run.error.message}${run.error.hint === null ? '' : ` ${run.error.hint}`}`);
  return lines.join('\n');
}

/** What the rehearsal proved, and on what, a line each. */
export function rehearsalText(rehearsal: RehearsalJson): string[] {
  const { verdict, message, remedy, observed, statement, contents, evidence } = rehearsal;
  return [
    `rehearsal ${verdict}: ${message}${remedy === null ? '' : ` ${remedy}`}`,
    ...observed.map((line) => `seen: ${line}`),
    `booted on ${statement}`,
    ...contents.map(({ subject, holds, proof }) => `${holds ? '' : 'not '}by content: ${subject}: ${proof}`),
    `evidence on the agent's host: ${evidence}`,
  ];
}

export function progressText(progress: Progress): string {
  const { step, activity, doneBytes, totalBytes, bytesPerSecond, secondsLeft } = progress;
  const of =
    totalBytes > 0 ? ` of ${bytesText(totalBytes)} (${Math.floor((100 * doneBytes) / totalBytes)}%)` : '';
  const bytes = doneBytes > 0 || totalBytes > 0 ? `, ${bytesText(doneBytes)}${of}` : '';
  const rate = bytesPerSecond > 0 ? `, ${bytesText(bytesPerSecond)}/s` : '';
  const left = secondsLeft === null ? '' : `, ${secondsLeft} s left`;
  return `${step}: ${activity}${bytes}${rate}${left}`;
}

/** @throws run.blocked (exit code 3), run.cancelled, or what the run failed with. */
export function requireSuccess({ id, state, error }: Run): void {
  if (state === 'succeeded') return;
  const context = { run: id };
  const hint = error?.hint ?? undefined;
  if (state === 'blocked') {
    throw new AscendError('run.blocked', error?.message ?? 'Findings block it.', { context, hint });
  }
  if (state === 'cancelled') throw new AscendError('run.cancelled', 'The run was cancelled.', { context });
  // A code that makes exit code 3 or 2 belongs to the cases above, not to a run that failed.
  const code = error && isErrorCode(error.code) && error.code !== 'run.blocked' ? error.code : 'internal';
  throw new AscendError(code, error?.message ?? 'The run failed.', { context, hint });
}

function seconds(ms: number | null): string {
  return ms === null ? '' : `${(ms / 1000).toFixed(1)} s`;
}
