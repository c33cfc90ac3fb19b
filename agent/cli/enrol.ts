import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { AscendError } from '../../proto/errors.ts';
import { enrol } from '../link/enrol.ts';
import { openDatabase } from '../state/database.ts';
import { print, withJson, type CommonOptions, type Shell } from './shell.ts';

interface Flags extends CommonOptions {
  token?: string;
  tokenFile?: string;
  force?: boolean;
}

export function enrolVerb(program: Command, shell: Shell): void {
  withJson(program.command('enrol'))
    .description('make this host an agent of a controller, with a one-time token of the console')
    .option('--token <token>', 'the token; "-" reads it from stdin')
    .option('--tokenFile <file>', 'a file that holds the token')
    .option('--force', 'replace the identity that this host has')
    .action(async (_options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const token = await tokenOf(flags, shell);
      const stateDirectory = path.resolve(flags.state);
      openDatabase(stateDirectory).close();
      const identity = await enrol({ token, stateDirectory, hostname: hostname(), force: flags.force });
      const { agentId, site, linkAddress } = identity;
      const text = `Enrolled at ${linkAddress} as agent ${agentId} of site ${site}.\n  Start it: ascend-agent serve`;
      print(shell, flags.json, { agentId, site, linkAddress }, text);
    });
}

async function tokenOf({ token, tokenFile }: Flags, { readStdin }: Shell): Promise<string> {
  if (tokenFile !== undefined) {
    return (
      await readFile(tokenFile, 'utf8').catch((cause: unknown) => {
        throw new AscendError('usage.invalid', `${tokenFile} cannot be read.`, { cause });
      })
    ).trim();
  }
  if (token === '-') return (await readStdin()).trim();
  if (token !== undefined) return token;
  throw new AscendError(
    'usage.invalid',
    'Give the token: --token TOKEN, --token - for stdin, or --tokenFile FILE.',
  );
}
