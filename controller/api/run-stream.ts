import type { Context } from 'hono';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import type { Feed } from '../feed.ts';
import { isFinal } from '../runs/run.ts';
import type { Runs } from '../runs/runs.ts';
import type { Access } from './access.ts';
import { keepAliveMs } from './feed-stream.ts';
import type { ApiEnv } from './route.ts';

const batch = 200;

/**
 * Streams a run: `event` for each durable event (id: its sequence), `state` whenever the run's summary has changed and
 * `progress` with the newest value. It reads what is new from the store each time it is woken, so a slow client
 * holds back nothing but itself, and a client that comes back loses nothing. Ends when the run is final.
 */
export function streamRun(
  c: Context<ApiEnv>,
  {
    runId,
    after,
    runs,
    feed,
    access,
  }: { runId: string; after: number; runs: Runs; feed: Feed; access: Access },
): Response {
  const { principal } = c.var;
  return streamSSE(c, async (stream) => {
    using watcher = feed.watch((change) => change.id === runId);
    // Else a client that has gone would hold the watcher, and the controller's end, until the next keep-alive.
    stream.onAbort(() => watcher[Symbol.dispose]());
    let sent = after;
    let state = '';
    let progressAt = '';
    while (!stream.aborted) {
      const run = await runs.summary(runId);
      sent = await sendEvents(stream, runs, runId, sent);
      const { progress, ...rest } = run;
      const now = JSON.stringify(rest);
      if (now !== state) await stream.writeSSE({ event: 'state', data: now });
      if (progress && progress.at !== progressAt) {
        await stream.writeSSE({ event: 'progress', data: JSON.stringify(progress) });
      }
      [state, progressAt] = [now, progress?.at ?? ''];
      if (isFinal(run.state)) return;
      if ((await watcher.next(keepAliveMs)).length > 0) continue;
      if (!(await access.stillHolds(principal))) return;
      await stream.write(': still here\n\n');
    }
  });
}

/** @returns the sequence of the last event sent. */
async function sendEvents(
  stream: SSEStreamingApi,
  runs: Runs,
  runId: string,
  after: number,
): Promise<number> {
  let sent = after;
  for (;;) {
    const { events, next } = await runs.events(runId, { after: sent, limit: batch });
    for (const event of events) {
      await stream.writeSSE({ event: 'event', id: String(event.sequence), data: JSON.stringify(event) });
      sent = event.sequence;
    }
    if (next === null) return sent;
  }
}
