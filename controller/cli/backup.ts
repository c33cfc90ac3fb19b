import { Command } from 'commander';
import { AscendError } from '../../proto/errors.ts';
import type { Backup } from '../catalog/backup.ts';
import { openClient, withAccount, type AccountFlags } from './account.ts';
import { answer, type Client } from './client.ts';
import { bytesText, print, table, type Terminal } from './terminal.ts';

interface ListFlags extends AccountFlags {
  readonly search?: string;
  readonly page: string;
}

export function backupCommand(terminal: Terminal): Command {
  const backup = new Command('backup').description('backups that agents see');
  withAccount(backup.command('list').description('list backups, the newest first'))
    .option('--search <words>', 'in machine, platform, repository and path')
    .option('--page <n>', 'page of 50', '1')
    .action(async (flags: ListFlags) => {
      const client = await openClient(terminal, flags);
      const query = { page: flags.page, ...(flags.search === undefined ? {} : { search: flags.search }) };
      const page = await answer(client.api.backups.$get({ query }));
      const rows = page.backups.map((each) => [
        each.machineName,
        each.platform,
        each.capturedAt ?? 'unknown',
        bytesText(each.diskBytes),
        each.usable ? 'yes' : 'no',
        `${each.agentName}:${each.repository}:${each.path}`,
        each.id,
      ]);
      const head = ['MACHINE', 'PLATFORM', 'CAPTURED', 'DISKS', 'USABLE', 'PLACE', 'ID'];
      print(terminal, flags.json, page, () => table(head, rows));
    });
  return backup;
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
