/** What the link asks of the rest of the controller, and what it gives. */
import type {
  CatalogPosition,
  CatalogUpdate,
  CheckOrder,
  CheckResult,
  Heartbeat,
  Hello,
  Order,
  OrderReceipt,
} from '../../proto/gen/ascend/v1/link.ts';
import type { RunEvent, RunProgress } from '../../proto/gen/ascend/v1/run.ts';
import type { AscendError } from '../../proto/errors.ts';

export interface AgentRecord {
  readonly id: string;
  readonly siteId: string;
  /** A revoked agent is refused; one that is connected loses its session at its next heartbeat. */
  readonly revoked: boolean;
}

export interface AgentDirectory {
  find(agentId: string): Promise<AgentRecord | undefined>;

  /**
   * Consumes a token and creates its agent in one transaction: of two callers with the same token one succeeds.
   *
   * @param request.secretHash - `hashSecret` (token.ts) of the token's secret, the only form that is ever stored.
   * @throws enrol.token-invalid, enrol.token-expired, enrol.token-used
   */
  enrol(request: { secretHash: string; hostname: string }): Promise<{ agentId: string; site: string }>;
}

export interface EventSink {
  /** The newest sequence that is durable for this agent; 0 where there is none. */
  lastSequence(agentId: string): Promise<bigint>;

  /**
   * Stores a batch in one transaction; durable when it resolves. Sequences rise strictly within a batch, but may have
   * gaps. Those up to `lastSequence` are skipped: that is what makes an event that is sent twice appear once.
   * Never throw for the content of one event, or the agent will send it for ever; throw when the store fails.
   *
   * @returns the newest durable sequence, which the agent then forgets up to.
   */
  accept(agentId: string, events: readonly RunEvent[]): Promise<bigint>;
}

/** An order that the agent has not yet answered. */
export interface PendingOrder {
  readonly orderId: string;
  readonly issuedAt: Date;
  /** The agent refuses the order later than five minutes after this. */
  readonly expiresAt: Date;
  readonly action: Extract<NonNullable<Order['action']>, { $case: 'restore' | 'cancel' }>;
}

/** Orders are durable here until the agent has answered; it is sent all of them each time it connects. */
export interface OrderBook {
  /** In the order in which they are to be carried out. */
  pending(agentId: string): Promise<readonly PendingOrder[]>;

  /** Idempotent: the agent answers a repeated order with the same receipt. Ignores an order that is not this agent's. */
  settle(agentId: string, receipt: OrderReceipt): Promise<void>;
}

/** Learns what connected agents say. A rejection ends the agent's session: it will connect and say it again. */
export interface LinkObserver {
  /** At the start of a session, and again when the agent's targets, repositories or findings have changed. */
  hello(agentId: string, hello: Hello): Promise<void>;
  heartbeat(agentId: string, heartbeat: Heartbeat): Promise<void>;
  /** How far this agent's catalogue is durable here; undefined where there is nothing of it. */
  catalogPosition(agentId: string): Promise<CatalogPosition | undefined>;
  /** Durable when it resolves. */
  catalog(agentId: string, update: CatalogUpdate): Promise<void>;
  /** Not durable; at most twice a second for each run. */
  progress(agentId: string, progress: RunProgress): Promise<void>;
  /** The agent has no session any more. `why` is missing where it said goodbye. */
  lost(agentId: string, why: AscendError | undefined): Promise<void>;
}

/** What the rest of the controller does with connected agents. */
export interface AgentSessions {
  isConnected(agentId: string): boolean;

  /** Call it when the order book has got a new order. Does nothing for an agent that is away: it gets it when it connects. */
  deliver(agentId: string): Promise<void>;

  /**
   * What a restore would meet, without running it. A result with `error` set says why the check itself failed.
   *
   * @throws agent.offline, agent.timeout, or what the agent refuses it with (order.*)
   */
  check(agentId: string, check: CheckOrder, options: { timeoutMs: number }): Promise<CheckResult>;

  /** Ends an agent's session, e.g. when it has just been revoked; the agent is told why. */
  drop(agentId: string, why: AscendError): void;
}
