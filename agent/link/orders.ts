/** Judges the orders that arrive, and hands on those that count. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { AscendError, asAscendError } from '../../proto/errors.ts';
import {
  Order,
  type CheckOrder,
  type CheckResult,
  type OrderReceipt,
  type SignedOrder,
} from '../../proto/gen/ascend/v1/link.ts';
import type { OrderHandler, OrderPolicy } from './contract.ts';
import type { Identity } from './identity.ts';
import type { Receipts } from './receipts.ts';

export interface OrderParts {
  readonly receipts: Receipts;
  readonly policy: OrderPolicy;
  readonly handler: OrderHandler;
}

/** A check is answered with its result, and all else with a receipt. */
export type Answer =
  | { readonly receipt: OrderReceipt; readonly refused?: AscendError }
  | { readonly check: Promise<CheckResult> };

// Hosts at a site may run without NTP; an order is not made dangerous by a few minutes, since it runs only once.
const clockToleranceMs = 5 * 60_000;

export class OrderDesk {
  readonly #agentId: string;
  readonly #orderKey: KeyObject;
  readonly #parts: OrderParts;

  constructor({ agentId, orderKey }: Pick<Identity, 'agentId' | 'orderKey'>, parts: OrderParts) {
    this.#agentId = agentId;
    this.#orderKey = createPublicKey(orderKey);
    this.#parts = parts;
  }

  receive(signed: SignedOrder): Answer {
    const order = decode(signed);
    try {
      this.#authenticate(order, signed);
    } catch (thrown) {
      // Not remembered: whoever made this up must not use up the id of a true order.
      return refusal(order?.orderId ?? '', asAscendError(thrown));
    }
    const known = this.#parts.receipts.find(order.orderId);
    return known ? { receipt: known } : this.#follow(order);
  }

  /** @throws order.bad-signature, order.wrong-agent */
  #authenticate(order: Order | undefined, { payload, signature }: SignedOrder): asserts order is Order {
    const key = { key: this.#orderKey, dsaEncoding: 'ieee-p1363' } as const;
    if (!order || !verify('sha256', payload, key, signature)) {
      throw new AscendError(
        'order.bad-signature',
        'The order is not signed by the controller of this agent.',
        {
          context: { order: order?.orderId },
          hint: 'It was changed on its way, or the controller has a new key; then run "ascend-agent enrol --force".',
        },
      );
    }
    if (order.agentId !== this.#agentId) {
      throw new AscendError('order.wrong-agent', `The order is for agent ${order.agentId}.`, {
        context: { order: order.orderId, agent: this.#agentId },
      });
    }
  }

  #follow(order: Order): Answer {
    try {
      requireInTime(order);
      const { action } = order;
      switch (action?.$case) {
        case 'check':
          this.#parts.policy.permit(action.value);
          return { check: this.#check(order.orderId, action.value) };
        case 'restore':
          this.#parts.policy.permit(action.value);
          return this.#accept(order.orderId, () => this.#parts.handler.restore(action.value));
        case 'cancel':
          return this.#accept(order.orderId, () => this.#parts.handler.cancel(action.value.runId));
        case undefined:
          throw new AscendError(
            'order.not-allowed',
            'This release of the agent does not know such an order.',
            {
              hint: 'Upgrade the agent.',
            },
          );
      }
    } catch (thrown) {
      if (!(thrown instanceof AscendError)) throw thrown;
      const answer = refusal(order.orderId, thrown);
      this.#parts.receipts.record(answer.receipt, () => undefined);
      return answer;
    }
  }

  #accept(orderId: string, work: () => void): Answer {
    const receipt = { orderId, accepted: true, refusalCode: '', refusal: '' };
    this.#parts.receipts.record(receipt, work);
    return { receipt };
  }

  async #check(orderId: string, order: CheckOrder): Promise<CheckResult> {
    try {
      return { ...(await this.#parts.handler.check(order)), orderId };
    } catch (thrown) {
      const { code, message, hint = '' } = asAscendError(thrown);
      return { orderId, findings: [], networks: [], error: { code, message, hint, step: 'check' } };
    }
  }
}

/** @throws order.expired */
function requireInTime({ orderId, expiresAt }: Order): void {
  if (expiresAt && expiresAt.getTime() + clockToleranceMs >= Date.now()) return;
  throw new AscendError('order.expired', 'The order came too late to be followed.', {
    context: { order: orderId, expiresAt: expiresAt?.toISOString(), now: new Date().toISOString() },
    hint: 'Order it again. If that does not help, compare the clocks of the controller and of this host.',
  });
}

function refusal(orderId: string, refused: AscendError): Extract<Answer, { receipt: OrderReceipt }> {
  const receipt = { orderId, accepted: false, refusalCode: refused.code, refusal: refused.message };
  return { receipt, refused };
}

function decode({ payload }: SignedOrder): Order | undefined {
  try {
    return Order.decode(payload);
  } catch {
    return undefined;
  }
}
