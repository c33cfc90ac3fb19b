import { Command, Option } from 'commander';
import { AscendError } from '../../proto/errors.ts';
import { RunKindSchema, type RunKind } from '../runs/run.ts';
import type { Schedule, Selector, When } from '../schedules/schedule.ts';
import { openClient, withAccount, type AccountFlags } from './account.ts';
import { findTarget } from './agent.ts';
import { findBackup } from './backup.ts';
import { answer, type Client } from './client.ts';
import { restoreOptionsOf, withRestoreOptions, type RestoreFlags } from './restore-options.ts';
import { print, table, type Terminal } from './terminal.ts';

interface AddFlags extends AccountFlags, RestoreFlags {
  readonly target: string;
  readonly kind: RunKind;
  readonly rehearse?: boolean;
  readonly backup?: string;
  readonly newestOf?: string;
  readonly cron?: string;
  readonly at?: string;
  readonly timeZone: string;
}

export function scheduleCommand(terminal: Terminal): Command {
  const schedule = new Command('schedule').description('restores and rehearsals at set times');
  withAccount(schedule.command('list').description('list all schedules')).action(
    async (flags: AccountFlags) => {
      const client = await openClient(terminal, flags);
      const { schedules } = await answer(client.api.schedules.$get());
      const rows = schedules.map((each) => [each.name, each.kind, whenText(each), stateText(each), each.id]);
      print(terminal, flags.json, { schedules }, () =>
        table(['SCHEDULE', 'KIND', 'WHEN', 'STATE', 'ID'], rows),
      );
    },
  );
  withRestoreOptions(withAccount(schedule.command('add <schedule>').description('add a schedule')))
    .requiredOption('--target <agent/target>', 'where to')
    .addOption(
      new Option('--kind <kind>', 'what to do: a rehearsal makes nothing on the target')
        .choices(RunKindSchema.options)
        .default('restore'),
    )
    .option('--rehearse', 'rehearse before each restore')
    .option('--backup <backup>', 'this backup: id or path')
    .addOption(new Option('--newestOf <machine>', 'the newest backup of a machine').conflicts('backup'))
    .option('--cron <expression>', 'minute hour day month weekday')
    .addOption(new Option('--at <time>', 'once, e.g. 2027-01-31T22:00:00+01:00').conflicts('cron'))
    .option('--timeZone <name>', 'of the cron expression, e.g. Europe/Berlin', 'UTC')
    .action(async (name: string, flags: AddFlags) => {
      const client = await openClient(terminal, flags);
      const target = await findTarget(client, flags.target);
      const selector = await selectorOf(client, target.agentId, flags);
      const options = { ...restoreOptionsOf(flags), rehearse: flags.rehearse ?? false };
      const json = {
        name,
        kind: flags.kind,
        selector,
        target,
        options,
        when: whenOf(flags),
        timeZone: flags.timeZone,
      };
      const made = await answer(client.api.schedules.$post({ json }));
      print(terminal, flags.json, made, () => `Added ${made.name}; next: ${made.nextAt ?? 'never'}.`);
    });
  withAccount(schedule.command('remove <schedule>').description('remove a schedule (name or id)')).action(
    async (nameOrId: string, flags: AccountFlags) => {
      const client = await openClient(terminal, flags);
      const { schedules } = await answer(client.api.schedules.$get());
      const found = schedules.find((each) => each.name === nameOrId || each.id === nameOrId);
      if (!found) throw new AscendError('not-found', `There is no schedule "${nameOrId}".`);
      await answer(client.api.schedules[':id'].$delete({ param: { id: found.id } }));
      print(terminal, flags.json, { removed: found.id }, () => `Removed ${found.name}.`);
    },
  );
  return schedule;
}

async function selectorOf(client: Client, agentId: string, flags: AddFlags): Promise<Selector> {
  if (flags.newestOf !== undefined) return { kind: 'newest', machineName: flags.newestOf };
  if (flags.backup !== undefined) {
    return { kind: 'backup', backupId: (await findBackup(client, agentId, flags.backup)).id };
  }
  throw new AscendError('usage.invalid', 'Which backup?', { hint: 'Give --backup or --newestOf.' });
}

function whenOf({ cron, at }: AddFlags): When {
  if (cron !== undefined) return { kind: 'cron', expression: cron };
  if (at !== undefined) return { kind: 'once', at };
  throw new AscendError('usage.invalid', 'When?', { hint: 'Give --cron or --at.' });
}

function whenText({ when, timeZone }: Schedule): string {
  return when.kind === 'cron' ? `${when.expression} (${timeZone})` : when.at;
}

function stateText({ enabled, nextAt, missedAt, lastProblem }: Schedule): string {
  if (missedAt !== null) return 'missed';
  if (lastProblem !== null) return `problem: ${lastProblem}`;
  return enabled ? `next ${nextAt ?? 'never'}` : 'disabled';
}
