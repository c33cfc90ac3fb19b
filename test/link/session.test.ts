import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import type { BackupEntry } from '../../proto/gen/ascend/v1/link.ts';
import type { RunProgress } from '../../proto/gen/ascend/v1/run.ts';
import { TestAgent, TestController, event, heartbeatMs, temporaryDirectory } from './bench.ts';
import { eventually } from './eventually.ts';
import { RawClient } from './raw-client.ts';

test('an enrolled agent connects, says Hello, beats and delivers its events once each, in order', async () => {
  await using controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  for (let index = 1; index <= 250; index += 1) agent.outbox.append(event(index));
  agent.start();
  await eventually(() => expect(controller.events.all()).toHaveLength(250));
  agent.outbox.append(event(251));
  await eventually(() => expect(controller.events.all()).toHaveLength(251));
  expect(controller.events.all().map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: 251 }, (_, index) => BigInt(index + 1)),
  );
  await eventually(() => expect(agent.outbox.unacknowledged({ limit: 1 })).toEqual([]));
  await eventually(() => expect(controller.watcher.heartbeats).toBeGreaterThan(2));
  expect(controller.watcher.hellos).toMatchObject([{ agentId: agent.agentId, hostname: 'conv01' }]);
  await agent.stop();
  await eventually(() => expect(controller.watcher.losses).toEqual([undefined]));
});

test('what an agent finds and does reaches the controller, and again after it has changed', async () => {
  await using controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  agent.start();
  await eventually(() => expect(agent.log).toContain('connected'));
  agent.catalog.record([observed('web01')]);
  await eventually(() =>
    expect(controller.watcher.catalogs[0]?.upserts).toMatchObject([{ machineName: 'web01' }]),
  );
  agent.link.progress(progress(7n));
  await eventually(() =>
    expect(controller.watcher.progressed).toMatchObject([{ runId: 'run-1', doneBytes: 7n }]),
  );
  await agent.link.announce();
  await eventually(() => expect(controller.watcher.hellos).toHaveLength(2));
});

test('the catalogue travels in batches, and after a reconnect only what is new does', async () => {
  await using controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  agent.catalog.record(Array.from({ length: 500 }, (_, index) => observed(`m${index}`)));
  agent.start();
  const { catalogs } = controller.watcher;
  const told = () => catalogs.flatMap(({ upserts }) => upserts.map(({ machineName }) => machineName));
  await eventually(() => expect(told()).toHaveLength(500));
  expect(Math.max(...catalogs.map(({ upserts }) => upserts.length))).toBe(200);
  await agent.stop();
  agent.catalog.record([observed('new')]);
  agent.catalog.forget('nas', ['m7']);
  catalogs.length = 0;
  agent.start();
  await eventually(() => expect(told()).toEqual(['new']));
  expect(catalogs).toMatchObject([{ removed: [{ repository: 'nas', path: 'm7' }] }]);
});

test('the end of the first look is told, even where there is nothing to see', async () => {
  await using controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  agent.start();
  await eventually(() => expect(agent.log).toContain('connected'));
  expect(controller.watcher.catalogs).toEqual([]);
  agent.catalog.complete();
  await eventually(() =>
    expect(controller.watcher.catalogs).toMatchObject([{ position: { whole: true }, upserts: [] }]),
  );
});

test('the catalogue of an agent of the first release replaces all that it sent before', async () => {
  await using controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  using client = await rawClient(controller, agent);
  client.send({ $case: 'catalog', value: { backups: [backup('web01')] } });
  client.send({ $case: 'catalog', value: { backups: [] } });
  await eventually(() => expect(controller.watcher.catalogs).toHaveLength(2));
  const [first, second] = controller.watcher.catalogs.map(({ position }) => position);
  expect([first?.whole, second?.whole]).toEqual([true, true]);
  expect(first?.lineage).not.toBe(second?.lineage);
});

test('an agent that falls silent is given up after three heartbeats', async () => {
  await using controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  using client = await rawClient(controller, agent);
  const startedAt = Date.now();
  expect(await client.next()).toMatchObject({ code: status.DEADLINE_EXCEEDED });
  expect(Date.now() - startedAt).toBeGreaterThan(2 * heartbeatMs);
  await eventually(() => expect(controller.watcher.losses).toMatchObject([{ code: 'agent.timeout' }]));
});

test('a new session of an agent takes the place of the one before', async () => {
  await using controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  using before = await rawClient(controller, agent);
  using after = await rawClient(controller, agent);
  expect(await before.next()).toMatchObject({
    code: status.ALREADY_EXISTS,
    details: expect.stringContaining('opened another session') as string,
  });
  after.send({ $case: 'heartbeat', value: { runningRuns: [] } });
  await eventually(() => expect(controller.watcher.heartbeats).toBe(1));
  expect(controller.sessions.isConnected(agent.agentId)).toBe(true);
  expect(controller.watcher.losses).toEqual([]);
});

test.each([
  ['do not rise', [2n, 2n]],
  ['start at 0', [0n]],
])('events whose sequences %s end the session, and none is stored', async (_, sequences) => {
  await using controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  using client = await rawClient(controller, agent);
  client.send({
    $case: 'events',
    value: { events: sequences.map((sequence) => ({ ...event(1), sequence })) },
  });
  expect(await client.next()).toMatchObject({ code: status.INVALID_ARGUMENT });
  expect(controller.events.all()).toEqual([]);
});

test('a controller that stops ends its sessions, and says so', async () => {
  const controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  agent.start();
  await eventually(() => expect(agent.log).toContain('connected'));
  await controller[Symbol.asyncDispose]();
  await eventually(() => expect(agent.failures[0]?.message).toBe('The controller is stopping.'));
});

test('an agent that is not enrolled says what to do', async () => {
  await using agent = new TestAgent(await temporaryDirectory(), 'nobody');
  const signal = new AbortController().signal;
  await expect(agent.link.run(signal)).rejects.toMatchObject({
    code: 'state.conflict',
    hint: expect.stringContaining('enrol --token') as string,
  });
});

/** A client in the agent's name that has been welcomed, and that does nothing by itself. */
async function rawClient(controller: TestController, agent: TestAgent): Promise<RawClient> {
  const { ca, key, certificate: cert } = await agent.identity();
  const client = new RawClient(controller.linkAddress, { ca, key, cert }, agent.agentId);
  expect(await client.next()).toMatchObject({ body: { $case: 'welcome' } });
  return client;
}

function backup(machineName: string): BackupEntry {
  return { platform: 'vmware', machineName, parentId: '', storedBytes: 1n, diskBytes: 2n, findings: [] };
}

function observed(machineName: string) {
  const ref = { repository: 'nas', path: machineName, backupId: '' };
  return { repository: 'nas', path: machineName, signature: '1', entry: { ...backup(machineName), ref } };
}

function progress(doneBytes: bigint): RunProgress {
  return { runId: 'run-1', step: 'convert', activity: 'copy', doneBytes, totalBytes: 9n, bytesPerSecond: 1n };
}
