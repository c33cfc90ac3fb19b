import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Feed } from '../feed.ts';
import { RunEventPageSchema } from '../runs/run-event.ts';
import { RunPageSchema, RunQuerySchema, RunRequestSchema, RunSchema } from '../runs/run.ts';
import type { Runs } from '../runs/runs.ts';
import { needs, type Access } from './access.ts';
import { body, byId, eventStream, json, newApi } from './route.ts';
import { streamRun } from './run-stream.ts';

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listRuns',
  summary: 'Runs, the newest first',
  request: { query: RunQuerySchema },
  responses: { 200: json(RunPageSchema, 'A page of runs') },
});

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'createRun',
  summary: 'Restore or rehearse a backup. The same Idempotency-Key with the same request gives the same run',
  middleware: needs('operator'),
  request: {
    headers: z.object({ 'idempotency-key': z.string().min(1).max(200).optional() }),
    body: body(RunRequestSchema),
  },
  responses: { 200: json(RunSchema, 'Ordered before with this key'), 201: json(RunSchema, 'Ordered') },
});

const show = createRoute({
  method: 'get',
  path: '/{id}',
  operationId: 'getRun',
  summary: 'One run with its steps, findings and results',
  request: { params: byId },
  responses: { 200: json(RunSchema, 'The run') },
});

const cancel = createRoute({
  method: 'post',
  path: '/{id}/cancel',
  operationId: 'cancelRun',
  summary: 'Ask the agent to stop the run and to remove what it made',
  middleware: needs('operator'),
  request: { params: byId },
  responses: { 202: json(RunSchema, 'Asked; the run is final when its agent has cleaned up') },
});

const events = createRoute({
  method: 'get',
  path: '/{id}/events',
  operationId: 'listRunEvents',
  summary:
    'Events of a run in order. With "Accept: text/event-stream" a stream of `event` (its id is the sequence; ' +
    'resumes after Last-Event-ID), `progress` and `state`; it ends when the run is final',
  request: {
    params: byId,
    query: z.object({
      after: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(1000).default(500),
    }),
    headers: z.object({ 'last-event-id': z.coerce.number().int().min(0).optional() }),
  },
  responses: {
    200: {
      description: 'Events',
      content: { 'application/json': { schema: RunEventPageSchema }, ...eventStream },
    },
  },
});

const screen = createRoute({
  method: 'get',
  path: '/{id}/screen',
  operationId: 'getRunScreen',
  summary: "The last picture of the screen of a run's rehearsal",
  request: { params: byId },
  responses: {
    200: {
      description: 'The picture',
      content: { 'image/png': { schema: z.string().meta({ format: 'binary' }) } },
    },
  },
});

export function runsApi({ runs, feed, access }: { runs: Runs; feed: Feed; access: Access }) {
  return newApi()
    .openapi(list, async (c) => c.json(await runs.page(c.req.valid('query')), 200))
    .openapi(create, async (c) => {
      const { run, created } = await runs.create(c.req.valid('json'), {
        by: c.var.principal.userName,
        idempotencyKey: c.req.valid('header')['idempotency-key'],
      });
      c.set('subject', run.id);
      const what = run.kind === 'rehearsal' ? 'rehearsal of ' : '';
      c.set('detail', `${what}${run.backup.machineName} to ${run.agentName}/${run.target}`);
      return created ? c.json(run, 201) : c.json(run, 200);
    })
    .openapi(show, async (c) => c.json(await runs.get(c.req.valid('param').id), 200))
    .openapi(screen, async (c) => {
      const png = await runs.screen(c.req.valid('param').id);
      return c.body(new Uint8Array(png), 200, { 'content-type': 'image/png' });
    })
    .openapi(cancel, async (c) => {
      const { id } = c.req.valid('param');
      c.set('subject', id);
      return c.json(await runs.cancel(id), 202);
    })
    .openapi(events, async (c) => {
      const { id } = c.req.valid('param');
      const { after, limit } = c.req.valid('query');
      await runs.get(id);
      if (!c.req.header('accept')?.includes('text/event-stream')) {
        return c.json(await runs.events(id, { after, limit }), 200);
      }
      const from = c.req.valid('header')['last-event-id'] ?? after;
      return streamRun(c, { runId: id, after: from, runs, feed, access });
    });
}
