import { expect, test } from 'vitest';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import type { PendingOrder } from '../link/contract.ts';
import { eventsOf, png, rehearsed, started, succeeded } from '../testing/run-events.ts';
import {
  addBackup,
  addCaller,
  enrolAgent,
  helloOf,
  startTrial,
  withJson,
  type Trial,
} from '../testing/start.ts';
import type { Run } from './run.ts';

const hour = 3_600_000;

async function ready(trial: Trial) {
  const agentId = await enrolAgent(trial);
  const backupId = await addBackup(trial, agentId);
  const { headers } = await addCaller(trial, 'operator');
  const request = {
    backupId,
    target: { agentId, name: 'lab' },
    options: {
      networks: { 'VM Network': 'default' },
      addresses: { ethernet0: '10.0.0.5/24,10.0.0.1' },
      firmware: 'uefi',
      rehearse: true,
    },
  };
  const post = (path: string, content: object = {}, more: Record<string, string> = {}) =>
    trial.app.request(path, withJson('POST', content, { ...headers, ...more }));
  const order = async () => (await (await post('/api/runs', request)).json()) as Run;
  return { agentId, backupId, request, post, order };
}

function actions(orders: readonly PendingOrder[]): string[] {
  return orders.map(({ action }) => action.$case);
}

test('a run becomes an order that waits for its agent, with all it takes to carry it out', async () => {
  await using trial = await startTrial();
  const { agentId, request, post } = await ready(trial);
  const response = await post('/api/runs', request);
  expect(response.status).toBe(201);
  const run = (await response.json()) as Run;
  expect(run).toMatchObject({ state: 'queued', createdBy: 'a-operator', backup: { machineName: 'web01' } });
  expect(trial.sessions.delivered).toEqual([agentId]);
  const [order] = await trial.side.orders.pending(agentId);
  expect(order?.action).toEqual({
    $case: 'restore',
    value: {
      runId: run.id,
      backup: { repository: 'nas', path: 'web01/2027-01-01', backupId: 'b-1' },
      target: 'lab',
      options: {
        name: undefined,
        networks: { 'VM Network': 'default' },
        start: true,
        health: undefined,
        targetOptionsJson: '{}',
        addresses: { ethernet0: '10.0.0.5/24,10.0.0.1' },
        firmware: Firmware.UEFI,
        rehearse: true,
      },
      rehearsalOnly: false,
    },
  });
});

test('a rehearsal is a run of its own, which its agent is told to end before the target is touched', async () => {
  await using trial = await startTrial();
  const { agentId, request, post, order } = await ready(trial);
  await order();
  const rehearsal = (await (await post('/api/runs', { ...request, kind: 'rehearsal' })).json()) as Run;
  expect(rehearsal).toMatchObject({ kind: 'rehearsal', state: 'queued' });
  const orders = await trial.side.orders.pending(agentId);
  expect(orders.map(({ action }) => action)).toMatchObject([
    { value: { rehearsalOnly: false } },
    { value: { runId: rehearsal.id, rehearsalOnly: true } },
  ]);
  const { runs } = await trial.services.runs.page({ kind: 'rehearsal', page: 1, pageSize: 10 });
  expect(runs.map(({ id }) => id)).toEqual([rehearsal.id]);
  const { entries } = await trial.services.audit.page({ page: 1, pageSize: 1 });
  expect(entries).toMatchObject([{ subject: rehearsal.id, detail: 'rehearsal of web01 to host-1/lab' }]);
});

test('an agent that does not know rehearsals gets none: it would restore', async () => {
  await using trial = await startTrial();
  const { agentId, request, post } = await ready(trial);
  const hello = helloOf(agentId, 'host-1');
  const targetKinds = hello.targetKinds.map((kind) => ({ ...kind, abilities: ['restore'] }));
  await trial.side.observer.hello(agentId, { ...hello, targetKinds });
  for (const asked of [{ kind: 'rehearsal' }, { options: { rehearse: true } }]) {
    for (const path of ['/api/runs', '/api/checks']) {
      const response = await post(path, { ...request, ...asked });
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({ error: { hint: /Upgrade the agent/ } });
    }
  }
  expect((await post('/api/runs', { ...request, options: {} })).status).toBe(201);
  expect(await trial.side.orders.pending(agentId)).toHaveLength(1);
});

test("the picture of a rehearsal's screen is served as what it is", async () => {
  await using trial = await startTrial();
  const { agentId, order } = await ready(trial);
  const run = await order();
  const { headers } = await addCaller(trial, 'viewer');
  const screen = () => trial.app.request(`/api/runs/${run.id}/screen`, { headers });
  expect((await screen()).status).toBe(404);
  await trial.side.events.accept(agentId, eventsOf(run.id, [started, rehearsed(png)]));
  const response = await screen();
  expect(response.headers.get('content-type')).toBe('image/png');
  expect(Buffer.from(await response.arrayBuffer())).toEqual(png);
});

test('an order stays until its agent has answered, across a restart of the controller', async () => {
  await using before = await startTrial();
  const { agentId, order } = await ready(before);
  const run = await order();
  await before.side.orders.pending(agentId);
  await before.stop();

  await using after = await startTrial({ dir: before.dir, clock: before.clock });
  const [pending] = await after.side.orders.pending(agentId);
  const receipt = { orderId: pending!.orderId, accepted: true, refusalCode: '', refusal: '' };
  await after.side.orders.settle('another-agent', receipt);
  expect(await after.side.orders.pending(agentId)).toHaveLength(1);
  await after.side.orders.settle(agentId, receipt);
  await after.side.orders.settle(agentId, receipt);
  expect(await after.side.orders.pending(agentId)).toEqual([]);
  expect(await after.services.runs.get(run.id)).toMatchObject({
    state: 'sent',
    sentAt: expect.any(String) as string,
  });
});

test('a receipt that comes after the first events does not set the run back', async () => {
  await using trial = await startTrial();
  const { agentId, order } = await ready(trial);
  const run = await order();
  const [pending] = await trial.side.orders.pending(agentId);
  await trial.side.events.accept(agentId, eventsOf(run.id, [started]));
  const receipt = { orderId: pending!.orderId, accepted: true, refusalCode: '', refusal: '' };
  await trial.side.orders.settle(agentId, receipt);
  expect(await trial.services.runs.get(run.id)).toMatchObject({ state: 'running' });
});

test('a refused order fails the run with what the agent says', async () => {
  await using trial = await startTrial();
  const { agentId, order } = await ready(trial);
  const run = await order();
  const [pending] = await trial.side.orders.pending(agentId);
  const refusal = { refusalCode: 'order.not-allowed', refusal: 'The policy forbids the target "lab".' };
  await trial.side.orders.settle(agentId, { orderId: pending!.orderId, accepted: false, ...refusal });
  expect(await trial.services.runs.get(run.id)).toMatchObject({
    state: 'failed',
    error: { code: 'order.not-allowed', message: refusal.refusal },
  });
});

test('an order that nobody takes expires, and what the agent says later still counts', async () => {
  await using trial = await startTrial();
  const { agentId, order } = await ready(trial);
  const run = await order();
  trial.clock.forward(24 * hour);
  expect(await trial.side.orders.pending(agentId)).toEqual([]);
  await trial.side.orders.expire();
  expect(await trial.services.runs.get(run.id)).toMatchObject({ state: 'queued' });
  trial.clock.forward(hour);
  await trial.side.orders.expire();
  expect(await trial.services.runs.get(run.id)).toMatchObject({
    state: 'failed',
    error: { code: 'order.expired' },
  });
  await trial.side.events.accept(agentId, eventsOf(run.id, [started, succeeded]));
  expect(await trial.services.runs.get(run.id)).toMatchObject({ state: 'succeeded', error: null });
});

test('the same idempotency key orders once; with another request it is refused', async () => {
  await using trial = await startTrial();
  const { agentId, request, post } = await ready(trial);
  const key = { 'idempotency-key': 'order-1' };
  const first = (await (await post('/api/runs', request, key)).json()) as Run;
  const second = await post('/api/runs', request, key);
  expect(second.status).toBe(200);
  expect(((await second.json()) as Run).id).toBe(first.id);
  expect(await trial.side.orders.pending(agentId)).toHaveLength(1);
  expect((await post('/api/runs', { ...request, options: { name: 'other' } }, key)).status).toBe(409);
});

test('a run that its agent cannot have yet is cancelled at once', async () => {
  await using trial = await startTrial();
  const { agentId, order, post } = await ready(trial);
  const run = await order();
  const response = await post(`/api/runs/${run.id}/cancel`);
  expect(response.status).toBe(202);
  expect(await response.json()).toMatchObject({ state: 'cancelled' });
  expect(await trial.side.orders.pending(agentId)).toEqual([]);
  expect((await post(`/api/runs/${run.id}/cancel`)).status).toBe(409);
});

test('a run that its agent may have is asked to stop, once, and ends when the agent says so', async () => {
  await using trial = await startTrial();
  const { agentId, order, post } = await ready(trial);
  const run = await order();
  await trial.side.orders.pending(agentId);
  await post(`/api/runs/${run.id}/cancel`);
  const again = (await (await post(`/api/runs/${run.id}/cancel`)).json()) as Run;
  expect(again).toMatchObject({ state: 'queued', cancelRequestedAt: expect.any(String) as string });
  expect(actions(await trial.side.orders.pending(agentId))).toEqual(['restore', 'cancel']);
});

test('a run whose agent is away says since when, and is not failed for it', async () => {
  await using trial = await startTrial();
  const { agentId, order } = await ready(trial);
  const run = await order();
  await trial.side.events.accept(agentId, eventsOf(run.id, [started]));
  expect(await trial.services.runs.get(run.id)).toMatchObject({ state: 'running', outOfContactSince: null });
  trial.clock.forward(hour);
  const lostAt = trial.clock.now().toISOString();
  await trial.side.observer.lost(agentId, undefined);
  trial.clock.forward(hour);
  expect(await trial.services.runs.get(run.id)).toMatchObject({
    state: 'running',
    outOfContactSince: lostAt,
  });
});

test.each([
  ['a backup that is not there', { backupId: 'gone' }, 404, 'backup.not-found'],
  ['a target that is not there', { target: 'nowhere' }, 404, 'not-found'],
  ['an agent that does not see the backup', { other: true }, 400, 'usage.invalid'],
] as const)(
  '%s is refused',
  async (_, wrong: { backupId?: string; target?: string; other?: true }, status, code) => {
    await using trial = await startTrial();
    const { agentId, backupId, post } = await ready(trial);
    const other = wrong.other ? await enrolAgent(trial, 'host-2') : agentId;
    const target = { agentId: other, name: wrong.target ?? 'lab' };
    const response = await post('/api/runs', { backupId: wrong.backupId ?? backupId, target });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  },
);

test('a revoked agent loses its session and gets no more runs', async () => {
  await using trial = await startTrial();
  const { agentId, request, post } = await ready(trial);
  const admin = await addCaller(trial, 'admin');
  const revoke = { method: 'DELETE', headers: admin.headers };
  expect(await (await trial.app.request(`/api/agents/${agentId}`, revoke)).json()).toMatchObject({
    state: 'revoked',
  });
  expect(trial.sessions.dropped).toEqual([agentId]);
  expect(await trial.side.directory.find(agentId)).toMatchObject({ revoked: true });
  expect((await post('/api/runs', request)).status).toBe(404);
});

test('a check asks the agent and gives its verdict', async () => {
  await using trial = await startTrial();
  const { request, post } = await ready(trial);
  const away = await post('/api/checks', request);
  expect(away.status).toBe(503);
  expect(await away.json()).toMatchObject({ error: { code: 'agent.offline' } });
  trial.sessions.answer = ({ target, options }) => ({
    orderId: 'o',
    networks: [target, ...Object.keys(options?.networks ?? {})],
    findings: [
      { code: 'nic.unmapped', severity: 3, subject: 'eth0', message: 'No network.', remedy: 'Map it.' },
    ],
    estimate: { copyBytes: 1024n, seconds: 3 },
  });
  expect(await (await post('/api/checks', request)).json()).toEqual({
    verdict: 'block',
    machine: null,
    networks: ['lab', 'VM Network'],
    findings: [
      { code: 'nic.unmapped', severity: 'block', subject: 'eth0', message: 'No network.', remedy: 'Map it.' },
    ],
    estimate: { copyBytes: 1024, seconds: 3 },
  });
});

test('a check that could not be done says why', async () => {
  await using trial = await startTrial();
  const { request, post } = await ready(trial);
  const error = {
    code: 'backup.changed',
    message: 'It is another backup now.',
    hint: 'List again.',
    step: '',
  };
  trial.sessions.answer = () => ({ orderId: 'o', networks: [], findings: [], error });
  const response = await post('/api/checks', request);
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ error: { code: 'backup.changed', hint: 'List again.' } });
});

test('runs are listed the newest first, by page and by state', async () => {
  await using trial = await startTrial();
  const { order, post } = await ready(trial);
  const ids: string[] = [];
  for (let n = 0; n < 3; n += 1) {
    ids.push((await order()).id);
    trial.clock.forward(1000);
  }
  await post(`/api/runs/${ids[0]!}/cancel`);
  const page = (query: object) =>
    trial.services.runs
      .page({ page: 1, pageSize: 2, ...query })
      .then(({ runs, total }) => [runs.map((r) => r.id), total]);
  expect(await page({})).toEqual([[ids[2], ids[1]], 3]);
  expect(await page({ page: 2 })).toEqual([[ids[0]], 3]);
  expect(await page({ active: 'false' })).toEqual([[ids[0]], 1]);
  expect(await page({ active: 'true' })).toEqual([[ids[2], ids[1]], 2]);
});
