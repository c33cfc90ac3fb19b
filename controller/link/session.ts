/** One agent's session, from its welcome to its end. */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { randomUUID } from 'node:crypto';
import { AscendError } from '../../proto/errors.ts';
import { statusOf } from '../../proto/grpc-status.ts';
import {
  Order,
  type AgentMessage,
  type CatalogSnapshot,
  type CatalogUpdate,
  type CheckOrder,
  type CheckResult,
  type ControllerMessage,
  type EventBatch,
  type Hello,
  type OrderReceipt,
} from '../../proto/gen/ascend/v1/link.ts';
import type { Authority } from './authority.ts';
import { Checks } from './checks.ts';
import type { AgentDirectory, EventSink, LinkObserver, OrderBook, PendingOrder } from './contract.ts';
import { eachMessage } from './messages.ts';
import { refused, requireWelcome, type Peer } from './peer.ts';

export type SessionCall = ServerDuplexStream<AgentMessage, ControllerMessage>;

export interface SessionParts {
  readonly authority: Pick<Authority, 'signOrder'>;
  readonly directory: AgentDirectory;
  readonly events: EventSink;
  readonly orders: OrderBook;
  readonly observer: LinkObserver;
  readonly heartbeatMs: number;
  /** Every call that was refused or failed, for the log. */
  readonly report: (error: AscendError) => void;
}

type Body = NonNullable<AgentMessage['body']>;
type Action = NonNullable<Order['action']>;

// One lost heartbeat is noise and two may be a slow host; after three the console should say so.
const missedHeartbeats = 3;

export class Session {
  readonly agentId: string;
  readonly #call: SessionCall;
  readonly #parts: SessionParts;
  readonly #checks = new Checks();
  readonly #sentOrders = new Set<string>();
  readonly #watch: NodeJS.Timeout;
  #heardAt = Date.now();
  #mayLastUntil: Date;
  #why: AscendError | undefined;
  readonly #onWelcome: () => void;
  #welcome = false;
  #ended = false;

  constructor(call: SessionCall, peer: Peer, parts: SessionParts, onWelcome: () => void) {
    this.agentId = peer.agentId;
    this.#call = call;
    this.#parts = parts;
    this.#onWelcome = onWelcome;
    this.#mayLastUntil = peer.certificateExpiresAt;
    this.#watch = setInterval(() => this.#endIfOverdue(), parts.heartbeatMs);
  }

  /** Why it ended; undefined where the agent said goodbye. */
  get why(): AscendError | undefined {
    return this.#why;
  }

  /**
   * Handles one message after the other, until the agent ends the stream.
   *
   * @throws link.refused, or what the handling of a message fails with
   */
  async run(): Promise<void> {
    await eachMessage(this.#call, async ({ body }: AgentMessage) => {
      // Messages may still be on their way when the session has been ended.
      if (this.#ended) return;
      this.#heardAt = Date.now();
      if (!this.#welcome) await this.#begin(body);
      // A newer agent may say what this controller does not know yet.
      else if (body) await this.#handle(body);
    });
  }

  /** Sends the orders that the agent has not answered and that this session has not sent. */
  async deliver(): Promise<void> {
    for (const order of await this.#parts.orders.pending(this.agentId)) {
      if (this.#sentOrders.has(order.orderId)) continue;
      this.#sentOrders.add(order.orderId);
      this.#order(order);
    }
  }

  /** @throws agent.timeout, agent.offline, or what the agent refuses it with */
  check(check: CheckOrder, timeoutMs: number): Promise<CheckResult> {
    const issuedAt = new Date();
    return this.#checks.ask(this.agentId, timeoutMs, (orderId) => {
      const expiresAt = new Date(issuedAt.getTime() + timeoutMs);
      this.#order({ orderId, issuedAt, expiresAt, action: { $case: 'check', value: check } });
    });
  }

  /** The agent has got a newer certificate: the session may last as long as that. */
  extend(until: Date): void {
    if (until > this.#mayLastUntil) this.#mayLastUntil = until;
  }

  /** Ends the call; with a reason, the agent gets it as the call's status. */
  end(why?: AscendError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#why = why;
    clearInterval(this.#watch);
    this.#checks.abandon(this.agentId);
    if (why === undefined) this.#call.end();
    else this.#call.emit('error', statusOf(why));
  }

  async #begin(first: Body | undefined): Promise<void> {
    if (first?.$case !== 'hello') throw refused(this.agentId, 'its first message is not a Hello');
    await this.#hello(first.value);
    const { events, observer, heartbeatMs } = this.#parts;
    const lastEventSequence = await events.lastSequence(this.agentId);
    const catalog = await observer.catalogPosition(this.agentId);
    this.#welcome = true;
    this.#send({ $case: 'welcome', value: { heartbeatMs, lastEventSequence, catalog } });
    this.#onWelcome();
    await this.deliver();
  }

  async #handle(body: Body): Promise<void> {
    const { observer } = this.#parts;
    switch (body.$case) {
      case 'hello':
        return this.#hello(body.value);
      case 'heartbeat':
        await requireWelcome(this.agentId, this.#parts.directory);
        return observer.heartbeat(this.agentId, body.value);
      case 'events':
        return this.#accept(body.value);
      case 'progress':
        return observer.progress(this.agentId, body.value);
      case 'catalog':
        return observer.catalog(this.agentId, asUpdate(body.value));
      case 'catalogUpdate':
        return this.#catalog(body.value);
      case 'receipt':
        return this.#settle(body.value);
      case 'checkResult': {
        this.#checks.answer(body.value);
        return;
      }
    }
  }

  async #hello(hello: Hello): Promise<void> {
    if (hello.agentId !== this.agentId) {
      throw refused(this.agentId, `it calls itself ${JSON.stringify(hello.agentId.slice(0, 100))}`);
    }
    await this.#parts.observer.hello(this.agentId, hello);
  }

  async #accept({ events }: EventBatch): Promise<void> {
    let previous = 0n;
    for (const { sequence } of events) {
      if (sequence <= previous) throw outOfSequence(this.agentId, sequence);
      previous = sequence;
    }
    const sequence = await this.#parts.events.accept(this.agentId, events);
    this.#send({ $case: 'eventAck', value: { sequence } });
  }

  async #catalog(update: CatalogUpdate): Promise<void> {
    await this.#parts.observer.catalog(this.agentId, update);
    if (update.position) this.#send({ $case: 'catalogAck', value: update.position });
  }

  async #settle(receipt: OrderReceipt): Promise<void> {
    if (this.#checks.refuse(receipt)) return;
    await this.#parts.orders.settle(this.agentId, receipt);
  }

  #order(order: Omit<PendingOrder, 'action'> & { readonly action: Action }): void {
    const payload = Order.encode({ ...order, agentId: this.agentId }).finish();
    this.#send({ $case: 'order', value: this.#parts.authority.signOrder(payload) });
  }

  #send(body: NonNullable<ControllerMessage['body']>): void {
    if (!this.#ended) this.#call.write({ body });
  }

  #endIfOverdue(): void {
    const silentMs = Date.now() - this.#heardAt;
    if (silentMs > missedHeartbeats * this.#parts.heartbeatMs) {
      const message = `Agent ${this.agentId} has not been heard for ${Math.round(silentMs / 1000)} s.`;
      this.end(new AscendError('agent.timeout', message, { context: { agent: this.agentId } }));
    } else if (this.#mayLastUntil.getTime() <= Date.now()) {
      this.end(refused(this.agentId, 'its certificate has expired'));
    }
  }
}

/** Agents of release 0.1 send all that they see, time and again. */
function asUpdate({ backups }: CatalogSnapshot): CatalogUpdate {
  const position = { lineage: randomUUID(), revision: 0n, whole: true };
  return { position, upserts: backups, removed: [] };
}

function outOfSequence(agent: string, sequence: bigint): AscendError {
  const message = `Agent ${agent} sends events whose sequences do not rise from 1.`;
  return new AscendError('usage.invalid', message, { context: { agent, sequence } });
}
