import { createRoute } from '@hono/zod-openapi';
import type { Feed } from '../feed.ts';
import type { Access } from './access.ts';
import { streamFeed } from './feed-stream.ts';
import { eventStream, newApi } from './route.ts';

const stream = createRoute({
  method: 'get',
  path: '/',
  operationId: 'streamEvents',
  summary:
    'Everything that changes: `agent`, `run`, `backups`, `schedule`, `site` say what to fetch anew ({id}); ' +
    '`progress` carries a RunProgress',
  responses: { 200: { description: 'A stream of changes', content: eventStream } },
});

export function eventsApi({ feed, access }: { feed: Feed; access: Access }) {
  return newApi().openapi(stream, (c) => streamFeed(c, { feed, access }));
}
