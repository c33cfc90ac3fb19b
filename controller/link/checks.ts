/** Checks that an agent has been asked for and has not answered yet. Unlike orders, they live only as long as the asker waits. */
import { randomUUID } from 'node:crypto';
import { AscendError, isErrorCode } from '../../proto/errors.ts';
import type { CheckResult, OrderReceipt } from '../../proto/gen/ascend/v1/link.ts';

interface Asker {
  readonly resolve: (result: CheckResult) => void;
  readonly reject: (error: AscendError) => void;
}

export class Checks {
  readonly #askers = new Map<string, Asker>();

  /** @throws agent.timeout, agent.offline, or what the agent refuses it with */
  async ask(agentId: string, timeoutMs: number, send: (orderId: string) => void): Promise<CheckResult> {
    const orderId = randomUUID();
    const { promise, resolve, reject } = Promise.withResolvers<CheckResult>();
    this.#askers.set(orderId, { resolve, reject });
    const timer = setTimeout(() => reject(timedOut(agentId, timeoutMs)), timeoutMs);
    try {
      send(orderId);
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#askers.delete(orderId);
    }
  }

  answer(result: CheckResult): void {
    this.#askers.get(result.orderId)?.resolve(result);
  }

  /** @returns false where the receipt is not for a check. */
  refuse({ orderId, refusalCode, refusal }: OrderReceipt): boolean {
    const asker = this.#askers.get(orderId);
    asker?.reject(new AscendError(isErrorCode(refusalCode) ? refusalCode : 'order.not-allowed', refusal));
    return asker !== undefined;
  }

  abandon(agentId: string): void {
    for (const { reject } of this.#askers.values()) reject(offline(agentId));
  }
}

export function offline(agentId: string): AscendError {
  return new AscendError('agent.offline', `Agent ${agentId} is not connected.`, {
    context: { agent: agentId },
    hint: 'See that "ascend-agent serve" runs on its host, and that it reaches the controller.',
  });
}

function timedOut(agentId: string, timeoutMs: number): AscendError {
  const message = `Agent ${agentId} has not answered within ${Math.round(timeoutMs / 1000)} s.`;
  return new AscendError('agent.timeout', message, { context: { agent: agentId, timeoutMs } });
}
