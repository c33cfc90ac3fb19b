import { expect, test } from 'vitest';
import { RunOutcome } from '../../proto/gen/ascend/v1/run.ts';
import {
  ended,
  eventsOf,
  png,
  rehearsed,
  started,
  stepFinished,
  stepStarted,
  succeeded,
} from '../testing/run-events.ts';
import { plainOptions } from './run.ts';
import { addBackup, enrolAgent, startTrial, type Trial } from '../testing/start.ts';

async function order(trial: Trial, agentId: string): Promise<string> {
  const backupId = await addBackup(trial, agentId);
  const target = { agentId, name: 'lab' };
  const { run } = await trial.services.runs.create(
    { kind: 'rehearsal', backupId, target, options: plainOptions },
    { by: 'alice' },
  );
  return run.id;
}

async function sequences({ services }: Trial, runId: string): Promise<number[]> {
  const { events } = await services.runs.events(runId, { after: 0, limit: 1000 });
  return events.map((event) => event.sequence);
}

test('a run follows its events to the end', async () => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial);
  const runId = await order(trial, agentId);
  const bodies = [started, stepStarted('analyse'), stepFinished('analyse'), succeeded];
  expect(await trial.side.events.accept(agentId, eventsOf(runId, bodies))).toBe(4n);
  expect(await trial.services.runs.get(runId)).toMatchObject({
    state: 'succeeded',
    step: 'analyse',
    deployed: { name: 'web01', running: true },
    durationMs: 9000,
    agentVersion: '0.1.0',
  });
});

test('an event that is sent twice appears once, in any overlap of batches', async () => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial);
  const runId = await order(trial, agentId);
  const events = eventsOf(runId, [
    started,
    stepStarted('analyse'),
    stepFinished('analyse'),
    stepStarted('validate'),
  ]);
  await trial.side.events.accept(agentId, events.slice(0, 3));
  expect(await trial.side.events.accept(agentId, events.slice(1))).toBe(4n);
  expect(await trial.side.events.accept(agentId, events)).toBe(4n);
  expect(await sequences(trial, runId)).toEqual([1, 2, 3, 4]);
});

test('two batches at the same time do not double an event', async () => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial);
  const runId = await order(trial, agentId);
  const events = eventsOf(runId, [started, stepStarted('analyse')]);
  await Promise.all([trial.side.events.accept(agentId, events), trial.side.events.accept(agentId, events)]);
  expect(await sequences(trial, runId)).toEqual([1, 2]);
});

test('a controller that stopped during a run completes it from the events that follow', async () => {
  await using before = await startTrial();
  const agentId = await enrolAgent(before);
  const runId = await order(before, agentId);
  const events = eventsOf(runId, [started, stepStarted('analyse'), stepFinished('analyse'), succeeded]);
  await before.side.events.accept(agentId, events.slice(0, 2));
  await before.stop();

  await using after = await startTrial({ dir: before.dir, clock: before.clock });
  expect(await after.side.events.lastSequence(agentId)).toBe(2n);
  expect(await after.services.runs.get(runId)).toMatchObject({ state: 'running' });
  await after.side.events.accept(agentId, events);
  expect(await after.services.runs.get(runId)).toMatchObject({ state: 'succeeded' });
  expect(await sequences(after, runId)).toEqual([1, 2, 3, 4]);
});

test("an agent cannot finish another one's run, nor add to its events", async () => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial, 'host-1');
  const stranger = await enrolAgent(trial, 'host-2');
  const runId = await order(trial, agentId);
  expect(await trial.side.events.accept(stranger, eventsOf(runId, [started, succeeded]))).toBe(2n);
  expect(await trial.services.runs.get(runId)).toMatchObject({ state: 'queued' });
  expect(await sequences(trial, runId)).toEqual([]);
});

test('an event that says nothing we know is kept, and does not stop the others', async () => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial);
  const runId = await order(trial, agentId);
  const [first, second] = eventsOf(runId, [started, succeeded]);
  const strange = { runId, sequence: 5n };
  expect(await trial.side.events.accept(agentId, [first!, strange, { ...second!, sequence: 9n }])).toBe(9n);
  expect(await sequences(trial, runId)).toEqual([1, 5, 9]);
  expect(await trial.services.runs.get(runId)).toMatchObject({ state: 'succeeded' });
});

test('events of a run that is not known here are acknowledged', async () => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial);
  expect(await trial.side.events.accept(agentId, eventsOf('from-before', [started]))).toBe(1n);
});

test.each([
  [RunOutcome.FAILED, 'target.no-space', 'failed'],
  [RunOutcome.BLOCKED, 'run.blocked', 'blocked'],
  [RunOutcome.CANCELLED, 'run.cancelled', 'cancelled'],
] as const)('outcome %s with %s makes the run %s, with its error', async (outcome, code, state) => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial);
  const runId = await order(trial, agentId);
  await trial.side.events.accept(agentId, eventsOf(runId, [started, ended(outcome, code)]));
  expect(await trial.services.runs.get(runId)).toMatchObject({ state, error: { code, step: 'deploy' } });
});

test('progress shows while the run is under way, for its own agent only', async () => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial, 'host-1');
  const stranger = await enrolAgent(trial, 'host-2');
  const runId = await order(trial, agentId);
  const progress = {
    runId,
    step: 'deploy',
    activity: 'copy disk 0',
    doneBytes: 50n,
    totalBytes: 100n,
    bytesPerSecond: 10n,
    secondsLeft: 5,
  };
  await trial.side.observer.progress(stranger, { ...progress, doneBytes: 99n });
  expect(await trial.services.runs.get(runId)).toMatchObject({ progress: null });
  await trial.side.observer.progress(agentId, progress);
  expect(await trial.services.runs.get(runId)).toMatchObject({ progress: { doneBytes: 50, secondsLeft: 5 } });
  await trial.side.events.accept(agentId, eventsOf(runId, [started, succeeded]));
  expect(await trial.services.runs.get(runId)).toMatchObject({ progress: null });
});

test("a rehearsal's picture is kept apart from its verdict, and only its own agent can replace it", async () => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial);
  const other = await enrolAgent(trial, 'host-2');
  const runId = await order(trial, agentId);
  const { events, services } = { ...trial.side, services: trial.services };
  await events.accept(agentId, eventsOf(runId, [started, rehearsed(png)]));
  await events.accept(other, eventsOf(runId, [rehearsed(Buffer.concat([png, png]))]));
  expect(await services.runs.get(runId)).toMatchObject({
    rehearsal: { verdict: 'passed', fidelity: 'exact', hasScreen: true },
  });
  expect(await services.runs.screen(runId)).toEqual(png);
  expect(JSON.stringify(await services.runs.events(runId, { after: 0, limit: 10 }))).not.toContain('PNG');
});

test.each([
  ['no PNG', Buffer.from('<svg onload="alert(1)"/>')],
  ['larger than any agent sends', Buffer.concat([png, Buffer.alloc(200 * 1024)])],
  ['not there', Buffer.alloc(0)],
])('a picture that is %s is not shown, and the verdict stands', async (_, screen) => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial);
  const runId = await order(trial, agentId);
  await trial.side.events.accept(agentId, eventsOf(runId, [started, rehearsed(screen)]));
  expect(await trial.services.runs.get(runId)).toMatchObject({
    rehearsal: { verdict: 'passed', hasScreen: false },
  });
  await expect(trial.services.runs.screen(runId)).rejects.toMatchObject({ code: 'not-found' });
});
