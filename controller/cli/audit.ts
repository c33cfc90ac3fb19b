import { Command } from 'commander';
import { AscendError } from '../../proto/errors.ts';
import { openClient, withAccount, type AccountFlags } from './account.ts';
import { answer } from './client.ts';
import { print, table, type Terminal } from './terminal.ts';

interface Flags extends AccountFlags {
  readonly search?: string;
  readonly page: string;
  readonly verify?: boolean;
}

export function auditCommand(terminal: Terminal): Command {
  return withAccount(new Command('audit').description('who did what, from where, and what came of it'))
    .option('--search <text>', 'in actor, action, subject, outcome and detail')
    .option('--page <n>', 'page of 100', '1')
    .option('--verify', 'check that no entry was changed or removed; exit code 1 where one was')
    .action(async (flags: Flags) => {
      const client = await openClient(terminal, flags);
      if (flags.verify === true) {
        const verdict = await answer(client.api.audit.verification.$get());
        print(
          terminal,
          flags.json,
          verdict,
          () => `${verdict.entries} entries, ${verdict.intact ? 'intact' : 'broken'}.`,
        );
        if (!verdict.intact) {
          throw new AscendError(
            'state.invalid',
            `The audit log is broken at entry ${verdict.brokenAt ?? 0}.`,
          );
        }
        return;
      }
      const query = { page: flags.page, ...(flags.search === undefined ? {} : { search: flags.search }) };
      const page = await answer(client.api.audit.$get({ query }));
      const rows = page.entries.map((each) => [
        each.at,
        each.actor,
        each.remote,
        each.action,
        each.subject,
        each.outcome,
        each.detail,
      ]);
      const head = ['AT', 'WHO', 'FROM', 'ACTION', 'SUBJECT', 'OUTCOME', 'DETAIL'];
      print(terminal, flags.json, page, () => table(head, rows));
    });
}
