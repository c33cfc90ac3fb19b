/** Events on their way to the controller: kept until it has them, numbered once and for all. */
import type { Database, Statement } from 'better-sqlite3';
import { RunEvent } from '../../proto/gen/ascend/v1/run.ts';

/** An event that has no number yet. */
export type NewEvent = Omit<RunEvent, 'sequence'>;

interface Row {
  sequence: bigint;
  event: Buffer;
}

// autoincrement: a number is never used again, not even when the newest row has been deleted.
const schema = `create table if not exists outbox (
  sequence integer primary key autoincrement,
  event blob not null
) strict`;

/**
 * Delivery is exactly once in effect: an event is sent until it is acknowledged, always under the same number, and the
 * controller takes each number once.
 */
export class Outbox {
  readonly #insert: Statement<[Buffer]>;
  readonly #select: Statement<[bigint, number], Row>;
  readonly #delete: Statement<[bigint]>;
  readonly #occupy: Statement<[bigint]>;
  readonly #newest: Statement<[], { seq: bigint }>;
  readonly #listeners = new Set<() => void>();

  /** The database is to have `synchronous = full`, or a power failure may take back what `append` has promised. */
  constructor(database: Database) {
    database.exec(schema);
    this.#insert = database.prepare<[Buffer]>('insert into outbox (event) values (?)').safeIntegers();
    this.#select = database
      .prepare<[bigint, number], Row>('select * from outbox where sequence > ? order by sequence limit ?')
      .safeIntegers();
    this.#delete = database.prepare<[bigint]>('delete from outbox where sequence <= ?');
    this.#occupy = database.prepare<[bigint]>("insert into outbox (sequence, event) values (?, x'')");
    this.#newest = database
      .prepare<[], { seq: bigint }>("select seq from sqlite_sequence where name = 'outbox'")
      .safeIntegers();
  }

  /**
   * Durable when it returns, or when the transaction that it is called in commits.
   *
   * @returns the event's sequence, which counts up from 1.
   */
  append(event: NewEvent): bigint {
    const encoded = Buffer.from(RunEvent.encode({ ...event, sequence: 0n }).finish());
    const sequence = BigInt(this.#insert.run(encoded).lastInsertRowid);
    for (const listener of this.#listeners) listener();
    return sequence;
  }

  /** The oldest events that are not acknowledged, in order. */
  unacknowledged({ after = 0n, limit }: { after?: bigint; limit: number }): RunEvent[] {
    return this.#select
      .all(after, limit)
      .map(({ sequence, event }) => Object.assign(RunEvent.decode(event), { sequence }));
  }

  /**
   * Forgets what the controller has: everything up to a sequence. The controller may be ahead of us, when this host has
   * been put back to an older state; then numbering goes on after the controller's.
   */
  acknowledge(upTo: bigint): void {
    if (upTo > this.newest()) this.#occupy.run(upTo);
    this.#delete.run(upTo);
  }

  /** The newest sequence ever given; 0 before the first. */
  newest(): bigint {
    return this.#newest.get()?.seq ?? 0n;
  }

  /** Calls back after each `append`, perhaps before its transaction commits. Dispose of it to stop. */
  onAppend(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}
