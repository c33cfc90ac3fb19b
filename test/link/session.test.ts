import { expect, test, vi } from 'vitest';
import { TestAgent, TestController, event } from './bench.ts';

test('an enrolled agent connects, says Hello, beats and delivers its events once each, in order', async () => {
  await using controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  for (let index = 1; index <= 250; index += 1) agent.outbox.append(event(index));
  agent.start();
  await vi.waitFor(() => expect(controller.events.all()).toHaveLength(250));
  agent.outbox.append(event(251));
  await vi.waitFor(() => expect(controller.events.all()).toHaveLength(251));
  expect(controller.events.all().map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: 251 }, (_, index) => BigInt(index + 1)),
  );
  await vi.waitFor(() => expect(agent.outbox.unacknowledged({ limit: 1 })).toEqual([]));
  await vi.waitFor(() => expect(controller.watcher.heartbeats).toBeGreaterThan(2));
  expect(controller.watcher.hellos).toMatchObject([{ agentId: agent.agentId, hostname: 'conv01' }]);
  await agent.stop();
  await vi.waitFor(() => expect(controller.watcher.losses).toEqual([undefined]));
});
