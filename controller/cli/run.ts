import { Command } from 'commander';
import { openClient, withAccount, type AccountFlags } from './account.ts';
import { answer } from './client.ts';
import { requireSuccess, runText } from './run-text.ts';
import { print, table, type Terminal } from './terminal.ts';
import { watchRun } from './watch.ts';

export function runCommand(terminal: Terminal): Command {
  const run = new Command('run').description('runs: executions of restores');
  withAccount(run.command('list').description('list runs, the newest first'))
    .option('--active', 'only those that have not ended')
    .option('--page <n>', 'page of 50', '1')
    .action(async (flags: AccountFlags & { active?: boolean; page: string }) => {
      const client = await openClient(terminal, flags);
      const query = { page: flags.page, ...(flags.active === true ? { active: 'true' as const } : {}) };
      const page = await answer(client.api.runs.$get({ query }));
      const rows = page.runs.map((each) => [
        each.id,
        each.state,
        each.step ?? '',
        each.backup.machineName,
        `${each.agentName}/${each.target}`,
        each.createdAt,
      ]);
      const head = ['RUN', 'STATE', 'STEP', 'MACHINE', 'TARGET', 'ORDERED'];
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
