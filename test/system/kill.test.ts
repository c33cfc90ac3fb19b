/** Runs that the controller orders and an agent does, with either of them killed on the way, or the run cancelled. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { RunEventJson } from '../../controller/runs/run-event.ts';
import { eventually } from '../../controller/testing/eventually.ts';
import type { Happening } from '../e2e/controller-process.ts';
import { stampOf } from '../e2e/sample-backup.ts';
import { web01 } from '../guests/debian12.ts';
import { Site } from './site.ts';

const STEPS = ['analyse', 'validate', 'convert', 'deploy'];

let site: Site;
let stamp: string;

beforeAll(async () => {
  site = await Site.start();
  stamp = await stampOf(site.backup);
});

afterAll(async () => {
  await site[Symbol.asyncDispose]();
});

afterEach(async () => {
  try {
    // libguestfs ends on its own once its agent is dead, after the launch that it may be in: 10 s.
    await eventually(async () => expect(await site.home.leftovers()).toEqual([]), 60_000);
    expect(await stampOf(site.backup)).toBe(stamp);
  } finally {
    await site.libvirt.clear();
  }
});

test.each(['analyse', 'validate', 'convert'])('an agent killed in %s goes on where it was', async (step) => {
  const events = await killedIn(step, `killed-in-${step}`);
  expectWhole(events);
  expect(events.filter(({ kind }) => kind === 'resumed')).toMatchObject([{ detail: { step } }]);
  await expectOneMachine(`killed-in-${step}`, 'shut off');
});

test('an agent killed while it copies, and again while the machine boots, ends with one machine that works', async () => {
  const run = await site.order('killed-in-deploy', { health: health() });
  await site.controller.hears(run, copying);
  await site.killAgent();
  site.startAgent();
  await site.controller.hears(run, activity('wait for the machine to prove that it works'));
  await site.killAgent();
  site.startAgent();
  const ended = await site.controller.ended(run);
  expect(ended).toMatchObject({ state: 'succeeded', resumptions: 2, deployed: { running: true } });
  const events = await site.controller.events(run);
  expectWhole(events);
  const seen = events.flatMap((event) => (event.kind === 'healthCheckPassed' ? [event.detail.check] : []));
  expect(seen.sort()).toEqual(['hostname', 'login-prompt']);
  await expectOneMachine('killed-in-deploy', 'running');
});

test('a controller killed during a run has every event of it once, when it is back', async () => {
  const run = await site.order('controller-killed', { start: false });
  await site.controller.hears(run, stepStarted('convert'));
  await site.controller.kill();
  await site.controller.restart();
  await site.controller.hears(run, copying);
  await site.controller.kill();
  await site.controller.restart();
  expect(await site.controller.ended(run)).toMatchObject({ state: 'succeeded', resumptions: 0 });
  expectWhole(await site.controller.events(run));
  await expectOneMachine('controller-killed', 'shut off');
});

test.each([
  ['while the guest is opened', 'convert', activity('open the guest')],
  ['while a disk is copied', 'deploy', activity(`copy ${web01.diskId}`)],
])('a run cancelled %s leaves nothing', async (_when, step, moment) => {
  const run = await site.order('cancelled', { start: false });
  await site.controller.hears(run, moment);
  await site.cancel(run);
  const ended = await site.controller.ended(run, 30_000);
  expect(ended).toMatchObject({ state: 'cancelled', deployed: null, error: { code: 'run.cancelled', step } });
  expect(await site.libvirt.inventory()).toEqual({ domains: [], volumes: [] });
});

test('a run cancelled while its agent is dead is undone when the agent is back', async () => {
  const run = await site.order('cancelled', { start: false });
  await site.controller.hears(run, copying);
  await site.killAgent();
  await site.cancel(run);
  expect((await site.libvirt.inventory()).volumes).toHaveLength(1);
  site.startAgent();
  expect(await site.controller.ended(run)).toMatchObject({ state: 'cancelled', deployed: null });
  expect(await site.libvirt.inventory()).toEqual({ domains: [], volumes: [] });
});

test('neither takes 200 MB of memory', async () => {
  const agent = Math.max(site.agentMemory, await site.agent.peakMemory());
  const controller = await site.controller.peakMemory();
  process.stdout.write(
    `peak resident memory: agent ${agent >> 10} MiB, controller ${controller >> 10} MiB\n`,
  );
  expect(agent).toBeLessThan(200_000);
  expect(controller).toBeLessThan(200_000);
});

/** The events of such a run. `validate` takes 150 ms, and word of it 30: a kill that comes too late is tried again. */
async function killedIn(step: string, name: string): Promise<RunEventJson[]> {
  for (let attempt = 1; ; attempt += 1) {
    const run = await site.order(name, { start: false });
    await site.controller.hears(run, stepStarted(step));
    await site.killAgent();
    site.startAgent();
    expect(await site.controller.ended(run)).toMatchObject({ state: 'succeeded', resumptions: 1 });
    const events = await site.controller.events(run);
    if (events.some((event) => event.kind === 'resumed' && event.detail.step === step)) return events;
    if (attempt === 3) throw new Error(`The agent could not be killed in ${step}.`);
    await site.libvirt.clear();
  }
}

function health() {
  return { timeoutSeconds: 300, ping: [], tcp: [], hostname: web01.name };
}

function stepStarted(step: string) {
  return (happening: Happening) =>
    'event' in happening && happening.event.kind === 'stepStarted' && happening.event.detail.step === step;
}

function activity(wanted: string) {
  return (happening: Happening) => 'progress' in happening && happening.progress.activity === wanted;
}

function copying(happening: Happening): boolean {
  return (
    'progress' in happening &&
    happening.progress.activity === `copy ${web01.diskId}` &&
    happening.progress.doneBytes > 0
  );
}

/** The story of a run that succeeded: every fact once, in order, however often it was interrupted. */
function expectWhole(events: readonly RunEventJson[]): void {
  const sequences = events.map(({ sequence }) => sequence);
  const first = sequences[0] ?? 0;
  expect(sequences).toEqual(sequences.map((_sequence, index) => first + index));
  const facts = events.map(({ kind, detail }) => `${kind} ${JSON.stringify(detail)}`);
  expect(facts.filter((fact, index) => facts.indexOf(fact) !== index && !fact.startsWith('resumed'))).toEqual(
    [],
  );
  const stepsOf = (wanted: string) =>
    events.flatMap((event) => (event.kind === wanted && 'step' in event.detail ? [event.detail.step] : []));
  expect(stepsOf('stepStarted')).toEqual(STEPS);
  expect(stepsOf('stepFinished')).toEqual(STEPS);
  const once = ['started', 'machineRead', 'diskWritten', 'finished'];
  expect(events.map(({ kind }) => kind).filter((kind) => once.includes(kind))).toEqual(once);
}

async function expectOneMachine(name: string, state: string): Promise<void> {
  const { domains, volumes } = await site.libvirt.inventory();
  expect(domains).toEqual([name]);
  expect(volumes).toHaveLength(1);
  expect(await site.libvirt.virsh('domstate', name)).toBe(state);
}
