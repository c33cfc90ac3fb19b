import { Command } from 'commander';
import type { Logger } from 'pino';
import { agentCommand } from './agent.ts';
import { auditCommand } from './audit.ts';
import { backupCommand } from './backup.ts';
import { loginCommand } from './login.ts';
import { rehearseCommand, restoreCommand } from './restore.ts';
import { runCommand } from './run.ts';
import { scheduleCommand } from './schedule.ts';
import { serveCommand } from './serve.ts';
import { siteCommand } from './site.ts';
import type { Terminal } from './terminal.ts';
import { tokenCommand } from './token.ts';
import { userCommand } from './user.ts';

/** Every verb of `ascend`. */
export function createProgram(terminal: Terminal, log: Logger): Command {
  const verbs = [
    serveCommand(terminal, log),
    loginCommand(terminal),
    siteCommand(terminal),
    tokenCommand(terminal),
    agentCommand(terminal),
    backupCommand(terminal),
    restoreCommand(terminal),
    rehearseCommand(terminal),
    runCommand(terminal),
    scheduleCommand(terminal),
    userCommand(terminal),
    auditCommand(terminal),
  ];
  const program = new Command('ascend')
    .description('Restores VM backups of one platform as running machines on another')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 usage, 3 blocked by findings.');
  for (const verb of verbs) program.addCommand(verb);
  for (const command of everyCommand(program)) {
    command.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.note });
  }
  return program;
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}
