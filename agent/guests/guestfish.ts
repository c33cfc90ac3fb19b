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
  readonly #giveUp: () => void;
  // A marker that no guest can guess, so that no file name can pass for the end of an answer.
  readonly #nonce = randomBytes(16).toString('hex');
  /** What has been heard behind the last marker. */
  #ahead = '';
  #calls = 0;

  /** @param giveUp ends guestfish and its appliance, whatever they are doing */
  constructor(fish: Conversation, giveUp: () => void) {
    this.#fish = fish;
    this.#giveUp = giveUp;
    this.#output = fish.output[Symbol.asyncIterator]();
  }

  /**
   * `input`: lines that the command itself reads. `failed`: what becomes of an error, of which it is given all that was said.
   * @throws guest.session-failed where it is late, and nothing is answered after that; else what `failed` makes
   */
  async ask(
    limitMs: number,
    input: string,
    command: string,
    args: readonly string[],
    failed = (said: string) => sessionFailed(command, args, said.split('\n', 1)[0] ?? 'unknown'),
  ): Promise<Buffer> {
    this.#calls += 1;
    const marker = `${this.#nonce}-${this.#calls}`;
    // The leading "-" keeps guestfish alive after an error.
    this.#fish.write(`-${[command, ...args.map(quote)].join(' ')}\n${input}-echo ${marker}\n`);
    const answer = await this.#until(`${marker}\n`, limitMs, command);
    const failure = /^\*stdin\*:\d+: (?:libguestfs: error: )?/m.exec(answer);
    if (failure) throw failed(answer.slice(failure.index + failure[0].length));
    return Buffer.from(answer, 'latin1');
  }

  async #until(marker: string, limitMs: number, command: string): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        // It may be the guest that keeps the appliance busy.
        this.#giveUp();
        reject(sessionFailed(command, [], `no answer within ${limitMs / 1000} s`));
      }, limitMs);
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

// guestfish takes a command as one text and splits it at blanks and quotes: a word has neither.
const COMMAND_WORD = /^[\w@%+=:,.~/-]+$/;

/** A program with its arguments, as guestfish's `command` takes them. @throws guest.unsupported */
export function commandOf(program: string, args: readonly string[]): string {
  const words = [program, ...args];
  const odd = words.find((word) => !COMMAND_WORD.test(word));
  if (odd === undefined) return words.join(' ');
  const shown = JSON.stringify(odd.slice(0, 100));
  throw new AscendError('guest.unsupported', `No program of the guest is run with ${shown}.`);
}

// Of what a program said before it failed.
const SHOWN_OUTPUT = 1500;

/** @param said a character a byte, as guestfish is heard */
export function programFailed(command: string, said: string): AscendError {
  const program = command.split(' ').find((word) => word !== '/usr/bin/env' && !word.includes('=')) ?? '';
  const why = Buffer.from(said, 'latin1')
    .toString('utf8')
    .replace(/^command: /, '')
    .trim();
  return new AscendError(
    'guest.fix-failed',
    `${program}, run from the guest's own disk, failed: ${why.slice(-SHOWN_OUTPUT) || 'it said nothing'}`,
    {
      context: { program, command },
      hint: 'Run it in the original machine, mend what it complains about, and back it up again.',
    },
  );
}

function sessionFailed(command: string, args: readonly string[], why: string): AscendError {
  return new AscendError('guest.session-failed', `libguestfs: ${[command, ...args].join(' ')}: ${why}`, {
    context: { command },
    hint: "Run libguestfs-test-tool (apt-get install libguestfs-tools) on this host; if it succeeds, the guest's file system is damaged.",
  });
}
