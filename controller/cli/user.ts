import { Command, Option } from 'commander';
import { AscendError } from '../../proto/errors.ts';
import type { Role } from '../people/user.ts';
import { openClient, serverOf, withAccount, type AccountFlags } from './account.ts';
import { answer } from './client.ts';
import { readSecret } from './secret-file.ts';
import { signIn } from './sign-in.ts';
import { print, table, type Terminal } from './terminal.ts';

interface PasswdFlags extends AccountFlags {
  readonly passwordFile?: string;
  readonly newPasswordFile: string;
}

export function userCommand(terminal: Terminal): Command {
  const user = new Command('user').description('people who use the controller');
  withAccount(user.command('list').description('list all users')).action(async (flags: AccountFlags) => {
    const client = await openClient(terminal, flags);
    const { users } = await answer(client.api.users.$get());
    const rows = users.map((each) => [each.name, each.role, each.id]);
    print(terminal, flags.json, { users }, () => table(['USER', 'ROLE', 'ID'], rows));
  });
  withAccount(
    user.command('add <name>').description('add a user, who must change the password at first sign-in'),
  )
    .addOption(
      new Option('--role <role>', 'what the user may do')
        .choices(['viewer', 'operator', 'admin'])
        .default('viewer'),
    )
    .requiredOption('--passwordFile <file>', 'first password, "-" for standard input')
    .action(async (name: string, flags: AccountFlags & { role: Role; passwordFile: string }) => {
      const password = await readSecret(terminal, flags.passwordFile);
      const client = await openClient(terminal, flags);
      const made = await answer(client.api.users.$post({ json: { name, role: flags.role, password } }));
      print(terminal, flags.json, made, () => `Added ${made.name} (${made.role}).`);
    });
  withAccount(
    user
      .command('passwd <name>')
      .description('change a password: yours with --passwordFile, else (as admin) a lost one'),
  )
    .option('--passwordFile <file>', 'the password until now')
    .requiredOption('--newPasswordFile <file>', 'the new password, "-" for standard input')
    .action(async (name: string, flags: PasswdFlags) => {
      const next = await readSecret(terminal, flags.newPasswordFile);
      if (flags.passwordFile === undefined) await reset(terminal, flags, name, next);
      else await change(terminal, flags, name, await readSecret(terminal, flags.passwordFile), next);
      print(terminal, flags.json, { user: name, changed: true }, () => `Changed the password of ${name}.`);
    });
  return user;
}

async function change(terminal: Terminal, flags: PasswdFlags, user: string, current: string, next: string) {
  const { server } = await serverOf(terminal, flags);
  await using session = await signIn({ server, user, password: current, signal: terminal.signal });
  await session.post('/api/me/password', { current, next });
}

async function reset(terminal: Terminal, flags: PasswdFlags, name: string, password: string): Promise<void> {
  const client = await openClient(terminal, flags);
  const { users } = await answer(client.api.users.$get());
  const found = users.find((each) => each.name === name);
  if (!found) throw new AscendError('not-found', `There is no user "${name}".`);
  await answer(client.api.users[':id'].$patch({ param: { id: found.id }, json: { password } }));
}
