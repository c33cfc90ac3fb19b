/** The runs of a serving agent: started as there is room, taken up again after a restart, cancelled on request. */
import type { StoredRun } from '../state/runs.ts';
import { executeRun, type RunHooks, type RunnerParts } from './runner.ts';

export interface QueueHooks {
  forRun: (run: StoredRun) => RunHooks;
  /** What kept a failed run from being undone; it is tried again. */
  onUndoFailed: (run: StoredRun, error: unknown) => void;
}

// Long enough for somebody to start a stopped libvirt, short enough not to be forgotten.
const UNDO_RETRY_MS = 30_000;

export class RunQueue {
  readonly #parts: RunnerParts;
  readonly #parallel: number;
  readonly #hooks: QueueHooks;
  readonly #shutdown: AbortSignal;
  readonly #active = new Map<string, { cancel: AbortController; done: Promise<void> }>();

  constructor(parts: RunnerParts, parallel: number, hooks: QueueHooks, shutdown: AbortSignal) {
    this.#parts = parts;
    this.#parallel = parallel;
    this.#hooks = hooks;
    this.#shutdown = shutdown;
  }

  /** Takes over what a killed agent has left, then starts what waits. */
  resume(): void {
    for (const { id } of this.#parts.runs.orphans()) this.#parts.runs.adopt(id);
    this.pump();
  }

  /** Starts waiting runs while there is room. Call it after a run has been stored. */
  pump(): void {
    for (const run of this.#parts.runs.unfinished()) {
      if (this.#shutdown.aborted || this.#active.size >= this.#parallel) return;
      if (!this.#active.has(run.id) && this.#parts.runs.isOwn(run.id)) this.#start(run);
    }
  }

  /** Of a run that was asked to stop in the store. */
  cancel(runId: string): void {
    this.#active.get(runId)?.cancel.abort();
  }

  running(): string[] {
    return [...this.#active.keys()];
  }

  /** Once every active run has stopped where it can be taken up again. */
  async drained(): Promise<void> {
    await Promise.all([...this.#active.values()].map(({ done }) => done));
  }

  #start(run: StoredRun): void {
    const cancel = new AbortController();
    const signals = { cancel: cancel.signal, shutdown: this.#shutdown };
    const done = executeRun(run, this.#parts, this.#hooks.forRun(run), signals)
      .catch((error: unknown) => {
        if (this.#shutdown.aborted) return;
        this.#hooks.onUndoFailed(run, error);
        setTimeout(() => this.pump(), UNDO_RETRY_MS).unref();
      })
      .finally(() => {
        this.#active.delete(run.id);
        if (this.#parts.runs.find(run.id)?.status !== 'undoing') this.pump();
      })
      .then(() => undefined);
    this.#active.set(run.id, { cancel, done });
  }
}
