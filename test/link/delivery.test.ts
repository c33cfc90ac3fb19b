import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeIdentity } from '../../agent/link/identity.ts';
import { openAuthority } from '../../controller/link/authority.ts';
import type { RunEvent } from '../../proto/gen/ascend/v1/run.ts';
import { TestAgent, TestController, event, identityOf, temporaryDirectory } from './bench.ts';
import { eventually } from './eventually.ts';
import { Killable } from './killable.ts';
import { Events } from './store.ts';

function steps(events: readonly RunEvent[]): string[] {
  return events.map(({ body }) => (body?.$case === 'stepStarted' ? body.value.step : '?'));
}

function firstSteps(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `step-${index + 1}`);
}

test('events that were made without a controller arrive when it is back, once each', async () => {
  await using before = await TestController.start();
  await using agent = await TestAgent.enrol(before);
  agent.start();
  agent.outbox.append(event(1));
  await eventually(() => expect(before.events.all()).toHaveLength(1));
  await before[Symbol.asyncDispose]();
  for (let index = 2; index <= 300; index += 1) agent.outbox.append(event(index));
  await eventually(() => expect(agent.failures).not.toEqual([]));
  await using after = await before.restart();
  await eventually(() => expect(steps(after.events.all())).toEqual(firstSteps(300)));
  expect(agent.log.filter((line) => line === 'connected')).toHaveLength(2);
});

test('an event whose acknowledgement is lost is not stored twice', async () => {
  class ForgetfulEvents extends Events {
    #failures = 3;

    override async accept(agentId: string, events: readonly RunEvent[]): Promise<bigint> {
      const sequence = await super.accept(agentId, events);
      if (this.#failures-- > 0) throw new Error('died between the commit and the acknowledgement');
      return sequence;
    }
  }
  await using controller = await TestController.start({ events: new ForgetfulEvents() });
  await using agent = await TestAgent.enrol(controller);
  for (let index = 1; index <= 350; index += 1) agent.outbox.append(event(index));
  agent.start();
  await eventually(() => expect(agent.outbox.unacknowledged({ limit: 1 })).toEqual([]));
  expect(steps(controller.events.all())).toEqual(firstSteps(350));
});

test('a batch that arrives again, in whole or in part, is stored once', async () => {
  const events = new Events();
  const batch = [1n, 2n, 3n].map((sequence) => ({ ...event(Number(sequence)), sequence }));
  expect(await events.accept('agent', batch.slice(0, 2))).toBe(2n);
  expect(await events.accept('agent', batch)).toBe(3n);
  expect(steps(events.all())).toEqual(firstSteps(3));
});

async function bench() {
  const folder = await temporaryDirectory();
  const authorityDirectory = join(folder, 'authority');
  return { folder, authorityDirectory, authority: await openAuthority(authorityDirectory) };
}

// Starting a process takes a third of a second on a quiet machine, and ten times that beside an emulated guest.
const slow = 120_000;

test(
  'a controller that is killed again and again while it stores events ends up with each of them once',
  async () => {
    const { folder, authority, authorityDirectory } = await bench();
    const eventsPath = join(folder, 'events.db');
    const stored = new Events(eventsPath);
    const startController = (port: number) =>
      new Killable('controller-process.ts', [authorityDirectory, eventsPath, 'agent-1', String(port)]);

    let port = 0;
    let made = 0;
    await using agent = new TestAgent(folder, 'agent-1');
    for (let kill = 1; kill <= 3; kill += 1) {
      await using controller = startController(port);
      if (port === 0) {
        port = Number(await controller.output());
        await writeIdentity(folder, await identityOf(authority, 'agent-1', `127.0.0.1:${port}`));
        agent.start();
      }
      for (let index = 0; index < 400; index += 1) agent.outbox.append(event((made += 1)));
      // Then it is killed: somewhere within the four batches.
      await eventually(() => expect(stored.all().length).toBeGreaterThan(made - 400));
    }
    await using _last = startController(port);
    await eventually(() => expect(agent.outbox.unacknowledged({ limit: 1 })).toEqual([]));
    expect(steps(stored.all())).toEqual(firstSteps(1200));
  },
  slow,
);

test(
  'an agent that is killed again and again delivers each of its events once',
  async () => {
    const { folder, authority, authorityDirectory } = await bench();
    await using controller = await TestController.start({ authorityDirectory });
    controller.directory.agents.set('agent-1', { id: 'agent-1', siteId: 'site', revoked: false });
    await writeIdentity(folder, await identityOf(authority, 'agent-1', controller.linkAddress));

    for (let kill = 1; kill <= 3; kill += 1) {
      const had = controller.events.all().length;
      await using _killed = new Killable('agent-process.ts', [folder, 'agent-1', 'append']);
      await eventually(() => expect(controller.events.all().length).toBeGreaterThan(had + 10 * kill));
    }
    await using last = new Killable('agent-process.ts', [folder, 'agent-1']);
    expect(await last.exit()).toBe(0);
    await using state = new TestAgent(folder, 'agent-1');
    expect(steps(controller.events.all())).toEqual(firstSteps(Number(state.outbox.newest())));
  },
  slow,
);

test('an agent whose host was put back to an older state goes on after the numbers that the controller holds', async () => {
  await using controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  await controller.events.accept(agent.agentId, [{ ...event(1), sequence: 5n }]);
  agent.start();
  await eventually(() => expect(agent.log).toContain('connected'));
  expect(agent.outbox.append(event(2))).toBe(6n);
  await eventually(() => expect(steps(controller.events.all())).toEqual(firstSteps(2)));
});
