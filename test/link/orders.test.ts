import { expect, test } from 'vitest';
import type { PendingOrder } from '../../controller/link/contract.ts';
import type { OrderReceipt } from '../../proto/gen/ascend/v1/link.ts';
import { TestAgent, TestController } from './bench.ts';
import { eventually } from './eventually.ts';
import { Orders } from './store.ts';

const options = { networks: {}, addresses: {}, start: true, targetOptionsJson: '' };

function restoreOrder(orderId: string, runId: string): PendingOrder {
  const issuedAt = new Date();
  const expiresAt = new Date(issuedAt.getTime() + 60_000);
  return {
    orderId,
    issuedAt,
    expiresAt,
    action: { $case: 'restore', value: { runId, target: 'kvm1', options } },
  };
}

async function connected(controller: TestController, agent: TestAgent): Promise<void> {
  agent.start();
  await eventually(() => expect(controller.sessions.isConnected(agent.agentId)).toBe(true));
}

test('orders that wait for an agent reach it when it connects, and later ones at once', async () => {
  await using controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  controller.orders.open.set('order-1', restoreOrder('order-1', 'run-1'));
  await connected(controller, agent);
  await eventually(() =>
    expect(controller.orders.receipts).toMatchObject([{ orderId: 'order-1', accepted: true }]),
  );
  controller.orders.open.set('order-2', restoreOrder('order-2', 'run-2'));
  await controller.sessions.deliver(agent.agentId);
  await eventually(() => expect(controller.orders.receipts).toHaveLength(2));
  expect(agent.restored.map(({ runId }) => runId)).toEqual(['run-1', 'run-2']);
});

test('an order whose receipt is lost is sent again, runs once, and gets the same receipt', async () => {
  class ForgetfulOrders extends Orders {
    #failures = 2;

    override async settle(agentId: string, receipt: OrderReceipt): Promise<void> {
      if (this.#failures-- > 0) throw new Error('died before the receipt was stored');
      await super.settle(agentId, receipt);
    }
  }
  await using controller = await TestController.start({ orders: new ForgetfulOrders() });
  await using agent = await TestAgent.enrol(controller);
  controller.orders.open.set('order-1', restoreOrder('order-1', 'run-1'));
  agent.start();
  await eventually(() =>
    expect(controller.orders.receipts).toMatchObject([{ orderId: 'order-1', accepted: true }]),
  );
  expect(agent.log.filter((line) => line === 'connected')).toHaveLength(3);
  expect(agent.restored).toHaveLength(1);
});

test('an order that is changed after it was signed is refused, and nothing runs', async () => {
  const signer = await TestController.start();
  await using controller = await TestController.start({
    authorityDirectory: signer.authorityDirectory,
    signOrder: (payload) => {
      const { signature } = signer.authority.signOrder(payload);
      return { payload: Buffer.from(payload.toString().replace('kvm1', 'kvm2')), signature };
    },
  });
  await signer[Symbol.asyncDispose]();
  await using agent = await TestAgent.enrol(controller);
  controller.orders.open.set('order-1', restoreOrder('order-1', 'run-1'));
  await connected(controller, agent);
  await eventually(() =>
    expect(controller.orders.receipts).toMatchObject([
      { accepted: false, refusalCode: 'order.bad-signature' },
    ]),
  );
  expect(agent.refusedOrders).toMatchObject([{ code: 'order.bad-signature' }]);
  expect(agent.restored).toEqual([]);
});

test('a run is cancelled by an order', async () => {
  await using controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  const action = { $case: 'cancel', value: { runId: 'run-1' } } as const;
  controller.orders.open.set('order-1', { ...restoreOrder('order-1', ''), action });
  await connected(controller, agent);
  await eventually(() => expect(agent.cancelled).toEqual(['run-1']));
});

const check = { target: 'kvm1', options };

test('a check comes back with its result', async () => {
  await using controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  await connected(controller, agent);
  const result = await controller.sessions.check(agent.agentId, check, { timeoutMs: 5000 });
  expect(result).toMatchObject({ networks: ['default'], findings: [] });
});

test('a check is refused where the local policy does not permit the target', async () => {
  await using controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  agent.forbidden.add('kvm1');
  await connected(controller, agent);
  const refusal = controller.sessions.check(agent.agentId, check, { timeoutMs: 5000 });
  await expect(refusal).rejects.toMatchObject({ code: 'order.not-allowed', message: 'No restores to kvm1.' });
});

test('a check says so where the agent is away, goes away, or does not answer', async () => {
  await using controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  const ask = (timeoutMs: number) => controller.sessions.check(agent.agentId, check, { timeoutMs });
  await expect(ask(5000)).rejects.toMatchObject({ code: 'agent.offline' });
  agent.check = () => new Promise(() => undefined);
  await connected(controller, agent);
  await expect(ask(50)).rejects.toMatchObject({ code: 'agent.timeout' });
  const abandoned = expect(ask(5000)).rejects.toMatchObject({ code: 'agent.offline' });
  await agent.stop();
  await abandoned;
});
