import { Command, Option } from 'commander';
import { RunKindSchema, type RunKind } from '../runs/run.ts';
import { openClient, withAccount, type AccountFlags } from './account.ts';
import { answer } from './client.ts';
import { requireSuccess, runText } from './run-text.ts';
import { print, table, type Terminal } from './terminal.ts';
import { watchRun } from './watch.ts';

interface ListFlags extends AccountFlags {
  readonly active?: boolean;
  readonly kind?: RunKind;
  readonly page: string;
}

export function runCommand(terminal: Terminal): Command {
  const run = new Command('run').description('runs: executions of restores and rehearsals');
  withAccount(run.command('list').description('list runs, the newest first'))
    .option('--active', 'only those that have not ended')
    .addOption(
      new Option('--kind <kind>', 'only restores, or only rehearsals').choices(RunKindSchema.options),
    )
    .option('--page <n>', 'page of 50', '1')
    .action(async (flags: ListFlags) => {
      const client = await openClient(terminal, flags);
      const query = {
        page: flags.page,
        ...(flags.active === true ? { active: 'true' as const } : {}),
        ...(flags.kind === undefined ? {} : { kind: flags.kind }),
      };
      const page = await answer(client.api.runs.$get({ query }));
      const rows = page.runs.map((each) => [
        each.id,
        each.kind,
        each.state,
        each.step ?? '',
        each.backup.machineName,
        `${each.agentName}/${each.target}`,
        each.createdAt,
      ]);
      const head = ['RUN', 'KIND', 'STATE', 'STEP', 'MACHINE', 'TARGET', 'ORDERED'];
      print(terminal, flags.json, page, () => table(head, rows));
    });
  withAccount(run.command('show <run>').description('show one run')).action(
    async (id: string, flags: AccountFlags) => {
      const client = await openClient(terminal, flags);
      const shown = await answer(client.api.runs[':id'].$get({ param: { id } }));
      print(terminal, flags.json, shown, () => runText(shown));
    },
  );
  withAccount(run.command('watch <run>').description('follow a run to its end')).action(
    async (id: string, flags: AccountFlags) => {
      const client = await openClient(terminal, flags);
      const ended = await watchRun(terminal, client, id);
      print(terminal, flags.json, ended, () => runText(ended));
      requireSuccess(ended);
    },
  );
  withAccount(run.command('cancel <run>').description('ask the agent to stop a run and to clean up')).action(
    async (id: string, flags: AccountFlags) => {
      const client = await openClient(terminal, flags);
      const asked = await answer(client.api.runs[':id'].cancel.$post({ param: { id } }));
      print(terminal, flags.json, asked, () => `Asked to cancel; the run is ${asked.state} now.`);
    },
  );
  return run;
}
