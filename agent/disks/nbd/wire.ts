/** A socket as the protocol needs it: a stated number of bytes in, whole messages out. */
import { once } from 'node:events';
import type { Socket } from 'node:net';

/** The other side has gone, or breaks the protocol so that nothing it says can be understood any more. */
export class WireClosed extends Error {
  override readonly name = 'WireClosed';
}

// A client that sends this much and waits for no answer is kept waiting.
const SKIP_BYTES = 64 * 1024;

export class Wire {
  readonly #socket: Socket;
  readonly #gone = new AbortController();
  #drain: Promise<void> | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    // Its end is seen by whoever reads or writes.
    socket.on('error', () => undefined);
    socket.once('close', () => this.#gone.abort());
  }

  /** @throws WireClosed */
  async take(bytes: number): Promise<Buffer> {
    if (bytes === 0) return Buffer.alloc(0);
    for (;;) {
      const chunk = this.#socket.read(bytes) as Buffer | null;
      if (chunk?.length === bytes) return chunk;
      if (chunk || this.#socket.readableEnded || this.#socket.destroyed) throw new WireClosed('closed');
      await this.#until('readable');
    }
  }

  /** @throws WireClosed */
  async skip(bytes: number): Promise<void> {
    for (let left = bytes; left > 0;) left -= (await this.take(Math.min(left, SKIP_BYTES))).length;
  }

  /** One message in parts, nothing of another between them; returns when there is room for more. @throws WireClosed */
  async send(...parts: Buffer[]): Promise<void> {
    if (this.#socket.destroyed) throw new WireClosed('closed');
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
    while (this.#socket.writableNeedDrain) {
      // One wait for all messages that are on their way.
      this.#drain ??= this.#until('drain').finally(() => (this.#drain = undefined));
      await this.#drain;
    }
  }

  end(): void {
    this.#socket.end();
  }

  async #until(event: 'readable' | 'drain'): Promise<void> {
    try {
      await once(this.#socket, event, { signal: this.#gone.signal });
    } catch (cause) {
      throw new WireClosed('closed', { cause });
    }
  }
}
