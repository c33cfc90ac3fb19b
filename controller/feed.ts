/** What changed, told to whoever watches: the console's live pages and the streams of the API. */
import type { Progress } from './runs/run.ts';

/** `id` says what to fetch anew; for `backups` it is the agent whose catalogue was replaced. */
export type Change =
  | { readonly topic: 'agent' | 'run' | 'backups' | 'schedule' | 'site'; readonly id: string }
  | { readonly topic: 'progress'; readonly id: string; readonly progress: Progress };

export class Feed {
  readonly #watchers = new Set<Watcher>();

  publish(change: Change): void {
    for (const watcher of this.#watchers) watcher.tell(change);
  }

  /** @param wants - only changes for which this says true. Dispose the watcher when done. */
  watch(wants: (change: Change) => boolean = () => true): Watcher {
    const watcher = new Watcher(wants, () => this.#watchers.delete(watcher));
    this.#watchers.add(watcher);
    return watcher;
  }

  get watchers(): number {
    return this.#watchers.size;
  }
}

/** Holds the newest change per topic and id, so that a slow reader costs a bounded amount of memory. */
export class Watcher implements Disposable {
  readonly #wants: (change: Change) => boolean;
  readonly #leave: () => void;
  #pending = new Map<string, Change>();
  #wake: (() => void) | undefined;

  constructor(wants: (change: Change) => boolean, leave: () => void) {
    this.#wants = wants;
    this.#leave = leave;
  }

  tell(change: Change): void {
    if (!this.#wants(change)) return;
    this.#pending.set(`${change.topic} ${change.id}`, change);
    this.#wake?.();
  }

  /** Changes since the last call; waits for one, but no longer than this: then the list is empty. */
  async next(waitMs: number): Promise<Change[]> {
    if (this.#pending.size === 0) await this.#sleep(waitMs);
    const changes = [...this.#pending.values()];
    this.#pending = new Map();
    return changes;
  }

  [Symbol.dispose](): void {
    this.#leave();
    this.#wake?.();
  }

  async #sleep(waitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
