/** A program of this folder in a process of its own, to be killed without warning. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export class Killable implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #output: Promise<string>;
  readonly #exit: Promise<number | null>;

  constructor(program: string, programArguments: readonly string[]) {
    const path = join(import.meta.dirname, program);
    this.#child = spawn(process.execPath, [path, ...programArguments], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#output = once(this.#child.stdout!, 'data').then(([data]: Buffer[]) => String(data));
    this.#exit = once(this.#child, 'exit').then(([code]) => code as number | null);
  }

  /** The first that it prints. */
  output(): Promise<string> {
    const early = this.#exit.then((code) =>
      Promise.reject(new Error(`it has ended with ${code ?? 'a signal'}`)),
    );
    return Promise.race([this.#output, early]);
  }

  /** Its exit code; null where it was killed. */
  exit(): Promise<number | null> {
    return this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}
