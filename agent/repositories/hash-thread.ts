/**
 * A thread that hashes files, one at a time. Hashing occupies a core: on the main thread it would leave the other cores
 * idle and everything else waiting. A thread takes 0.1 s to start and 25 MiB of memory.
 */
import { Worker } from 'node:worker_threads';
import type { FilePlace } from './files.ts';
import { cancelled, type Algorithm, type Digests, type HashOptions } from './hash.ts';

/** To the thread. */
export interface HashOrder {
  place: FilePlace;
  algorithms: Algorithm[];
}

/** From it: any number of `bytes`, then one of the others. An error of the file system loses its code on the way. */
export type HashNews =
  | { bytes: number }
  | { digests: Digests }
  | { failed: { message: string; code: string | undefined; errno: number | undefined } };

export class HashThread implements AsyncDisposable {
  #worker: Worker | undefined;
  #crash: Promise<never> | undefined;

  /**
   * One call at a time; the first starts the thread.
   * @throws run.cancelled; an error of the file system where the file cannot be read.
   */
  async digests(order: HashOrder, { signal, onBytes }: HashOptions = {}): Promise<Digests> {
    const { worker, crash } = this.#start();
    const { promise, resolve, reject } = Promise.withResolvers<Digests>();
    const cancel = () => reject(cancelled());
    const hear = (news: HashNews) => {
      if ('bytes' in news) onBytes?.(news.bytes);
      else if ('digests' in news) resolve(news.digests);
      else reject(Object.assign(new Error(news.failed.message), news.failed));
    };
    signal?.addEventListener('abort', cancel);
    worker.on('message', hear);
    try {
      if (signal?.aborted) throw cancelled();
      worker.postMessage(order);
      return await Promise.race([promise, crash]);
    } finally {
      signal?.removeEventListener('abort', cancel);
      worker.off('message', hear);
    }
  }

  #start(): { worker: Worker; crash: Promise<never> } {
    this.#worker ??= new Worker(new URL('./hash-worker.ts', import.meta.url));
    const worker = this.#worker;
    // It may end before anyone waits for it.
    this.#crash ??= new Promise<never>((_, reject) => worker.once('error', reject));
    this.#crash.catch(() => undefined);
    return { worker, crash: this.#crash };
  }

  /** Also ends what it is hashing. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.terminate();
  }
}
