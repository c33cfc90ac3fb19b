import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { AscendError } from '../../proto/errors.ts';
import type { Check } from '../runs/check.ts';
import type { Run, RunKind } from '../runs/run.ts';
import { openClient, withAccount, type AccountFlags } from './account.ts';
import { findTarget } from './agent.ts';
import { findBackup } from './backup.ts';
import { answer } from './client.ts';
import { restoreOptionsOf, withRestoreOptions, type RestoreFlags } from './restore-options.ts';
import { requireSuccess, runText } from './run-text.ts';
import { bytesText, print, type Terminal } from './terminal.ts';
import { watchRun } from './watch.ts';

interface Flags extends AccountFlags, RestoreFlags {
  readonly target: string;
  readonly rehearse?: boolean;
  readonly checkOnly?: boolean;
  readonly watch?: boolean;
}

export function restoreCommand(terminal: Terminal): Command {
  return orderCommand(terminal, 'restore', new Command('restore'))
    .description('restore a backup to a target')
    .requiredOption('--target <agent/target>', 'where to')
    .option(
      '--rehearse',
      'start the converted machine in a twin of the target first, and go on only where that does not fail',
    );
}

/** The same flags as a restore: what passes here is what would be restored. */
export function rehearseCommand(terminal: Terminal): Command {
  return orderCommand(terminal, 'rehearsal', new Command('rehearse'))
    .description(
      "start the converted machine on the agent's host, in a twin of the target; nothing is made on the target",
    )
    .requiredOption('--target <agent/target>', 'whose hardware, and where a restore would go to');
}

function orderCommand(terminal: Terminal, kind: RunKind, command: Command): Command {
  command.argument('<backup>', 'id, path or machine name (then its newest backup)');
  return withRestoreOptions(withAccount(command))
    .option('--checkOnly', `only show what the ${kind} would find; exit code 3 when it would be blocked`)
    .option('--watch', 'follow the run to its end; exit code 3 when it is blocked')
    .action(async (wanted: string, flags: Flags) => {
      const client = await openClient(terminal, flags);
      const target = await findTarget(client, flags.target);
      const backup = await findBackup(client, target.agentId, wanted);
      const options = { ...restoreOptionsOf(flags), rehearse: flags.rehearse ?? false };
      const json = { kind, backupId: backup.id, target, options };
      if (flags.checkOnly === true) {
        const check = await answer(client.api.checks.$post({ json }));
        print(terminal, flags.json, check, () => checkText(check));
        requireNotBlocked(check, kind);
        return;
      }
      const header = { 'idempotency-key': randomUUID() };
      const ordered: Run = await answer(client.api.runs.$post({ json, header }));
      const what = kind === 'rehearsal' ? 'rehearsed for' : 'to';
      terminal.note(`Run ${ordered.id}: ${backup.machineName} ${what} ${flags.target}.\n`);
      const run = flags.watch === true ? await watchRun(terminal, client, ordered.id) : ordered;
      print(terminal, flags.json, run, () => runText(run));
      if (flags.watch === true) requireSuccess(run);
    });
}

function checkText({ verdict, findings, networks, estimate }: Check): string {
  const lines = findings.map(
    (each) => `${each.severity.padEnd(5)}  ${each.subject}: ${each.message} ${each.remedy}`,
  );
  const cost = estimate ? [`To copy: ${bytesText(estimate.copyBytes)}, about ${estimate.seconds} s`] : [];
  return [`Verdict: ${verdict}`, ...cost, `Networks of the target: ${networks.join(', ')}`, ...lines].join(
    '\n',
  );
}

function requireNotBlocked({ verdict, findings }: Check, kind: RunKind): void {
  if (verdict !== 'block') return;
  const blocking = findings.filter((finding) => finding.severity === 'block').length;
  throw new AscendError('run.blocked', `The ${kind} would be blocked by ${blocking} finding(s).`, {
    hint: 'Do what the findings say, then check again.',
  });
}
