import { Command } from 'commander';
import { openClient, withAccount, type AccountFlags } from './account.ts';
import { answer } from './client.ts';
import { findSite } from './site.ts';
import { print, type Terminal } from './terminal.ts';

export function tokenCommand(terminal: Terminal): Command {
  const token = new Command('token').description('one-time tokens that enrol agents');
  withAccount(token.command('create').description('make a token for `ascend-agent enrol --token`'))
    .requiredOption('--site <name>', 'the site that the agent belongs to')
    .action(async (flags: AccountFlags & { site: string }) => {
      const client = await openClient(terminal, flags);
      const { id } = await findSite(client, flags.site);
      const made = await answer(client.api.sites[':id']['enrolment-tokens'].$post({ param: { id } }));
      terminal.note(`Good for one agent until ${made.expiresAt}.\n`);
      print(terminal, flags.json, made, () => made.token);
    });
  return token;
}
