/** A socket as the protocol needs it: a stated number of bytes in, whole messages out. */
import type { Socket } from 'node:net';

/** The other side has gone, or breaks the protocol so that nothing it says can be understood any more. */
export class WireClosed extends Error {
  override readonly name = 'WireClosed';
}

// What is taken in before anybody asks for it: requests have 28 bytes.
const MAX_AHEAD_BYTES = 256 * 1024;
const SKIP_BYTES = 64 * 1024;

export class Wire {
  readonly #socket: Socket;
  #heard: Buffer[] = [];
  #heardBytes = 0;
  /** Who waits for bytes, and who for room. */
  #taker: (() => void) | undefined;
  #senders: (() => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    // By hand: to wait for 'readable' again while some bytes, yet not enough, are there is told at once and for ever.
    socket.on('data', (chunk) => this.#hear(chunk));
    socket.on('drain', () => this.#wake());
    socket.on('close', () => this.#wake());
    // What it means is seen by whoever reads or writes.
    socket.on('error', () => undefined);
  }

  /** By one at a time. @throws WireClosed */
  async take(bytes: number): Promise<Buffer> {
    while (this.#heardBytes < bytes) {
      if (this.#socket.readableEnded || this.#socket.destroyed) throw new WireClosed('closed');
      this.#socket.resume();
      await new Promise<void>((resolve) => (this.#taker = resolve));
    }
    const [first = Buffer.alloc(0), ...others] = this.#heard;
    const heard = others.length > 0 ? Buffer.concat(this.#heard) : first;
    this.#heard = heard.length > bytes ? [heard.subarray(bytes)] : [];
    this.#heardBytes -= bytes;
    return heard.subarray(0, bytes);
  }

  /** @throws WireClosed */
  async skip(bytes: number): Promise<void> {
    for (let left = bytes; left > 0;) left -= (await this.take(Math.min(left, SKIP_BYTES))).length;
  }

  /** One message in parts, nothing of another between them; returns when there is room for more. @throws WireClosed */
  async send(...parts: Buffer[]): Promise<void> {
    this.#requireOpen();
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
    while (this.#socket.writableNeedDrain) {
      await new Promise<void>((resolve) => this.#senders.push(resolve));
      this.#requireOpen();
    }
  }

  #requireOpen(): void {
    if (this.#socket.destroyed) throw new WireClosed('closed');
  }

  end(): void {
    this.#socket.end();
  }

  #hear(chunk: Buffer): void {
    this.#heard.push(chunk);
    this.#heardBytes += chunk.length;
    if (this.#heardBytes > MAX_AHEAD_BYTES) this.#socket.pause();
    this.#taker?.();
  }

  #wake(): void {
    this.#taker?.();
    this.#senders.splice(0).forEach((wake) => wake());
  }
}
