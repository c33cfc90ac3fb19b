/** A wire to an HTTP service that does damage on its way. */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is done with an answer. */
export type Damage = 'none' | 'cut-body' | 'whole-object';

export class BrokenWire implements AsyncDisposable {
  /** For the next answers, in turn; then none. */
  readonly damages: Damage[] = [];
  requests = 0;
  readonly #to: string;
  readonly #server = createServer((from, back) => this.#forward(from, back));

  private constructor(to: string) {
    this.#to = to;
  }

  static async start(to: string): Promise<BrokenWire> {
    const wire = new BrokenWire(to);
    await new Promise<void>((resolve) => wire.#server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #forward(from: IncomingMessage, back: ServerResponse): void {
    this.requests += 1;
    const damage = this.damages.shift() ?? 'none';
    const { range, ...others } = from.headers;
    const headers = damage === 'whole-object' || range === undefined ? others : from.headers;
    const onward = request(new URL(from.url ?? '/', this.#to), { method: from.method, headers }, (answer) => {
      back.writeHead(answer.statusCode ?? 500, answer.headers);
      if (damage === 'cut-body') answer.once('data', (chunk: Buffer) => cut(back, chunk));
      else answer.pipe(back);
    });
    onward.on('error', () => back.destroy());
    from.pipe(onward);
  }
}

function cut(back: ServerResponse, chunk: Buffer): void {
  back.write(chunk.subarray(0, 1), () => back.destroy());
}
