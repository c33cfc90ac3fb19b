/** What the link asks of the rest of the agent. */
import type { CheckOrder, CheckResult, Hello } from '../../proto/gen/ascend/v1/link.ts';
import type { RestoreOrder } from '../../proto/gen/ascend/v1/run.ts';
import type { AscendError } from '../../proto/errors.ts';

/** Carries out what the controller orders. All that arrives here is signed, for this agent, in time, permitted and new. */
export interface OrderHandler {
  /**
   * Takes a run over: writes it down in the same database, and starts it later (the caller's transaction, which also
   * remembers the order, commits only after this returns). So an order is either forgotten or followed, never half.
   *
   * @throws an AscendError to refuse the order for good
   */
  restore(order: RestoreOrder): void;

  /** Asks a run to stop; in the same transaction as above. A run that has ended, or is not known, is no error. */
  cancel(runId: string): void;

  /** Findings for a restore that is not run. A rejection is told to the controller as the result's `error`. */
  check(order: CheckOrder): Promise<Omit<CheckResult, 'orderId'>>;
}

/** The agent's own say: what its administrator lets the controller do here. */
export interface OrderPolicy {
  /** @throws order.not-allowed */
  permit(order: RestoreOrder | CheckOrder): void;
}

/** What the agent says about itself when it connects. */
export type Description = Omit<Hello, 'agentId'>;

/** Learns how the link fares, for the log. */
export interface LinkObserver {
  connected(address: string): void;
  disconnected(why: AscendError, retryInMs: number): void;
  renewed(expiresAt: Date): void;
  /** It is tried again at the next heartbeat. */
  renewalFailed(why: AscendError): void;
  refusedOrder(why: AscendError): void;
}
