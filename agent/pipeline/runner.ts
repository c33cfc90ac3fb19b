/**
 * Runs one restore from its order to its end: the four steps, each durable before the next begins, so that a run which
 * was killed at any moment is taken up again, and a run which fails or is cancelled leaves nothing behind.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { AscendError, asAscendError } from '../../proto/errors.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import { RunOutcome, type DeployedMachine, type RunProgress } from '../../proto/gen/ascend/v1/run.ts';
import type { PreparedDisk } from '../disks/prepared.ts';
import { serveDisks, type ServedDisks } from '../disks/serve.ts';
import type { Exec } from '../exec.ts';
import { changedFiles } from '../guests/fix.ts';
import type { Supplies } from '../guests/requirements.ts';
import type { ProbeAcceleration } from '../host/acceleration.ts';
import type { OpenBackup } from '../repositories/open.ts';
import type { Source } from '../sources/source.ts';
import type { AgentDatabase } from '../state/database.ts';
import type { Json } from '../state/json.ts';
import { openJournal, type Journal } from '../state/journal.ts';
import type { Outbox } from '../state/outbox.ts';
import { openProven } from '../state/proven.ts';
import { openRunLog, type EventBody, type RunLog } from '../state/run-log.ts';
import type { RunStatus, RunStore, StoredRun } from '../state/runs.ts';
import type { TargetStore } from '../state/targets.ts';
import { targetOfKind } from '../targets/index.ts';
import { analyse, type Analysis } from './analyse.ts';
import { convert, findPrepared } from './convert.ts';
import { bringUp, openSession, SESSION, writeDisks, type DeployHooks, type SessionToken } from './deploy.ts';
import { openMeter, type Meter } from './meter.ts';
import { contentsOf } from './rehearse.ts';
import { CONVERTED, NO_CONTENTS, rehearseRun, type ConvertedGuest } from './rehearse-run.ts';
import { fingerprintOf, verifiedBytes, verifyBackup } from './verify.ts';
import { chooseTarget, placementOf, refuseBlocked, validate, type ChosenTarget } from './validate.ts';
import { wantsOf } from './wants.ts';

const STEPS = ['analyse', 'validate', 'convert', 'rehearse', 'deploy'] as const;
export type Step = (typeof STEPS)[number];

export interface RunnerParts {
  database: AgentDatabase;
  runs: RunStore;
  targets: TargetStore;
  outbox: Outbox;
  sources: readonly Source[];
  exec: Exec;
  acceleration: ProbeAcceleration;
  /** For overlays, a folder a run. */
  workDir: string;
  /** Where the key and the evidence of rehearsals are. */
  stateDir: string;
  version: string;
  supplies: Supplies;
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
  #step: Step = 'analyse';

  constructor(run: StoredRun, parts: RunnerParts, hooks: RunHooks, signals: RunSignals) {
    const { database } = parts;
    this.#run = run;
    this.#parts = parts;
    this.#signals = signals;
    this.#signal = AbortSignal.any([signals.cancel, signals.shutdown]);
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
  }

  async execute(): Promise<RunResult | undefined> {
    this.#announce();
    try {
      if (this.#run.status === 'undoing') throw this.#earlierFailure();
      if (this.#run.cancelRequested) throw new AscendError('run.cancelled', 'The run was cancelled.');
      const machine = await this.#restore();
      return await this.#finish({ outcome: RunOutcome.SUCCEEDED, machine, error: undefined });
    } catch (thrown) {
      if (this.#signals.shutdown.aborted) return undefined;
      return await this.#fail(this.#signals.cancel.aborted ? cancelled() : asAscendError(thrown));
    }
  }

  async #restore(): Promise<DeployedMachine> {
    await using backup = await this.#parts.open(this.#run);
    const analysis = await this.#timed('analyse', () => this.#analyse(backup));
    await using served = await serveDisks(analysis.chains, backup.files, path.join(this.#workDir, 'disks'));
    const { placement, chosen } = await this.#timed('validate', () =>
      this.#validate(analysis.machine, served),
    );
    const wants = wantsOf(placement.machine, chosen, this.#run.order.options?.addresses);
    const disks = await this.#timed('convert', () =>
      served.reading(() => this.#convert(placement.machine, served, wants)),
    );
    if (this.#run.order.options?.rehearse)
      await this.#timed('rehearse', () =>
        served.reading(() => this.#rehearse(placement.machine, disks, chosen)),
      );
    return await this.#timed('deploy', async () => {
      const session = openSession(chosen, placement, this.#journal);
      const hooks = this.#deployHooks();
      await served.reading(() => writeDisks(session, disks, this.#journal, this.#context(), hooks));
      return bringUp(session, this.#run.order.options?.health, this.#journal, this.#context(), hooks);
    });
  }

  async #analyse(backup: OpenBackup): Promise<Analysis & { machine: Machine }> {
    const analysis = await analyse(backup, this.#parts.sources, this.#run.order.backup?.selection);
    this.#requireOrdered(analysis);
    analysis.findings.forEach((finding) => this.#finding(finding));
    refuseBlocked(analysis.findings);
    await this.#verify(analysis, backup);
    const { machine } = analysis;
    if (!machine) throw new AscendError('source.invalid', 'The metadata of the backup cannot be understood.');
    this.#log.once('machine', { $case: 'machineRead', value: { machine } });
    return { ...analysis, machine };
  }

  #requireOrdered({ location, manifest }: Analysis): void {
    const wanted = this.#run.order.backup?.backupId;
    if (!wanted || wanted === manifest?.id) return;
    throw new AscendError(
      'backup.changed',
      `${location} holds ${manifest ? `backup ${manifest.id}` : 'no backup set'}, not backup ${wanted} as ordered.`,
      {
        context: { location },
        hint: 'Look at the list of backups again and order the one that is there now.',
      },
    );
  }

  /** A run that is taken up again trusts what it has hashed before, as long as no file has changed. */
  async #verify(analysis: Analysis, { files }: OpenBackup): Promise<void> {
    const print = fingerprintOf(analysis);
    if (this.#journal.recall('backup.verified') === print) return;
    this.#meter.begin(this.#step, 'verify the checksums of the backup', verifiedBytes(analysis));
    let done = 0n;
    const proven = openProven(this.#parts.database, `run:${this.#run.id}`);
    const { findings } = await verifyBackup(analysis, files, {
      exec: this.#parts.exec,
      signal: this.#signal,
      done: proven,
      onBytes: (bytes) => this.#meter.at((done += BigInt(bytes))),
    });
    findings.forEach((finding) => this.#finding(finding));
    refuseBlocked(findings);
    this.#journal.record('backup.verified', print);
    proven.forget();
  }

  async #validate(machine: Machine, served: ServedDisks) {
    this.#meter.begin(this.#step, 'ask the target', 0n);
    const { id, order } = this.#run;
    const chosen = chooseTarget(this.#parts.targets.get(order.target), order.options);
    const placement = await placementOf(id, machine, served, order.options, this.#context());
    // Once the target holds something of ours, it would find our own machine in the way.
    if (this.#journal.intended(SESSION) === undefined) {
      const findings = await validate(placement, chosen, this.#context());
      findings.forEach((finding) => this.#finding(finding));
      refuseBlocked(findings);
    }
    return { placement, chosen };
  }

  async #convert(
    machine: Machine,
    served: ServedDisks,
    wants: Parameters<typeof convert>[2],
  ): Promise<PreparedDisk[]> {
    const context = { ...this.#context(), workDir: this.#workDir, supplies: this.#parts.supplies };
    if (this.#journal.recall('convert.done') !== undefined) return findPrepared(machine, context);
    const fixes: ConvertedGuest['fixes'] = [];
    let contents = NO_CONTENTS;
    const disks = await convert(machine, served, wants, context, {
      onActivity: (activity) => this.#meter.begin(this.#step, activity, 0n),
      onFinding: (finding) => this.#finding(finding),
      onFix: (fix) => {
        const { name, summary } = fix;
        const files = changedFiles(fix);
        this.#log.once(`fix:${name}:${summary}`, {
          $case: 'fixApplied',
          value: { fix: name, summary, files },
        });
        fixes.push({ name, summary, files });
      },
      ...(this.#run.order.options?.rehearse && {
        examine: async (session, plan) => {
          contents = await contentsOf(session, plan);
        },
      }),
    });
    this.#journal.record(CONVERTED, { fixes, contents } as unknown as Json);
    this.#journal.record('convert.done', true);
    return disks;
  }

  async #rehearse(machine: Machine, disks: PreparedDisk[], chosen: ChosenTarget): Promise<void> {
    const { stateDir, version } = this.#parts;
    await rehearseRun(
      { run: this.#run, machine, disks, chosen },
      { ...this.#context(), workDir: this.#workDir, stateDir, version, journal: this.#journal },
      {
        onActivity: (activity) => this.#meter.begin(this.#step, activity, 0n),
        onFinding: (finding) => this.#finding(finding),
        onPassed: (value) => void this.#log.once('rehearsed', { $case: 'healthCheckPassed', value }),
      },
    );
  }

  #deployHooks(): DeployHooks {
    return {
      onDisk: ({ id, allocatedBytes }) => this.#meter.begin(this.#step, `copy ${id}`, allocatedBytes),
      onProgress: (activity, doneBytes) => this.#meter.at(doneBytes, activity),
      onDiskWritten: (value) => void this.#log.once(`disk:${value.diskId}`, { $case: 'diskWritten', value }),
      onActivity: (activity) => this.#meter.begin(this.#step, activity, 0n),
      onHealth: (value) =>
        void this.#log.once(`health:${value.check}:${value.subject}`, { $case: 'healthCheckPassed', value }),
    };
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
    const steps = stepsOf(this.#run);
    const value = { steps: [...steps], agentVersion: this.#parts.version };
    if (this.#log.once('started', { $case: 'started', value }) || this.#run.status === 'undoing') return;
    const done = steps.filter((step) => this.#journal.recall(`event.step-finished:${step}`) !== undefined);
    const count = Number(this.#journal.recall('resumed') ?? 0) + 1;
    this.#journal.record('resumed', count);
    this.#log.once(`resumed:${count}`, { $case: 'resumed', value: { step: steps[done.length] ?? 'deploy' } });
  }

  #finding(value: Finding): void {
    this.#log.once(`finding:${value.code}:${value.subject}`, { $case: 'finding', value });
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

  #context() {
    const { exec, acceleration } = this.#parts;
    return { exec, acceleration, signal: this.#signal };
  }
}

/** A rehearsal is a step only where it was asked for. */
function stepsOf({ order }: StoredRun): readonly Step[] {
  return STEPS.filter((step) => step !== 'rehearse' || order.options?.rehearse);
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
