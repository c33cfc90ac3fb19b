import { Command } from 'commander';
import { AscendError } from '../../proto/errors.ts';
import { openClient, withAccount, type AccountFlags } from './account.ts';
import { answer, type Client } from './client.ts';
import { print, table, type Terminal } from './terminal.ts';

export function siteCommand(terminal: Terminal): Command {
  const site = new Command('site').description('sites: places with repositories, targets and agents');
  withAccount(site.command('list').description('list all sites')).action(async (flags: AccountFlags) => {
    const client = await openClient(terminal, flags);
    const { sites } = await answer(client.api.sites.$get());
    const rows = sites.map((each) => [each.name, `${each.agentsOnline} of ${each.agentCount}`, each.id]);
    print(terminal, flags.json, { sites }, () => table(['SITE', 'AGENTS ONLINE', 'ID'], rows));
  });
  withAccount(site.command('add <name>').description('add a site')).action(
    async (name: string, flags: AccountFlags) => {
      const client = await openClient(terminal, flags);
      const made = await answer(client.api.sites.$post({ json: { name } }));
      print(terminal, flags.json, made, () => `Added the site ${made.name}.`);
    },
  );
  return site;
}

/** A site by its name or its id. @throws not-found */
export async function findSite(client: Client, nameOrId: string): Promise<{ id: string; name: string }> {
  const { sites } = await answer(client.api.sites.$get());
  const found = sites.find((site) => site.name === nameOrId || site.id === nameOrId);
  if (found) return found;
  throw new AscendError('not-found', `There is no site "${nameOrId}".`, { hint: 'See `ascend site list`.' });
}
