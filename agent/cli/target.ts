import type { Command } from 'commander';
import { z } from 'zod';
import { chooseTarget } from '../pipeline/validate.ts';
import type { Json } from '../state/json.ts';
import type { StoredTarget } from '../state/targets.ts';
import { targetOfKind, targets as kinds } from '../targets/index.ts';
import { keyValues, typedValues } from './restore-options.ts';
import { openAgent, print, withJson, type CommonOptions, type Shell } from './shell.ts';

const collect = (value: string, all: string[]) => [...all, value];

export function targetVerb(program: Command, shell: Shell): void {
  const target = program.command('target').description('the targets that this agent restores to');
  addVerb(target, shell);
  listVerb(target, shell);
  testVerb(target, shell);
  removeVerb(target, shell);
}

function addVerb(target: Command, shell: Shell): void {
  withJson(target.command('add'))
    .argument('<name>', 'how restores call it')
    .description('add a target, after it has answered')
    .requiredOption('--kind <kind>', `one of: ${kinds.map(({ kind }) => kind).join(', ')}`)
    .option('--option <key=value>', 'an option of that kind; repeat for each', collect, [])
    .option('--no-test', 'add it though it may not answer now')
    .addHelpText('after', () => kinds.map(optionHelp).join('\n'))
    .action(async (name: string, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<
        CommonOptions & { kind: string; option: string[]; test: boolean }
      >();
      const given = typedValues(keyValues(flags.option, '--option'));
      const { options } = chooseTarget({ name, kind: flags.kind, options: given }, undefined);
      const stored: StoredTarget = { name, kind: flags.kind, options: options as Json };
      const networks = flags.test ? await networksOf(stored, shell) : undefined;
      (await openAgent(flags)).targets.add(stored);
      print(
        shell,
        flags.json,
        { ...stored, networks },
        `Added ${name} (${flags.kind}).${networksText(networks)}`,
      );
    });
}

/** The options of a kind, from its own schema. */
function optionHelp({ kind, title, options }: (typeof kinds)[number]): string {
  const { properties = {} } = z.toJSONSchema(options, { io: 'input' });
  const lines = Object.entries(properties).map(([name, schema]) => {
    const { description = '', default: preset } = schema as { description?: string; default?: unknown };
    return `  ${name.padEnd(15)} ${description}${preset === undefined ? '' : ` (default: ${JSON.stringify(preset)})`}`;
  });
  return `\nOptions of ${kind}, ${title}:\n${lines.join('\n')}`;
}

function listVerb(target: Command, shell: Shell): void {
  withJson(target.command('list'))
    .description('list the targets')
    .action(async (_options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<CommonOptions>();
      const targets = (await openAgent(flags)).targets.list();
      const text = targets
        .map(({ name, kind, options }) => `${name}  ${kind}  ${JSON.stringify(options)}`)
        .join('\n');
      print(shell, flags.json, { targets }, text || 'No targets. Add one: ascend-agent target add --help');
    });
}

function testVerb(target: Command, shell: Shell): void {
  withJson(target.command('test'))
    .argument('<name>')
    .description('ask a target whether it answers, and for its networks')
    .action(async (name: string, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<CommonOptions>();
      const stored = (await openAgent(flags)).targets.get(name);
      const networks = await networksOf(stored, shell);
      print(
        shell,
        flags.json,
        { name, reachable: true, networks },
        `${name} answers.${networksText(networks)}`,
      );
    });
}

function removeVerb(target: Command, shell: Shell): void {
  withJson(target.command('remove'))
    .argument('<name>')
    .description('forget a target; nothing on it is touched')
    .action(async (name: string, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<CommonOptions>();
      (await openAgent(flags)).targets.remove(name);
      print(shell, flags.json, { removed: name }, `Removed ${name}.`);
    });
}

async function networksOf(stored: StoredTarget, shell: Shell): Promise<string[]> {
  const { options } = chooseTarget(stored, undefined);
  return targetOfKind(stored.kind).networks(options, { ...shell, signal: shell.interrupted });
}

function networksText(networks: readonly string[] | undefined): string {
  if (networks === undefined) return '';
  return networks.length > 0 ? ` Networks: ${networks.join(', ')}.` : ' It has no active network.';
}
