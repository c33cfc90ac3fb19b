/** The answers that this agent has given to orders, so that an order that comes again gets the same one, and runs once. */
import type { Database, Statement } from 'better-sqlite3';
import { OrderReceipt } from '../../proto/gen/ascend/v1/link.ts';

const schema = `create table if not exists order_receipt (
  order_id text primary key,
  receipt blob not null,
  answered_at integer not null
) strict, without rowid`;

// The controller asks again until it has the answer, which takes as long as its longest absence.
const keptMs = 90 * 24 * 3_600_000;

export class Receipts {
  readonly #database: Database;
  readonly #select: Statement<[string], { receipt: Buffer }>;
  readonly #insert: Statement<[string, Buffer, number]>;

  constructor(database: Database) {
    database.exec(schema);
    this.#database = database;
    this.#select = database.prepare('select receipt from order_receipt where order_id = ?');
    this.#insert = database.prepare(
      'insert into order_receipt (order_id, receipt, answered_at) values (?, ?, ?)',
    );
    database.prepare('delete from order_receipt where answered_at < ?').run(Date.now() - keptMs);
  }

  find(orderId: string): OrderReceipt | undefined {
    const row = this.#select.get(orderId);
    return row && OrderReceipt.decode(row.receipt);
  }

  /** Does `work` and remembers the receipt, both or neither. Durable when it returns. */
  record(receipt: OrderReceipt, work: () => void): void {
    this.#database
      .transaction(() => {
        work();
        this.#insert.run(receipt.orderId, Buffer.from(OrderReceipt.encode(receipt).finish()), Date.now());
      })
      .immediate();
  }
}
