/** Progress on its way to the controller: the newest of each run, at most twice a second. */
import type { RunProgress } from '../../proto/gen/ascend/v1/run.ts';

const everyMs = 500;

export class ProgressBoard {
  readonly #newest = new Map<string, RunProgress>();
  #send: ((progress: RunProgress) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  post(progress: RunProgress): void {
    this.#newest.set(progress.runId, progress);
    if (this.#timer === undefined) this.#flush();
  }

  /** Where to send to, as long as a session lasts. What is posted in between waits, and is replaced by what is newer. */
  attach(send: (progress: RunProgress) => void): Disposable {
    this.#send = send;
    if (this.#timer === undefined) this.#flush();
    return {
      [Symbol.dispose]: () => {
        if (this.#send === send) this.#send = undefined;
      },
    };
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#send === undefined || this.#newest.size === 0) return;
    for (const progress of this.#newest.values()) this.#send(progress);
    this.#newest.clear();
    this.#timer = setTimeout(() => this.#flush(), everyMs).unref();
  }
}
