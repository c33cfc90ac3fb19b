import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { pino, type Logger } from 'pino';
import { asAscendError, errorJson } from '../../proto/errors.ts';
import { Link } from '../link/link.ts';
import type { LinkObserver } from '../link/contract.ts';
import { RunQueue } from '../pipeline/queue.ts';
import { bucketsOf } from '../config.ts';
import { boundaryAmong, openAt } from '../pipeline/open.ts';
import type { RunnerParts } from '../pipeline/runner.ts';
import { openOrdered } from '../repositories/repository.ts';
import { scanRepositories } from '../service/catalog.ts';
import { describeAgent } from '../service/description.ts';
import { orderHandler, orderPolicy } from '../service/orders.ts';
import { sources } from '../sources/index.ts';
import { Receipts } from '../link/receipts.ts';
import { claimServing } from '../state/serving.ts';
import { siteSupplies } from './supplies.ts';
import { openAgent, type Agent, type CommonOptions, type Shell } from './shell.ts';

export function serveVerb(program: Command, shell: Shell): void {
  program
    .command('serve')
    .description('work for the controller: take its orders, finish what was left unfinished')
    .action(async (_options: unknown, command: Command) => {
      const agent = await openAgent(command.optsWithGlobals<CommonOptions>());
      await serve(agent, shell, pino({ base: null }, pino.destination({ dest: 2, sync: true })));
    });
}

async function serve(agent: Agent, shell: Shell, log: Logger): Promise<void> {
  claimServing(agent.database);
  const shutdown = shell.interrupted;
  const supplies = await siteSupplies(agent.config);
  const parts = { ...runnerParts(agent, shell), supplies };
  const context = { exec: shell.exec, acceleration: shell.acceleration, signal: shutdown };
  const queue = new RunQueue(
    parts,
    agent.config.parallelRuns,
    {
      forRun: (run) => ({
        onEvent: (body) => log.info({ run: run.id, event: body.$case }, 'run event'),
        onProgress: (progress) => link.progress(progress),
      }),
      onUndoFailed: (run, error) =>
        log.error(
          { run: run.id, error: errorJson(asAscendError(error)) },
          'a run could not be undone; trying again',
        ),
    },
    shutdown,
  );
  const session = Promise.withResolvers<undefined>();
  const connected = (address: string) => {
    log.info({ address }, 'connected to the controller');
    session.resolve(undefined);
  };
  const link: Link = new Link({
    stateDirectory: agent.stateDir,
    outbox: agent.outbox,
    catalog: agent.catalog,
    describe: () =>
      describeAgent({
        version: shell.version,
        config: agent.config,
        sources,
        targets: agent.targets,
        context,
      }),
    runningRuns: () => queue.running(),
    observer: { ...linkLog(log), connected },
    receipts: new Receipts(agent.database),
    policy: orderPolicy(agent.config),
    handler: orderHandler({
      ...agent,
      queue,
      check: { ...context, sources, supplies, workDir: agent.workDir },
    }),
  });
  const resuming = firstWord(session.promise, shutdown).then(() => queue.resume());
  log.info({ state: agent.stateDir, repositories: agent.config.repositories.length }, 'agent started');
  await Promise.all([link.run(shutdown), watchRepositories(agent, link, log, shell)]);
  await resuming;
  await queue.drained();
  log.info('agent stopped');
}

// A controller that is there welcomes the agent within a second; one that is gone must not keep runs waiting.
const SESSION_WITHIN_MS = 10_000;
// Its waiting orders follow the welcome at once.
const ORDERS_WITHIN_MS = 1000;

/**
 * Before unfinished runs go on: a cancellation that was ordered while this agent was dead comes with the first session,
 * and must not lose against a run that needs but a second more.
 */
async function firstWord(session: Promise<undefined>, signal: AbortSignal): Promise<void> {
  const told = session.then(() => sleep(ORDERS_WITHIN_MS, undefined, { signal }));
  await Promise.race([told, sleep(SESSION_WITHIN_MS, undefined, { signal })]).catch(() => undefined);
}

/** Local and ordered runs alike: what a killed command left is finished here as well. */
function runnerParts(agent: Agent, shell: Shell): Omit<RunnerParts, 'supplies'> {
  const { exec, acceleration, version } = shell;
  const buckets = () => Promise.resolve(bucketsOf(agent.config));
  return {
    ...agent,
    sources,
    exec,
    acceleration,
    version,
    open: ({ origin, order }) => {
      const backup = order.backup ?? { repository: '', path: '' };
      return origin === 'local'
        ? openAt(backup.path, sources, { buckets, signal: shell.interrupted })
        : openOrdered(agent.config.repositories, backup, boundaryAmong(sources), shell.interrupted);
    },
  };
}

async function watchRepositories(agent: Agent, link: Link, log: Logger, { version, interrupted }: Shell) {
  const failed = (error: unknown, repository?: string) =>
    log.error(
      { repository, error: errorJson(asAscendError(error)) },
      'a repository could not be looked through',
    );
  const scan = async () => {
    await scanRepositories({
      repositories: agent.config.repositories,
      sources,
      catalog: agent.catalog,
      version,
      signal: interrupted,
      onFailure: ({ name }, failure) => failed(failure, name),
    });
    await link.announce();
  };
  try {
    for (;;) {
      await scan().catch(failed);
      await sleep(agent.config.scanSeconds * 1000, undefined, { signal: interrupted });
    }
  } catch (error) {
    if (!interrupted.aborted) throw error;
  }
}

function linkLog(log: Logger): Omit<LinkObserver, 'connected'> {
  return {
    disconnected: (why, retryInMs) =>
      log.warn({ error: errorJson(why), retryInMs }, 'not connected to the controller'),
    renewed: (expiresAt) => log.info({ expiresAt }, 'certificate renewed'),
    renewalFailed: (why) => log.warn({ error: errorJson(why) }, 'the certificate could not be renewed'),
    refusedOrder: (why) => log.warn({ error: errorJson(why) }, 'refused an order'),
  };
}
