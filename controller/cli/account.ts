/** Which controller the verbs talk to, and as whom. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Command } from 'commander';
import { z } from 'zod';
import { AscendError } from '../../proto/errors.ts';
import { connect, type Client } from './client.ts';
import { readSecret, writeSecret } from './secret-file.ts';
import type { Terminal } from './terminal.ts';

const AccountSchema = z.object({
  server: z.url(),
  token: z.string(),
  /** PEM of the CA to trust; null: those that the system trusts. */
  ca: z.string().nullable(),
});

export type Account = z.infer<typeof AccountSchema>;

export interface AccountFlags {
  readonly server?: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
  readonly json?: boolean;
}

/** The flags that every verb of the API's client takes. */
export function withAccount(command: Command): Command {
  return command
    .option('--server <url>', 'the controller (or ASCEND_SERVER; default: where you signed in)')
    .option('--tokenFile <file>', 'API token, "-" for standard input (or ASCEND_TOKEN_FILE)')
    .option('--caFile <file>', "PEM of the controller's CA (or ASCEND_CA_FILE)")
    .option('--json', 'print one JSON document');
}

/** @throws auth.required when nobody has signed in and no token is given. */
export async function openClient(terminal: Terminal, flags: AccountFlags): Promise<Client> {
  const { server, tokenFile } = settings(terminal, flags);
  const stored = await readAccount(terminal);
  // A stored token belongs to the controller that it was made by: another one must not get to see it.
  const fits = stored !== undefined && (server === undefined || server === stored.server);
  const token =
    tokenFile === undefined ? (fits ? stored.token : undefined) : await readSecret(terminal, tokenFile);
  const url = server ?? stored?.server;
  if (url === undefined || token === undefined) {
    throw new AscendError('auth.required', 'Not signed in to a controller.', {
      context: { server: url },
      hint: 'Run `ascend login --server URL --user NAME --passwordFile FILE`, or give --server and --tokenFile.',
    });
  }
  await trust(terminal, flags, fits ? stored.ca : null);
  return connect({ server: url, token, signal: terminal.signal });
}

/** The controller's URL for the verbs that sign in with a password. */
export async function serverOf(
  terminal: Terminal,
  flags: AccountFlags,
): Promise<{ server: string; ca: string | null }> {
  const stored = await readAccount(terminal);
  const server = settings(terminal, flags).server ?? stored?.server;
  if (server === undefined) {
    throw new AscendError('usage.invalid', 'Which controller?', { hint: 'Give --server URL.' });
  }
  return { server, ca: await trust(terminal, flags, stored?.server === server ? stored.ca : null) };
}

export async function writeAccount(terminal: Terminal, account: Account): Promise<string> {
  const file = accountFile(terminal);
  await writeSecret(file, `${JSON.stringify(account, null, 2)}\n`);
  return file;
}

function settings({ env }: Terminal, flags: AccountFlags) {
  return {
    server: (flags.server ?? env.ASCEND_SERVER)?.replace(/\/+$/, ''),
    tokenFile: flags.tokenFile ?? env.ASCEND_TOKEN_FILE,
    caFile: flags.caFile ?? env.ASCEND_CA_FILE,
  };
}

/** Makes fetch trust the controller's CA too. */
async function trust(terminal: Terminal, flags: AccountFlags, stored: string | null): Promise<string | null> {
  const { caFile } = settings(terminal, flags);
  const ca = caFile === undefined ? stored : await readSecret(terminal, caFile);
  if (ca !== null) setDefaultCACertificates([...getCACertificates('default'), ca]);
  return ca;
}

async function readAccount(terminal: Terminal): Promise<Account | undefined> {
  let text: string;
  try {
    text = await readFile(accountFile(terminal), 'utf8');
  } catch {
    return undefined;
  }
  const parsed = AccountSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new AscendError('config.invalid', 'The stored sign-in cannot be read.', {
    context: { file: accountFile(terminal) },
    hint: 'Run `ascend login` again.',
  });
}

function accountFile({ env }: Terminal): string {
  return join(env.XDG_CONFIG_HOME ?? join(env.HOME ?? homedir(), '.config'), 'ascend', 'account.json');
}
