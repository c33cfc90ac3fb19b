import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { AscendError, errorJson } from '../../proto/errors.ts';
import { type RunOutcome, type RestoreOrder } from '../../proto/gen/ascend/v1/run.ts';
import { bucketsOf } from '../config.ts';
import { openAt } from '../pipeline/open.ts';
import { executeRun, type RunnerParts, type RunResult } from '../pipeline/runner.ts';
import { sources } from '../sources/index.ts';
import type { StoredRun } from '../state/runs.ts';
import { eventText } from './event-text.ts';
import { progressLine } from './progress-line.ts';
import { restoreOptionsOf, selectionOf, withRestoreOptions, type RestoreFlags } from './restore-options.ts';
import { absoluteLocation } from './reach.ts';
import { suppliesOf, withSupplies, type SupplyFlags } from './supplies.ts';
import { openAgent, print, withJson, type Agent, type CommonOptions, type Shell } from './shell.ts';

interface Flags extends RestoreFlags, CommonOptions {
  target: string;
  rehearse?: boolean;
}

type SuppliedAgent = Agent & Pick<RunnerParts, 'supplies'>;

export function restoreVerb(program: Command, shell: Shell): void {
  withRestoreOptions(withJson(program.command('restore')))
    .argument(
      '<path>',
      'backup: a folder, an OVA, the file that describes the machine, or s3://bucket/prefix',
    )
    .description('restore a backup to a target of this agent and prove that the machine works')
    .requiredOption('--target <name>', 'target of this agent')
    .option(
      '--rehearse',
      'start the converted machine in a twin of the target first, and go on only where that does not fail',
    )
    .action(async (folder: string, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const agent = { ...(await openAgent(flags)), supplies: await suppliesOf(flags) };
      const order: RestoreOrder = {
        runId: randomUUID(),
        backup: {
          repository: '',
          path: absoluteLocation(folder),
          backupId: '',
          selection: selectionOf(flags),
        },
        target: flags.target,
        options: { ...restoreOptionsOf(flags), rehearse: flags.rehearse ?? false },
      };
      agent.targets.get(flags.target);
      agent.runs.create('local', order);
      const run = agent.runs.find(order.runId);
      if (run) await follow(run, agent, flags, shell);
    });
}

export function recoverVerb(program: Command, shell: Shell): void {
  withSupplies(withJson(program.command('recover')))
    .description('finish what an agent that was killed has left: go on with its runs, or undo them')
    .option('--undo', 'undo instead of going on')
    .action(async (_options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<CommonOptions & SupplyFlags & { undo?: boolean }>();
      const agent = { ...(await openAgent(flags)), supplies: await suppliesOf(flags) };
      const orphans = agent.runs.orphans();
      if (orphans.length === 0) print(shell, flags.json, { runs: [] }, 'Nothing was left unfinished.');
      for (const { id } of orphans) {
        if (!agent.runs.adopt(id)) continue;
        if (flags.undo) agent.runs.requestCancel(id);
        const run = agent.runs.find(id);
        if (run) await follow(run, agent, flags, shell);
      }
    });
}

async function follow(
  run: StoredRun,
  agent: SuppliedAgent,
  { json }: CommonOptions,
  shell: Shell,
): Promise<void> {
  const line = progressLine(shell);
  const hooks = {
    onEvent: (body: Parameters<typeof eventText>[0]) => {
      const text = eventText(body);
      if (text) line.say(text);
    },
    onProgress: line.show,
  };
  // Ctrl-C cancels: a restore at a terminal that was stopped by hand leaves nothing behind.
  const signals = { cancel: shell.interrupted, shutdown: new AbortController().signal };
  const result = await executeRun(run, localParts(agent, shell), hooks, signals).finally(() => line.end());
  if (result) report(run.id, result, json, shell);
}

export function localParts(agent: SuppliedAgent, shell: Shell): RunnerParts {
  const { exec, acceleration, version } = shell;
  const buckets = () => Promise.resolve(bucketsOf(agent.config));
  const open = (run: StoredRun) =>
    openAt(run.order.backup?.path ?? '', sources, { buckets, signal: shell.interrupted });
  return { ...agent, sources, exec, acceleration, version, open };
}

function report(
  runId: string,
  { outcome, machine, error }: RunResult,
  json: boolean | undefined,
  shell: Shell,
): void {
  const name = outcomeName(outcome);
  const document = { runId, outcome: name, machine: machine ?? null, error: error ? errorJson(error) : null };
  const text = machine
    ? `${machine.name} ${machine.running ? 'runs' : 'is defined'} on the target (${machine.targetId}).\n  ${machine.access}`
    : `The restore ${name === 'blocked' ? 'was not begun' : name === 'cancelled' ? 'was cancelled' : 'failed'}; nothing is left of it.`;
  print(shell, json, document, text);
  if (error) throw error instanceof AscendError && json ? silent(error) : error;
}

/** The document says it all already. */
function silent(error: AscendError): AscendError {
  return new AscendError(error.code, '', { context: { reported: true } });
}

function outcomeName(outcome: RunOutcome): string {
  const names = { 0: 'unknown', 1: 'succeeded', 2: 'failed', 3: 'blocked', 4: 'cancelled' } as const;
  return names[outcome];
}
