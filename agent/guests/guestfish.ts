/**
 * A guestfish that is talked to: commands go in as lines, answers come back up to a marker. Nothing in it knows what the
 * commands do.
 */
import { randomBytes } from 'node:crypto';
import { AscendError } from '../../proto/errors.ts';
import type { Conversation } from '../exec.ts';

export class Guestfish implements AsyncDisposable {
  readonly #fish: Conversation;
  readonly #output: AsyncIterator<string>;
  // A marker that no guest can guess, so that no file name can pass for the end of an answer.
  readonly #nonce = randomBytes(16).toString('hex');
  /** What has been heard behind the last marker. */
  #ahead = '';
  #calls = 0;

  constructor(fish: Conversation) {
    this.#fish = fish;
    this.#output = fish.output[Symbol.asyncIterator]();
  }

  /** `input`: lines that the command itself reads. @throws guest.session-failed */
  async ask(limitMs: number, input: string, command: string, args: readonly string[]): Promise<Buffer> {
    this.#calls += 1;
    const marker = `${this.#nonce}-${this.#calls}`;
    // The leading "-" keeps guestfish alive after an error.
    this.#fish.write(`-${[command, ...args.map(quote)].join(' ')}\n${input}-echo ${marker}\n`);
    const answer = await this.#until(`${marker}\n`, limitMs, command);
    const failure = /^\*stdin\*:\d+: (?:libguestfs: error: )?(.*)/m.exec(answer);
    if (failure) throw sessionFailed(command, args, failure[1] ?? 'unknown');
    return Buffer.from(answer, 'latin1');
  }

  async #until(marker: string, limitMs: number, command: string): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(sessionFailed(command, [], `no answer within ${limitMs / 1000} s`)),
        limitMs,
      );
    });
    try {
      // Only where a chunk meets the one before is looked at twice: in one string, two megabytes in chunks were copied
      // 32 times and left 30 MB behind.
      const parts: string[] = [];
      for (let part = this.#ahead, seam = ''; ; part = await this.#hear(late, command, parts)) {
        parts.push(part);
        const window = seam + part;
        const at = window.indexOf(marker);
        if (at >= 0) {
          this.#ahead = window.slice(at + marker.length);
          const answer = parts.join('');
          return answer.slice(0, answer.length - (window.length - at));
        }
        seam = window.slice(1 - marker.length);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #hear(late: Promise<never>, command: string, before: readonly string[]): Promise<string> {
    const next = await Promise.race([this.#output.next(), late]);
    if (next.done) throw sessionFailed(command, [], `guestfish ended: ${before.join('').slice(-500)}`);
    return next.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fish[Symbol.asyncDispose]();
  }
}

/** In guestfish's double quotes only backslash escapes count. Source: guestfish(1), "Quoting". */
function quote(argument: string): string {
  // guestfish reads lines into a fixed buffer of 8 KiB.
  if (argument.includes('\0') || argument.length > 2000) {
    const shown = JSON.stringify(argument.slice(0, 100));
    throw new AscendError('guest.unsupported', `A path in the guest cannot be used: ${shown}.`);
  }
  const hex = (character: string) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  const escaped = argument.replace(/[\\"]/g, '\\$&').replace(/\p{Cc}/gu, hex);
  return `"${escaped}"`;
}

function sessionFailed(command: string, args: readonly string[], why: string): AscendError {
  return new AscendError('guest.session-failed', `libguestfs: ${[command, ...args].join(' ')}: ${why}`, {
    context: { command },
    hint: "Run libguestfs-test-tool (apt-get install libguestfs-tools) on this host; if it succeeds, the guest's file system is damaged.",
  });
}
