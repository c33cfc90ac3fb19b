import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Feed } from '../feed.ts';
import type { Access } from './access.ts';
import type { ApiEnv } from './route.ts';

// Below the 30 s after which common proxies give up on a silent connection.
export const keepAliveMs = 15_000;

/** Streams every change. It starts with `ready`: whoever fetched before that should fetch once more. */
export function streamFeed(c: Context<ApiEnv>, { feed, access }: { feed: Feed; access: Access }): Response {
  const { principal } = c.var;
  return streamSSE(c, async (stream) => {
    using watcher = feed.watch();
    // Else a client that has gone would hold the watcher, and the controller's end, until the next keep-alive.
    stream.onAbort(() => watcher[Symbol.dispose]());
    await stream.writeSSE({ event: 'ready', data: '{}' });
    while (!stream.aborted) {
      const changes = await watcher.next(keepAliveMs);
      for (const change of changes) {
        const data = change.topic === 'progress' ? change.progress : { id: change.id };
        await stream.writeSSE({ event: change.topic, data: JSON.stringify(data) });
      }
      if (changes.length > 0) continue;
      if (!(await access.stillHolds(principal))) return;
      await stream.write(': still here\n\n');
    }
  });
}
