import { once } from 'node:events';
import { Command } from 'commander';
import type { Logger } from 'pino';
import { loadConfig } from '../config.ts';
import type { RunningController } from '../controller.ts';
import { writeSecret } from './secret-file.ts';
import { print, type Terminal } from './terminal.ts';

interface Flags {
  readonly config?: string;
  readonly data?: string;
  readonly listen?: string;
  readonly link?: string;
  readonly enrol?: string;
  readonly publicHost?: string;
  readonly tlsCertificateFile?: string;
  readonly tlsKeyFile?: string;
  readonly initialPasswordFile?: string;
  readonly initialTokenFile?: string;
  readonly json?: boolean;
}

export function serveCommand(terminal: Terminal, log: Logger): Command {
  return new Command('serve')
    .description('run the controller until it is told to stop')
    .option('--config <file>', 'JSON with the same names as these flags, which win over it')
    .option('--data <dir>', "folder of the database and the CA's keys")
    .option(
      '--listen <host:port>',
      'REST API and console; HTTPS unless on loopback (default: 127.0.0.1:8440)',
    )
    .option('--link <host:port>', 'where agents connect (default: 127.0.0.1:8441)')
    .option('--enrol <host:port>', 'where agents enrol (default: 127.0.0.1:8442)')
    .option('--publicHost <name>', 'by which others reach this machine')
    .option('--tlsCertificateFile <file>', "PEM; without it the controller's own CA makes a certificate")
    .option('--tlsKeyFile <file>', 'PEM')
    .option(
      '--initialPasswordFile <file>',
      'write the first one-time password there (0600) instead of printing it',
    )
    .option('--initialTokenFile <file>', 'at the first start write an admin API token there (0600, one day)')
    .option('--json', 'print one JSON document')
    .action(async (flags: Flags) => {
      const { config: file, json, initialPasswordFile, initialTokenFile, ...settings } = flags;
      const config = await loadConfig(file, settings);
      // Only this verb needs the database and gRPC: the others start twice as fast without.
      const { startController } = await import('../controller.ts');
      await using controller = await startController(config, { log });
      const password = await welcomeFirst(controller, { initialPasswordFile, initialTokenFile });
      const { url, linkAddress, enrolAddress, pin } = controller;
      const first = password === undefined ? {} : { user: 'admin', oneTimePassword: password };
      print(terminal, json, { url, linkAddress, enrolAddress, pin, ...first }, () =>
        [
          `Console and API: ${url}`,
          `Agents connect to ${linkAddress} and enrol at ${enrolAddress}; CA pin ${pin}`,
          ...(password === undefined ? [] : [`First sign-in: admin, one-time password ${password}`]),
        ].join('\n'),
      );
      log.info({ url, linkAddress, enrolAddress }, 'serving');
      if (!terminal.signal.aborted) await once(terminal.signal, 'abort');
      log.info('stopping');
    });
}

/** @returns the one-time password to print, where this is the first start and it goes to no file. */
async function welcomeFirst(
  { services: { users, apiTokens, audit } }: RunningController,
  files: { initialPasswordFile: string | undefined; initialTokenFile: string | undefined },
): Promise<string | undefined> {
  let toPrint: string | undefined;
  const user = await users.createFirst(async (password) => {
    if (files.initialPasswordFile === undefined) toPrint = password;
    else await writeSecret(files.initialPasswordFile, `${password}\n`);
  });
  if (!user) return undefined;
  const note = {
    actor: 'controller',
    by: 'controller',
    remote: '',
    subject: 'admin',
    outcome: 'done',
  } as const;
  await audit.record({ ...note, action: 'first user made', detail: 'one-time password' });
  if (files.initialTokenFile !== undefined) {
    const owner = { userId: user.id, userName: user.name, role: user.role };
    const { token, id } = await apiTokens.create(owner, { name: 'set-up', days: 1 });
    await writeSecret(files.initialTokenFile, `${token}\n`);
    await audit.record({ ...note, action: 'set-up token made', detail: id });
  }
  return toPrint;
}
