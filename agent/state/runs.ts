/** The runs of this agent: which there are, where each stands, and which process works on it. */
import { RestoreOrder } from '../../proto/gen/ascend/v1/run.ts';
import type { AgentDatabase } from './database.ts';
import { isAlive, ownIdentity } from './owner.ts';

/** `undoing`: it failed or was cancelled, and what it made is being removed. */
export type RunStatus = 'running' | 'undoing' | 'succeeded' | 'failed' | 'blocked' | 'cancelled';

export interface StoredRun {
  id: string;
  /** Who ordered it: its events go to the controller, or to nobody. */
  origin: 'controller' | 'local';
  order: RestoreOrder;
  status: RunStatus;
  startedAt: Date;
  cancelRequested: boolean;
}

interface Row {
  id: string;
  origin: 'controller' | 'local';
  order_message: Buffer;
  status: RunStatus;
  owner: string;
  started_at: string;
  cancel_requested: number;
}

export class RunStore {
  readonly #database: AgentDatabase;

  constructor(database: AgentDatabase) {
    this.#database = database;
    database.exec(`
      create table if not exists runs (
        id text primary key, origin text not null, order_message blob not null, status text not null,
        owner text not null, started_at text not null, cancel_requested integer not null default 0
      ) strict`);
  }

  /** False where a run of that id is known already: an order that comes twice is run once. */
  create(origin: StoredRun['origin'], order: RestoreOrder): boolean {
    const { changes } = this.#database
      .prepare(
        `insert into runs (id, origin, order_message, status, owner, started_at) values (?, ?, ?, 'running', ?, ?)
         on conflict (id) do nothing`,
      )
      .run(
        order.runId,
        origin,
        Buffer.from(RestoreOrder.encode(order).finish()),
        ownIdentity(),
        new Date().toISOString(),
      );
    return changes === 1;
  }

  find(id: string): StoredRun | undefined {
    const row = this.#database.prepare<[string], Row>('select * from runs where id = ?').get(id);
    return row && storedRun(row);
  }

  /** Whether this very process works on the run. */
  isOwn(id: string): boolean {
    const row = this.#database.prepare<[string], Row>('select * from runs where id = ?').get(id);
    return row?.owner === ownIdentity();
  }

  setStatus(id: string, status: RunStatus): void {
    this.#database.prepare('update runs set status = ? where id = ?').run(status, id);
  }

  requestCancel(id: string): void {
    this.#database.prepare('update runs set cancel_requested = 1 where id = ?').run(id);
  }

  /** Runs that no living process works on, oldest first: their process was killed. */
  orphans(): StoredRun[] {
    return this.#unfinished()
      .filter((row) => !isAlive(row.owner))
      .map(storedRun);
  }

  unfinished(): StoredRun[] {
    return this.#unfinished().map(storedRun);
  }

  /** Takes an orphan over; false where another process was faster. */
  adopt(id: string): boolean {
    const adopt = this.#database.transaction(() => {
      const row = this.#database.prepare<[string], Row>('select * from runs where id = ?').get(id);
      if (!row || isAlive(row.owner)) return false;
      this.#database.prepare('update runs set owner = ? where id = ?').run(ownIdentity(), id);
      return true;
    });
    return adopt.immediate();
  }

  #unfinished(): Row[] {
    return this.#database
      .prepare<[], Row>("select * from runs where status in ('running', 'undoing') order by started_at, id")
      .all();
  }
}

function storedRun(row: Row): StoredRun {
  return {
    id: row.id,
    origin: row.origin,
    order: RestoreOrder.decode(row.order_message),
    status: row.status,
    startedAt: new Date(row.started_at),
    cancelRequested: row.cancel_requested === 1,
  };
}
