import Database from 'better-sqlite3';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { expect, test } from 'vitest';
import { AscendError } from '../../proto/errors.ts';
import { Order, type SignedOrder } from '../../proto/gen/ascend/v1/link.ts';
import { OrderDesk, type OrderParts } from './orders.ts';
import { Receipts } from './receipts.ts';

const controller = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const orderKey = controller.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const options = { networks: {}, addresses: {}, start: true, targetOptionsJson: '' };
const restore = { $case: 'restore', value: { runId: 'run-1', target: 'kvm1', options } } as const;

function order(change: Partial<Order> = {}): Order {
  return {
    orderId: 'order-1',
    agentId: 'agent-1',
    issuedAt: new Date(),
    expiresAt: new Date(Date.now() + 60_000),
    action: restore,
    ...change,
  };
}

function signed(from: Order, key: KeyObject = controller.privateKey): SignedOrder {
  const payload = Buffer.from(Order.encode(from).finish());
  return { payload, signature: sign('sha256', payload, { key, dsaEncoding: 'ieee-p1363' }) };
}

function bench(parts: Partial<OrderParts['handler'] & OrderParts['policy']> = {}) {
  const restored: string[] = [];
  const cancelled: string[] = [];
  const database = new Database(':memory:');
  const open = (): OrderDesk =>
    new OrderDesk(
      { agentId: 'agent-1', orderKey },
      {
        receipts: new Receipts(database),
        policy: { permit: parts.permit ?? (() => undefined) },
        handler: {
          restore: parts.restore ?? (({ runId }) => void restored.push(runId)),
          cancel: (runId) => void cancelled.push(runId),
          check: parts.check ?? (() => Promise.resolve({ findings: [], networks: ['lan'] })),
        },
      },
    );
  return { desk: open(), reopen: open, restored, cancelled };
}

const accepted = { receipt: { orderId: 'order-1', accepted: true } };
const refusedWith = (refusalCode: string) => ({
  receipt: { accepted: false, refusalCode },
  refused: { code: refusalCode },
});

test('hands a signed order on, once, and answers it the same way each time, also after a restart', () => {
  const { desk, reopen, restored } = bench();
  expect(desk.receive(signed(order()))).toMatchObject(accepted);
  expect(desk.receive(signed(order()))).toMatchObject(accepted);
  expect(reopen().receive(signed(order()))).toMatchObject(accepted);
  expect(restored).toEqual(['run-1']);
});

test('still knows an accepted order when it comes again after it has expired', () => {
  const { desk, restored } = bench();
  desk.receive(signed(order()));
  expect(desk.receive(signed(order({ expiresAt: new Date(0) })))).toMatchObject(accepted);
  expect(restored).toEqual(['run-1']);
});

test('refuses a payload of which any byte has been changed', () => {
  const { desk, restored } = bench();
  const { payload, signature } = signed(order());
  for (let at = 0; at < payload.length; at += 1) {
    const tampered = Buffer.from(payload);
    tampered.writeUInt8(tampered.readUInt8(at) ^ 1, at);
    expect(desk.receive({ payload: tampered, signature })).toMatchObject(refusedWith('order.bad-signature'));
  }
  expect(restored).toEqual([]);
});

test('refuses a field that was added to a signed payload', () => {
  const { desk } = bench();
  const { payload, signature } = signed(order());
  const extra = Buffer.from(Order.encode(order({ expiresAt: new Date(2 ** 40) })).finish());
  const answer = desk.receive({ payload: Buffer.concat([payload, extra]), signature });
  expect(answer).toMatchObject(refusedWith('order.bad-signature'));
});

test.each([
  [
    'of another key',
    signed(order(), generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey).signature,
  ],
  ['that is missing', Buffer.alloc(0)],
  ['of zeros', Buffer.alloc(64)],
])('refuses a signature %s', (_, signature) => {
  const { desk, restored } = bench();
  const { payload } = signed(order());
  expect(desk.receive({ payload, signature })).toMatchObject(refusedWith('order.bad-signature'));
  expect(restored).toEqual([]);
});

test('a forged order does not use up the id of the true one', () => {
  const { desk } = bench();
  const { payload } = signed(order());
  desk.receive({ payload, signature: Buffer.alloc(64) });
  expect(desk.receive(signed(order()))).toMatchObject(accepted);
});

test('refuses an order for another agent', () => {
  const { desk, restored } = bench();
  expect(desk.receive(signed(order({ agentId: 'agent-2' })))).toMatchObject(refusedWith('order.wrong-agent'));
  expect(restored).toEqual([]);
});

test.each([
  ['accepts', 'four minutes', -4, accepted],
  ['refuses', 'six minutes', -6, refusedWith('order.expired')],
])('%s an order that expired %s ago', (_, __, minutes, answer) => {
  const expiresAt = new Date(Date.now() + minutes * 60_000);
  expect(bench().desk.receive(signed(order({ expiresAt })))).toMatchObject(answer);
});

test('refuses an order without an end', () => {
  const answer = bench().desk.receive(signed(order({ expiresAt: undefined })));
  expect(answer).toMatchObject(refusedWith('order.expired'));
});

test('refuses what the local policy does not permit, for good', () => {
  let strict = true;
  const { desk, restored } = bench({
    permit: ({ target }) => {
      if (strict) throw new AscendError('order.not-allowed', `No restores to ${target}.`);
    },
  });
  expect(desk.receive(signed(order()))).toMatchObject({
    receipt: { refusalCode: 'order.not-allowed', refusal: 'No restores to kvm1.' },
  });
  strict = false;
  expect(desk.receive(signed(order()))).toMatchObject({ receipt: { refusalCode: 'order.not-allowed' } });
  expect(restored).toEqual([]);
});

test('refuses an action that it does not know', () => {
  expect(bench().desk.receive(signed(order({ action: undefined })))).toMatchObject(
    refusedWith('order.not-allowed'),
  );
});

test('an order that the handler fails at is not remembered, and may come again', () => {
  let broken = true;
  const { desk } = bench({
    restore: () => {
      if (broken) throw new Error('disk full');
    },
  });
  expect(() => desk.receive(signed(order()))).toThrow('disk full');
  broken = false;
  expect(desk.receive(signed(order()))).toMatchObject(accepted);
});

test('passes on the cancelling of a run', () => {
  const { desk, cancelled } = bench();
  desk.receive(signed(order({ action: { $case: 'cancel', value: { runId: 'run-7' } } })));
  expect(cancelled).toEqual(['run-7']);
});

test('answers a check with its result, or with why it could not be done', async () => {
  const check = order({ action: { $case: 'check', value: { target: 'kvm1' } } });
  const good = bench().desk.receive(signed(check));
  expect('check' in good && (await good.check)).toEqual({
    orderId: 'order-1',
    findings: [],
    networks: ['lan'],
  });
  const bad = bench({
    check: () => Promise.reject(new AscendError('backup.not-found', 'The backup is gone.')),
  }).desk.receive(signed(check));
  expect('check' in bad && (await bad.check)).toMatchObject({ error: { code: 'backup.not-found' } });
});
