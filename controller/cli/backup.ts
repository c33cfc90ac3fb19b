import { Command, Option } from 'commander';
import { AscendError } from '../../proto/errors.ts';
import type { Backup } from '../catalog/backup.ts';
import { openClient, withAccount, type AccountFlags } from './account.ts';
import { answer, type Client } from './client.ts';
import { bytesText, print, table, type Terminal } from './terminal.ts';

interface ListFlags extends AccountFlags {
  readonly search?: string;
  readonly sort: keyof typeof sorts;
  readonly reverse?: boolean;
  readonly page: string;
}

/** Column to what the API calls it, and the order that is wanted mostly. */
const sorts = {
  machine: { sort: 'machineName', order: 'asc' },
  platform: { sort: 'platform', order: 'asc' },
  captured: { sort: 'capturedAt', order: 'desc' },
  disks: { sort: 'diskBytes', order: 'desc' },
} as const;

export function backupCommand(terminal: Terminal): Command {
  const backup = new Command('backup').description('backups that agents see');
  withAccount(backup.command('list').description('list backups, the newest first'))
    .option('--search <words>', 'in machine, platform, repository and path')
    .addOption(new Option('--sort <column>', 'sort by').choices(Object.keys(sorts)).default('captured'))
    .option('--reverse', 'in the opposite order')
    .option('--page <n>', 'page of 50', '1')
    .action(async (flags: ListFlags) => {
      const client = await openClient(terminal, flags);
      const { sort, order } = sorts[flags.sort];
      const reversed = order === 'asc' ? 'desc' : 'asc';
      const query = {
        sort,
        order: flags.reverse === true ? reversed : order,
        page: flags.page,
        ...(flags.search === undefined ? {} : { search: flags.search }),
      };
      const page = await answer(client.api.backups.$get({ query }));
      const rows = page.backups.map((each) => [
        each.machineName,
        each.platform,
        each.capturedAt ?? '-',
        bytesText(each.diskBytes),
        each.usable ? 'yes' : 'no',
        `${each.agentName}:${each.repository}:${each.path}`,
        each.id,
      ]);
      const head = ['MACHINE', 'PLATFORM', 'CAPTURED', 'DISKS', 'USABLE', 'PLACE', 'ID'];
      print(terminal, flags.json, page, () => `${table(head, rows)}\n${countOf(page)}`);
    });
  return backup;
}

function countOf({ page, pageSize, total }: { page: number; pageSize: number; total: number }): string {
  return `Page ${page} of ${Math.max(1, Math.ceil(total / pageSize))}, ${total} backups.`;
}

/**
 * A backup by its id, by the identifier it carries itself, by its path, or by its machine's name: then the newest one.
 *
 * @throws backup.not-found
 */
export async function findBackup(client: Client, agentId: string, wanted: string): Promise<Backup> {
  // A path is searched by its last part: the search takes words.
  const words = wanted.split(/[\s/:]+/).filter(Boolean);
  const seen = await Promise.all(
    [{}, { search: words.join(' ') }].map((search) =>
      answer(client.api.backups.$get({ query: { agentId, pageSize: '200', ...search } })),
    ),
  );
  const backups = seen.flatMap((page) => page.backups);
  const found =
    backups.find((each) => [each.id, each.backupId].includes(wanted)) ??
    backups.find((each) => [each.path, `${each.repository}:${each.path}`].includes(wanted)) ??
    backups.find((each) => each.machineName === wanted && each.usable);
  if (found) return found;
  throw new AscendError('backup.not-found', `The agent sees no backup "${wanted}".`, {
    hint: 'Give an id, a path or a machine as `ascend backup list` shows them.',
  });
}
