/** What a guest prints on its serial console: all of it as bytes up to a bound, and as text without control sequences. */
import type { Socket } from 'node:net';

// A start prints some 60 KB. A guest that prints without end keeps its beginning here, and its newest end.
const HEAD_BYTES = 2 * 1024 * 1024;
const TAIL_BYTES = 256 * 1024;

export class ConsoleLog {
  #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer = Buffer.alloc(0);
  #text: string | undefined;

  listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => this.#add(chunk));
  }

  #add(chunk: Buffer): void {
    this.#text = undefined;
    const room = Math.max(0, HEAD_BYTES - this.#headBytes);
    if (room > 0) {
      this.#head.push(chunk.subarray(0, room));
      this.#headBytes += Math.min(room, chunk.length);
    }
    if (chunk.length > room) {
      const tail = Buffer.concat([this.#tail, chunk.subarray(room)]);
      this.#tail = tail.subarray(Math.max(0, tail.length - TAIL_BYTES));
    }
  }

  get bytes(): Buffer {
    return Buffer.concat([...this.#head, this.#tail]);
  }

  get text(): string {
    return (this.#text ??= plainText(this.bytes.toString('utf8')));
  }
}

// ECMA-48: CSI and OSC sequences, two-character escapes; each bounded, since a guest writes what it likes.
const CONTROL = new RegExp(
  [
    '\\u001b(?:',
    String.raw`\[[0-9;?]{0,32}[ -/]{0,4}[@-~]`,
    String.raw`|\][^\u0007\u001b]{0,256}(?:\u0007|\u001b\\)`,
    String.raw`|[ -/]{0,2}[0-Z\\-~]`,
    ')',
  ].join(''),
  'g',
);

export function plainText(text: string): string {
  return text.replace(CONTROL, '').replace(/\r+\n?/g, '\n');
}
