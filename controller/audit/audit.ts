import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { contains } from '../store/contains.ts';
import type { Store } from '../store/open.ts';
import type { Tables } from '../store/tables.ts';
import { instant } from '../store/values.ts';
import type { AuditEntry, AuditPage } from './entry.ts';

export type NewEntry = Omit<AuditEntry, 'sequence' | 'at' | 'hash'>;

const beforeTheFirst = '0'.repeat(64);
const verifyBatch = 1000;
const searched = ['actor', 'action', 'subject', 'outcome', 'detail'];

/**
 * The append-only log of who did what. The database refuses to change or delete an entry, and each entry's hash covers
 * the one before it: whoever edits the file by hand breaks the chain from there on.
 */
export class Audit {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor({ store, clock }: { store: Store; clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Durable when it resolves. */
  async record(entry: NewEntry): Promise<void> {
    await this.#store.transaction().execute(async (transaction) => {
      const last = await transaction
        .selectFrom('audit')
        .select(['sequence', 'hash'])
        .orderBy('sequence', 'desc')
        .limit(1)
        .executeTakeFirst();
      const row = {
        sequence: (last?.sequence ?? 0) + 1,
        at: instant(this.#clock.now()),
        actor: entry.actor,
        actor_by: entry.by,
        remote: entry.remote,
        action: entry.action,
        subject: entry.subject,
        outcome: entry.outcome,
        detail: entry.detail,
        previous_hash: last?.hash ?? beforeTheFirst,
      };
      await transaction
        .insertInto('audit')
        .values({ ...row, hash: hashOf(row) })
        .execute();
    });
  }

  async page(query: { search?: string | undefined; page: number; pageSize: number }): Promise<AuditPage> {
    let rows = this.#store.selectFrom('audit');
    const search = query.search?.trim();
    if (search) {
      rows = rows.where((where) => where.or(searched.map((column) => contains(column, search))));
    }
    const { total } = await rows
      .select((expression) => expression.fn.countAll<number | string>().as('total'))
      .executeTakeFirstOrThrow();
    const entries = await rows
      .selectAll()
      .orderBy('sequence', 'desc')
      .limit(query.pageSize)
      .offset((query.page - 1) * query.pageSize)
      .execute();
    return {
      entries: entries.map(entryOf),
      page: query.page,
      pageSize: query.pageSize,
      total: Number(total),
    };
  }

  /** @returns `brokenAt`: the first sequence that is missing or does not match its hash. */
  async verify(): Promise<{ intact: boolean; entries: number; brokenAt: number | null }> {
    let previous = beforeTheFirst;
    let sequence = 0;
    for (;;) {
      const rows = await this.#store
        .selectFrom('audit')
        .selectAll()
        .where('sequence', '>', sequence)
        .orderBy('sequence')
        .limit(verifyBatch)
        .execute();
      for (const { hash, ...row } of rows) {
        const fits = row.sequence === sequence + 1 && row.previous_hash === previous && hashOf(row) === hash;
        if (!fits) return { intact: false, entries: sequence, brokenAt: sequence + 1 };
        sequence = row.sequence;
        previous = hash;
      }
      if (rows.length < verifyBatch) return { intact: true, entries: sequence, brokenAt: null };
    }
  }
}

type Row = Tables['audit'];

/** SHA-256 over the entry's fields, each as JSON in this fixed order, and the hash before it. */
function hashOf(row: Omit<Row, 'hash'>): string {
  const { sequence, at, actor, actor_by, remote, action, subject, outcome, detail, previous_hash } = row;
  const fields = [sequence, at, actor, actor_by, remote, action, subject, outcome, detail, previous_hash];
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

function entryOf(row: Row): AuditEntry {
  return {
    sequence: row.sequence,
    at: row.at,
    actor: row.actor,
    by: row.actor_by as AuditEntry['by'],
    remote: row.remote,
    action: row.action,
    subject: row.subject,
    outcome: row.outcome,
    detail: row.detail,
    hash: row.hash,
  };
}
