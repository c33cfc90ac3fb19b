import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { expect, test } from 'vitest';
import { eventsOf, started, stepFinished, stepStarted, succeeded } from '../testing/run-events.ts';
import { plainOptions } from '../runs/run.ts';
import { addBackup, addCaller, enrolAgent, startTrial, type Caller, type Trial } from '../testing/start.ts';

const bodies = [started, stepStarted('analyse'), stepFinished('analyse'), succeeded];

async function running(trial: Trial) {
  const agentId = await enrolAgent(trial);
  const target = { agentId, name: 'lab' };
  const backupId = await addBackup(trial, agentId);
  const { run } = await trial.services.runs.create(
    { kind: 'restore', backupId, target, options: plainOptions },
    { by: 'alice' },
  );
  return { agentId, runId: run.id, caller: await addCaller(trial, 'viewer') };
}

/** Reads a stream of events; `until` says when to hang up. */
async function read(
  trial: Trial,
  path: string,
  { headers }: Caller,
  more: Record<string, string> = {},
  until: (seen: EventSourceMessage[]) => boolean = () => false,
): Promise<EventSourceMessage[]> {
  const response = await trial.app.request(path, {
    headers: { ...headers, accept: 'text/event-stream', ...more },
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const seen: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => seen.push(message) });
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) {
    parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
    if (until(seen)) break;
  }
  return seen;
}

function ids(seen: EventSourceMessage[]): (string | undefined)[] {
  return seen.filter(({ event }) => event === 'event').map(({ id }) => id);
}

test('a stream tells events as they come, the state as it changes, and ends with the run', async () => {
  await using trial = await startTrial();
  const { agentId, runId, caller } = await running(trial);
  const events = eventsOf(runId, bodies);
  await trial.side.events.accept(agentId, events.slice(0, 2));
  const reading = read(trial, `/api/runs/${runId}/events`, caller);
  await trial.side.observer.progress(agentId, {
    runId,
    step: 'analyse',
    activity: 'read headers',
    doneBytes: 1n,
    totalBytes: 2n,
    bytesPerSecond: 1n,
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await trial.side.events.accept(agentId, events.slice(2));
  const seen = await reading;
  expect(ids(seen)).toEqual(['1', '2', '3', '4']);
  const states = seen
    .filter(({ event }) => event === 'state')
    .map(({ data }) => (JSON.parse(data) as { state: string }).state);
  expect(states).toEqual(['running', 'succeeded']);
  expect(
    seen.filter(({ event }) => event === 'progress').map(({ data }) => JSON.parse(data) as unknown),
  ).toMatchObject([{ activity: 'read headers', doneBytes: 1 }]);
  expect(trial.side.feed.watchers).toBe(0);
});

test('a stream that is taken up again goes on after the last event, losing and repeating none', async () => {
  await using trial = await startTrial();
  const { agentId, runId, caller } = await running(trial);
  const path = `/api/runs/${runId}/events`;
  const events = eventsOf(runId, bodies);
  await trial.side.events.accept(agentId, events.slice(0, 2));
  const first = await read(trial, path, caller, {}, (seen) => ids(seen).length === 2);
  await trial.side.events.accept(agentId, events.slice(2));
  const second = await read(trial, path, caller, { 'last-event-id': '2' });
  expect([...ids(first), ...ids(second)]).toEqual(['1', '2', '3', '4']);
});

test('the same events come as pages of JSON', async () => {
  await using trial = await startTrial();
  const { agentId, runId, caller } = await running(trial);
  await trial.side.events.accept(agentId, eventsOf(runId, bodies));
  const page = async (query: string) => {
    const response = await trial.app.request(`/api/runs/${runId}/events?${query}`, {
      headers: caller.headers,
    });
    return (await response.json()) as { events: { sequence: number }[]; next: number | null };
  };
  const first = await page('limit=3');
  expect(first.events.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  expect(first.next).toBe(3);
  expect(await page('limit=3&after=3')).toMatchObject({
    events: [{ sequence: 4, kind: 'finished' }],
    next: null,
  });
});

test('a stream of a run that does not exist is an error, not a silence', async () => {
  await using trial = await startTrial();
  const { headers } = await addCaller(trial, 'viewer');
  const accept = { accept: 'text/event-stream' };
  const response = await trial.app.request('/api/runs/none/events', { headers: { ...headers, ...accept } });
  expect(response.status).toBe(404);
});

test('the stream of everything says what to fetch anew', async () => {
  await using trial = await startTrial();
  const { agentId, runId, caller } = await running(trial);
  const reading = read(trial, '/api/events', caller, {}, (seen) =>
    seen.some(({ event }) => event === 'agent'),
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  await trial.side.events.accept(agentId, eventsOf(runId, [started]));
  await addBackup(trial, agentId);
  await trial.side.observer.lost(agentId, undefined);
  const seen = await reading;
  expect(seen.map(({ event }) => event)).toEqual(['ready', 'run', 'backups', 'agent']);
  expect(JSON.parse(seen[1]!.data)).toEqual({ id: runId });
});
