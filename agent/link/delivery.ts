/** Takes events from the outbox to the controller: in order, a batch at a time, the next one after the last is acknowledged. */
import { AscendError } from '../../proto/errors.ts';
import type { RunEvent } from '../../proto/gen/ascend/v1/run.ts';
import type { Outbox } from '../state/outbox.ts';

// An event is some 200 bytes, 20 kB with a machine, at most 220 kB with the screen of a rehearsal: even a batch of nothing
// else stays below the 32 MiB that the controller takes.
const batchSize = 100;

export class Delivery implements Disposable {
  readonly #outbox: Outbox;
  readonly #send: (events: RunEvent[]) => void;
  /** Sequence of the last event of the batch that is on its way. */
  #onItsWay: bigint | undefined;
  /** Nothing is sent before the controller has said what it holds. */
  #open = false;
  #scheduled: NodeJS.Immediate | undefined;

  constructor(outbox: Outbox, send: (events: RunEvent[]) => void) {
    this.#outbox = outbox;
    this.#send = send;
  }

  /** @throws internal when the controller acknowledges less than it was sent: sending it again would go on for ever */
  acknowledged(sequence: bigint): void {
    if (this.#onItsWay !== undefined && sequence < this.#onItsWay) {
      throw new AscendError('internal', 'The controller did not store all events of a batch.', {
        context: { sent: this.#onItsWay, stored: sequence },
      });
    }
    this.#outbox.acknowledge(sequence);
    this.#onItsWay = undefined;
    this.#open = true;
    this.#next();
  }

  /** There may be new events. They are read after the transaction that appends them has ended. */
  soon(): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      this.#next();
    });
  }

  [Symbol.dispose](): void {
    this.#open = false;
    if (this.#scheduled) clearImmediate(this.#scheduled);
  }

  #next(): void {
    if (!this.#open || this.#onItsWay !== undefined) return;
    const events = this.#outbox.unacknowledged({ limit: batchSize });
    const last = events.at(-1);
    if (last === undefined) return;
    this.#onItsWay = last.sequence;
    this.#send(events);
  }
}
