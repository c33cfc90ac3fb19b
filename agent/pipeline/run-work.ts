/** What each step of a run does. What comes of it goes into the run's log; when and whether it is done is the runner's. */
import { AscendError } from '../../proto/errors.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import type { DeployedMachine } from '../../proto/gen/ascend/v1/run.ts';
import type { PreparedDisk } from '../disks/prepared.ts';
import type { ServedDisks } from '../disks/serve.ts';
import type { Exec } from '../exec.ts';
import { changedFiles, type Fix } from '../guests/fix.ts';
import type { Supplies } from '../guests/requirements.ts';
import type { ProbeAcceleration } from '../host/acceleration.ts';
import type { OpenBackup } from '../repositories/open.ts';
import type { Source } from '../sources/source.ts';
import type { AgentDatabase } from '../state/database.ts';
import type { Journal } from '../state/journal.ts';
import type { Json } from '../state/json.ts';
import { openProven } from '../state/proven.ts';
import type { RunLog } from '../state/run-log.ts';
import type { StoredRun } from '../state/runs.ts';
import type { TargetStore } from '../state/targets.ts';
import type { Placement } from '../targets/target.ts';
import { analyse, type Analysis } from './analyse.ts';
import { convert, findPrepared } from './convert.ts';
import { bringUp, openSession, SESSION, writeDisks, type DeployHooks } from './deploy.ts';
import { stepsOf } from './itinerary.ts';
import type { Meter } from './meter.ts';
import { contentsOf } from './rehearse.ts';
import { CONVERTED, NO_CONTENTS, rehearseRun, type ConvertedGuest } from './rehearse-run.ts';
import { fingerprintOf, verifiedBytes, verifyBackup } from './verify.ts';
import {
  chooseTarget,
  placementOf,
  refuseBlocked,
  requireMachine,
  validate,
  type ChosenTarget,
} from './validate.ts';
import { wantsOf } from './wants.ts';

/** Of the agent. */
export interface WorkParts {
  database: AgentDatabase;
  targets: TargetStore;
  sources: readonly Source[];
  exec: Exec;
  acceleration: ProbeAcceleration;
  /** Where the key and the evidence of rehearsals are. */
  stateDir: string;
  version: string;
  supplies: Supplies;
}

/** What the steps of one run share. */
export interface RunTools {
  readonly journal: Journal;
  readonly log: RunLog;
  readonly meter: Meter;
  readonly signal: AbortSignal;
  /** Of this run. */
  readonly workDir: string;
}

export type RunAnalysis = Analysis & { machine: Machine };

/** The machine as it will be, and where. */
export interface Chosen {
  readonly placement: Placement;
  readonly chosen: ChosenTarget;
}

export class RunWork {
  readonly #run: StoredRun;
  readonly #parts: WorkParts;
  readonly #tools: RunTools;

  constructor(run: StoredRun, parts: WorkParts, tools: RunTools) {
    this.#run = run;
    this.#parts = parts;
    this.#tools = tools;
  }

  /** @throws backup.changed, source.invalid, run.blocked */
  async analyse(backup: OpenBackup): Promise<RunAnalysis> {
    const analysis = await analyse(backup, this.#parts.sources, this.#run.order.backup?.selection);
    this.#requireOrdered(analysis);
    analysis.findings.forEach((finding) => this.#finding(finding));
    const machine = requireMachine(analysis);
    await this.#verify(analysis, backup);
    this.#tools.log.once('machine', { $case: 'machineRead', value: { machine } });
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
    const { journal, meter, signal } = this.#tools;
    const print = fingerprintOf(analysis);
    if (journal.recall('backup.verified') === print) return;
    meter.begin('analyse', 'verify the checksums of the backup', verifiedBytes(analysis));
    let done = 0n;
    const proven = openProven(this.#parts.database, `run:${this.#run.id}`);
    const { findings } = await verifyBackup(analysis, files, {
      exec: this.#parts.exec,
      signal,
      done: proven,
      onBytes: (bytes) => meter.at((done += BigInt(bytes))),
    });
    findings.forEach((finding) => this.#finding(finding));
    refuseBlocked(findings);
    journal.record('backup.verified', print);
    proven.forget();
  }

  /** @throws run.blocked, usage.invalid */
  async validate(machine: Machine, served: ServedDisks): Promise<Chosen> {
    const { journal, meter } = this.#tools;
    meter.begin('validate', 'ask the target', 0n);
    const { id, order } = this.#run;
    const chosen = chooseTarget(this.#parts.targets.get(order.target), order.options);
    const placement = await placementOf(id, machine, served, order.options, this.#context());
    // Once the target holds something of ours, it would find our own machine in the way.
    if (journal.intended(SESSION) === undefined) {
      const findings = await validate(placement, chosen, order, this.#context());
      findings.forEach((finding) => this.#finding(finding));
      refuseBlocked(findings);
    }
    return { placement, chosen };
  }

  /** @throws run.blocked */
  async convert({ placement, chosen }: Chosen, served: ServedDisks): Promise<PreparedDisk[]> {
    const { machine } = placement;
    const { journal, workDir } = this.#tools;
    const wants = wantsOf(machine, chosen, this.#run.order.options);
    const context = { ...this.#context(), workDir, supplies: this.#parts.supplies };
    if (journal.recall('convert.done') !== undefined) return findPrepared(machine, context);
    const guest: ConvertedGuest = { fixes: [], contents: NO_CONTENTS };
    const disks = await convert(machine, served, wants, context, {
      onActivity: (activity) => this.#tools.meter.begin('convert', activity, 0n),
      onFinding: (finding) => this.#finding(finding),
      onFix: (fix) => guest.fixes.push(this.#fixed(fix)),
      ...(stepsOf(this.#run.order).includes('rehearse') && {
        examine: async (session, plan) => {
          guest.contents = await contentsOf(session, plan);
        },
      }),
    });
    journal.record(CONVERTED, guest as unknown as Json);
    journal.record('convert.done', true);
    return disks;
  }

  /** @throws rehearsal.failed, rehearsal.unproven */
  async rehearse({ placement, chosen }: Chosen, disks: readonly PreparedDisk[]): Promise<void> {
    const { journal, meter, log, workDir } = this.#tools;
    const { stateDir, version } = this.#parts;
    await rehearseRun(
      { run: this.#run, machine: placement.machine, disks, chosen },
      { ...this.#context(), workDir, stateDir, version, journal },
      {
        onActivity: (activity) => meter.begin('rehearse', activity, 0n),
        onFinding: (finding) => this.#finding(finding),
        onFinished: (value) => void log.once('rehearsed', { $case: 'rehearsalFinished', value }),
      },
    );
  }

  /** @throws target.*, health.not-proven */
  async deploy(
    { placement, chosen }: Chosen,
    disks: readonly PreparedDisk[],
    served: ServedDisks,
  ): Promise<DeployedMachine> {
    const { journal } = this.#tools;
    const session = openSession(chosen, placement, journal);
    const hooks = this.#deployHooks();
    await served.reading(() => writeDisks(session, disks, journal, this.#context(), hooks));
    return bringUp(session, this.#run.order.options?.health, journal, this.#context(), hooks);
  }

  #deployHooks(): DeployHooks {
    const { log, meter } = this.#tools;
    return {
      onDisk: ({ id, allocatedBytes }) => meter.begin('deploy', `copy ${id}`, allocatedBytes),
      onProgress: (activity, doneBytes) => meter.at(doneBytes, activity),
      onDiskWritten: (value) => void log.once(`disk:${value.diskId}`, { $case: 'diskWritten', value }),
      onActivity: (activity) => meter.begin('deploy', activity, 0n),
      onHealth: (value) =>
        void log.once(`health:${value.check}:${value.subject}`, { $case: 'healthCheckPassed', value }),
    };
  }

  #fixed(fix: Fix): ConvertedGuest['fixes'][number] {
    const { name, summary } = fix;
    const files = changedFiles(fix);
    const value = { fix: name, summary, files };
    this.#tools.log.once(`fix:${name}:${summary}`, { $case: 'fixApplied', value });
    return { name, summary, files };
  }

  #finding(value: Finding): void {
    this.#tools.log.once(`finding:${value.code}:${value.subject}`, { $case: 'finding', value });
  }

  #context() {
    const { exec, acceleration } = this.#parts;
    return { exec, acceleration, signal: this.#tools.signal };
  }
}
