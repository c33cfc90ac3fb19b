/**
 * Runs one order from its first step to its end: each step durable before the next begins, so that a run which was
 * killed at any moment is taken up again, and a run which fails or is cancelled leaves nothing behind.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { AscendError, asAscendError } from '../../proto/errors.ts';
import { RunOutcome, type DeployedMachine, type RunProgress } from '../../proto/gen/ascend/v1/run.ts';
import { serveDisks } from '../disks/serve.ts';
import type { OpenBackup } from '../repositories/open.ts';
import { openJournal, type Journal } from '../state/journal.ts';
import type { Outbox } from '../state/outbox.ts';
import { openRunLog, type EventBody, type RunLog } from '../state/run-log.ts';
import type { RunStatus, RunStore, StoredRun } from '../state/runs.ts';
import { targetOfKind } from '../targets/index.ts';
import { SESSION, type SessionToken } from './deploy.ts';
import { stepsOf, type Step } from './itinerary.ts';
import { openMeter, type Meter } from './meter.ts';
import { RunWork, type WorkParts } from './run-work.ts';

export interface RunnerParts extends WorkParts {
  runs: RunStore;
  outbox: Outbox;
  /** For overlays, a folder a run. */
  workDir: string;
  /** The ordered backup. */
  open: (run: StoredRun) => Promise<OpenBackup>;
}

export interface RunHooks {
  onEvent: (body: EventBody) => void;
  onProgress: (progress: RunProgress) => void;
}

export interface RunSignals {
  /** The run is to be cancelled and undone. */
  cancel: AbortSignal;
  /** The agent is going down: the run stays as it is, to be taken up again. */
  shutdown: AbortSignal;
}

export interface RunResult {
  outcome: RunOutcome;
  machine: DeployedMachine | undefined;
  error: AscendError | undefined;
}

/** Undefined where the agent went down first. @throws what kept the undoing from its end; the run is `undoing` then. */
export async function executeRun(
  run: StoredRun,
  parts: RunnerParts,
  hooks: RunHooks,
  signals: RunSignals,
): Promise<RunResult | undefined> {
  const execution = new Execution(run, parts, hooks, signals);
  return execution.execute();
}

class Execution {
  readonly #run: StoredRun;
  readonly #parts: RunnerParts;
  readonly #signals: RunSignals;
  readonly #signal: AbortSignal;
  readonly #journal: Journal;
  readonly #log: RunLog;
  readonly #meter: Meter;
  readonly #workDir: string;
  readonly #work: RunWork;
  readonly #steps: readonly Step[];
  #step: Step = 'analyse';

  constructor(run: StoredRun, parts: RunnerParts, hooks: RunHooks, signals: RunSignals) {
    const { database } = parts;
    this.#run = run;
    this.#parts = parts;
    this.#signals = signals;
    this.#signal = AbortSignal.any([signals.cancel, signals.shutdown]);
    this.#steps = stepsOf(run.order);
    this.#journal = openJournal(database, run.id);
    const outbox = run.origin === 'controller' ? parts.outbox : undefined;
    this.#log = openRunLog({
      database,
      journal: this.#journal,
      runId: run.id,
      outbox,
      onEvent: hooks.onEvent,
    });
    this.#meter = openMeter(run.id, hooks.onProgress);
    this.#workDir = path.join(parts.workDir, run.id);
    this.#work = new RunWork(run, parts, {
      journal: this.#journal,
      log: this.#log,
      meter: this.#meter,
      signal: this.#signal,
      workDir: this.#workDir,
    });
  }

  async execute(): Promise<RunResult | undefined> {
    this.#announce();
    try {
      if (this.#run.status === 'undoing') throw this.#earlierFailure();
      if (this.#run.cancelRequested) throw new AscendError('run.cancelled', 'The run was cancelled.');
      const machine = await this.#carryOut();
      return await this.#finish({ outcome: RunOutcome.SUCCEEDED, machine, error: undefined });
    } catch (thrown) {
      if (this.#signals.shutdown.aborted) return undefined;
      return await this.#fail(this.#signals.cancel.aborted ? cancelled() : asAscendError(thrown));
    }
  }

  /** The steps in order; a step that was finished before finds its results again. */
  async #carryOut(): Promise<DeployedMachine | undefined> {
    await using backup = await this.#parts.open(this.#run);
    const { machine, chains } = await this.#timed('analyse', () => this.#work.analyse(backup));
    await using served = await serveDisks(chains, backup.files, path.join(this.#workDir, 'disks'));
    const chosen = await this.#timed('validate', () => this.#work.validate(machine, served));
    const disks = await this.#timed('convert', () =>
      served.reading(() => this.#work.convert(chosen, served)),
    );
    if (this.#steps.includes('rehearse'))
      await this.#timed('rehearse', () => served.reading(() => this.#work.rehearse(chosen, disks)));
    if (!this.#steps.includes('deploy')) return undefined;
    return await this.#timed('deploy', () => this.#work.deploy(chosen, disks, served));
  }

  async #timed<T>(step: Step, work: () => Promise<T>): Promise<T> {
    this.#signal.throwIfAborted();
    this.#step = step;
    const key = `step:${step}:started`;
    if (this.#log.once(`step-started:${step}`, { $case: 'stepStarted', value: { step } })) {
      this.#journal.record(key, Date.now());
    }
    const startedAt = Number(this.#journal.recall(key) ?? Date.now());
    const result = await work();
    const durationMs = BigInt(Date.now() - startedAt);
    this.#log.once(`step-finished:${step}`, { $case: 'stepFinished', value: { step, durationMs } });
    return result;
  }

  #announce(): void {
    const steps = this.#steps;
    const value = { steps: [...steps], agentVersion: this.#parts.version };
    if (this.#log.once('started', { $case: 'started', value }) || this.#run.status === 'undoing') return;
    const done = steps.filter((step) => this.#journal.recall(`event.step-finished:${step}`) !== undefined);
    const count = Number(this.#journal.recall('resumed') ?? 0) + 1;
    this.#journal.record('resumed', count);
    this.#log.once(`resumed:${count}`, {
      $case: 'resumed',
      value: { step: steps[done.length] ?? this.#step },
    });
  }

  async #fail(error: AscendError): Promise<RunResult> {
    const deployed = this.#journal.recall('target.machine') as DeployedMachine | undefined;
    // It is there, it is whole, it just does not prove that it works: a person will want to look at it.
    if (error.code === 'health.not-proven') {
      return this.#finish({ outcome: RunOutcome.FAILED, machine: deployed, error });
    }
    const { code, message, hint = null } = error;
    this.#journal.record('failure', { code, message, hint });
    this.#parts.runs.setStatus(this.#run.id, 'undoing');
    this.#meter.begin(this.#step, 'remove what was made', 0n);
    await this.#undo();
    return this.#finish({ outcome: outcomeOf(error), machine: undefined, error });
  }

  async #undo(): Promise<void> {
    const token = this.#journal.intended(SESSION) as SessionToken | undefined;
    if (!token) return;
    const { exec, acceleration } = this.#parts;
    const context = { exec, acceleration, signal: this.#signals.shutdown };
    await targetOfKind(token.kind).undo(token.state, token.options, context);
  }

  #earlierFailure(): AscendError {
    const failure = this.#journal.recall('failure') as {
      code: AscendError['code'];
      message: string;
      hint: string | null;
    };
    return new AscendError(
      failure.code,
      failure.message,
      failure.hint === null ? {} : { hint: failure.hint },
    );
  }

  async #finish(result: RunResult): Promise<RunResult> {
    await rm(this.#workDir, { recursive: true, force: true });
    const { outcome, machine, error } = result;
    const durationMs = BigInt(Date.now() - this.#run.startedAt.getTime());
    const runError = error && {
      code: error.code,
      message: error.message,
      hint: error.hint ?? '',
      step: this.#step,
    };
    this.#parts.database.transaction(() => {
      const value = { outcome, machine, error: runError, durationMs };
      this.#log.once('finished', { $case: 'finished', value });
      this.#parts.runs.setStatus(this.#run.id, statusOf(outcome));
    })();
    return result;
  }
}

function cancelled(): AscendError {
  return new AscendError('run.cancelled', 'The run was cancelled; what it had made was removed.');
}

function outcomeOf({ code }: AscendError): RunOutcome {
  if (code === 'run.blocked') return RunOutcome.BLOCKED;
  return code === 'run.cancelled' ? RunOutcome.CANCELLED : RunOutcome.FAILED;
}

function statusOf(outcome: RunOutcome): RunStatus {
  if (outcome === RunOutcome.SUCCEEDED) return 'succeeded';
  if (outcome === RunOutcome.BLOCKED) return 'blocked';
  return outcome === RunOutcome.CANCELLED ? 'cancelled' : 'failed';
}
