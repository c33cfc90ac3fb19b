import { Command } from 'commander';
import { NewApiTokenSchema } from '../people/user.ts';
import { serverOf, writeAccount, type AccountFlags } from './account.ts';
import { readSecret } from './secret-file.ts';
import { signIn } from './sign-in.ts';
import { print, type Terminal } from './terminal.ts';

interface Flags extends AccountFlags {
  readonly user: string;
  readonly passwordFile: string;
  readonly days: string;
}

export function loginCommand(terminal: Terminal): Command {
  return new Command('login')
    .description('sign in to a controller: makes an API token and keeps it for the other verbs')
    .option('--server <url>', 'the controller (or ASCEND_SERVER)')
    .option('--caFile <file>', "PEM of the controller's CA (or ASCEND_CA_FILE)")
    .requiredOption('--user <name>', 'your name')
    .requiredOption('--passwordFile <file>', 'your password, "-" for standard input')
    .option('--days <n>', 'how long the token lasts', '90')
    .option('--json', 'print one JSON document')
    .action(async (flags: Flags) => {
      const { server, ca } = await serverOf(terminal, flags);
      const password = await readSecret(terminal, flags.passwordFile);
      await using session = await signIn({ server, user: flags.user, password, signal: terminal.signal });
      const name = `ascend login as ${flags.user}`;
      const made = await session.post('/api/api-tokens', { name, days: Number(flags.days) });
      const { token, role, expiresAt } = NewApiTokenSchema.parse(await made.json());
      const file = await writeAccount(terminal, { server, token, ca });
      const document = { server, user: flags.user, role, expiresAt, file };
      print(
        terminal,
        flags.json,
        document,
        () => `Signed in to ${server} as ${flags.user} (${role}) until ${expiresAt}.`,
      );
    });
}
