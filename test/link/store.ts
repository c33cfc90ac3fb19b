/** The controller's side of the link in memory, with its rules; the events may be in a file, to survive a kill. */
import Database from 'better-sqlite3';
import { randomUUID } from 'node:crypto';
import type {
  AgentDirectory,
  AgentRecord,
  EventSink,
  LinkObserver,
  OrderBook,
  PendingOrder,
} from '../../controller/link/contract.ts';
import { AscendError } from '../../proto/errors.ts';
import type { CatalogPosition, CatalogUpdate, Hello, OrderReceipt } from '../../proto/gen/ascend/v1/link.ts';
import { RunEvent, type RunProgress } from '../../proto/gen/ascend/v1/run.ts';

interface Token {
  expiresAt: number;
  used: boolean;
}

export class Directory implements AgentDirectory {
  readonly agents = new Map<string, AgentRecord>();
  readonly tokens = new Map<string, Token>();

  find(agentId: string): Promise<AgentRecord | undefined> {
    return Promise.resolve(this.agents.get(agentId));
  }

  enrol({ secretHash }: { secretHash: string }): Promise<{ agentId: string; site: string }> {
    const token = this.tokens.get(secretHash);
    if (!token) return reject('enrol.token-invalid', 'No such token.');
    if (token.used) return reject('enrol.token-used', 'The token has been used.');
    if (token.expiresAt < Date.now()) return reject('enrol.token-expired', 'The token has expired.');
    token.used = true;
    const agentId = randomUUID();
    this.agents.set(agentId, { id: agentId, siteId: 'site', revoked: false });
    return Promise.resolve({ agentId, site: 'Utrecht' });
  }

  revoke(agentId: string): void {
    this.agents.set(agentId, { id: agentId, siteId: 'site', revoked: true });
  }
}

function reject(code: AscendError['code'], message: string): Promise<never> {
  return Promise.reject(new AscendError(code, message));
}

export class Events implements EventSink {
  readonly #database: Database.Database;

  constructor(path = ':memory:') {
    this.#database = new Database(path);
    this.#database.pragma('journal_mode = wal');
    this.#database.exec(
      'create table if not exists event (id integer primary key, agent text, sequence integer, event blob)',
    );
  }

  lastSequence(agentId: string): Promise<bigint> {
    const row = this.#database
      .prepare<[string], { last: bigint | null }>('select max(sequence) as last from event where agent = ?')
      .safeIntegers()
      .get(agentId);
    return Promise.resolve(row?.last ?? 0n);
  }

  async accept(agentId: string, events: readonly RunEvent[]): Promise<bigint> {
    const last = await this.lastSequence(agentId);
    const insert = this.#database.prepare('insert into event (agent, sequence, event) values (?, ?, ?)');
    this.#database.transaction(() => {
      for (const event of events) {
        if (event.sequence > last)
          insert.run(agentId, event.sequence, Buffer.from(RunEvent.encode(event).finish()));
      }
    })();
    return this.lastSequence(agentId);
  }

  /** All that was stored, in the order in which it was. */
  all(): RunEvent[] {
    return this.#database
      .prepare<[], { event: Buffer }>('select event from event order by id')
      .all()
      .map(({ event }) => RunEvent.decode(event));
  }
}

export class Orders implements OrderBook {
  readonly open = new Map<string, PendingOrder>();
  readonly receipts: OrderReceipt[] = [];

  pending(): Promise<PendingOrder[]> {
    return Promise.resolve([...this.open.values()]);
  }

  settle(_agentId: string, receipt: OrderReceipt): Promise<void> {
    this.open.delete(receipt.orderId);
    this.receipts.push(receipt);
    return Promise.resolve();
  }
}

export class Watcher implements LinkObserver {
  readonly hellos: Hello[] = [];
  readonly catalogs: CatalogUpdate[] = [];
  position: CatalogPosition | undefined;
  readonly progressed: RunProgress[] = [];
  readonly losses: (AscendError | undefined)[] = [];
  heartbeats = 0;

  hello(_agentId: string, hello: Hello): Promise<void> {
    this.hellos.push(hello);
    return Promise.resolve();
  }

  heartbeat(): Promise<void> {
    this.heartbeats += 1;
    return Promise.resolve();
  }

  catalogPosition(): Promise<CatalogPosition | undefined> {
    return Promise.resolve(this.position);
  }

  catalog(_agentId: string, update: CatalogUpdate): Promise<void> {
    this.catalogs.push(update);
    this.position = update.position;
    return Promise.resolve();
  }

  progress(_agentId: string, progress: RunProgress): Promise<void> {
    this.progressed.push(progress);
    return Promise.resolve();
  }

  lost(_agentId: string, why: AscendError | undefined): Promise<void> {
    this.losses.push(why);
    return Promise.resolve();
  }
}
