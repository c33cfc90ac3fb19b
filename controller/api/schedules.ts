import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { NewScheduleSchema, ScheduleSchema } from '../schedules/schedule.ts';
import type { Schedules } from '../schedules/schedules.ts';
import { needs } from './access.ts';
import { body, byId, json, newApi } from './route.ts';

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listSchedules',
  summary: 'All schedules',
  responses: { 200: json(z.object({ schedules: z.array(ScheduleSchema) }), 'Schedules by name') },
});

const add = createRoute({
  method: 'post',
  path: '/',
  operationId: 'addSchedule',
  summary: 'Restore or rehearse a backup, or the newest one of a machine, at set times or once',
  middleware: needs('operator'),
  request: { body: body(NewScheduleSchema) },
  responses: { 201: json(ScheduleSchema, 'Added') },
});

const show = createRoute({
  method: 'get',
  path: '/{id}',
  operationId: 'getSchedule',
  summary: 'One schedule',
  request: { params: byId },
  responses: { 200: json(ScheduleSchema, 'The schedule') },
});

const change = createRoute({
  method: 'patch',
  path: '/{id}',
  operationId: 'changeSchedule',
  summary: 'Enable or disable a schedule',
  middleware: needs('operator'),
  request: { params: byId, body: body(z.object({ enabled: z.boolean() })) },
  responses: { 200: json(ScheduleSchema, 'Changed') },
});

const remove = createRoute({
  method: 'delete',
  path: '/{id}',
  operationId: 'removeSchedule',
  summary: 'Remove a schedule; the runs it made stay',
  middleware: needs('operator'),
  request: { params: byId },
  responses: { 204: { description: 'Removed' } },
});

export function schedulesApi({ schedules }: { schedules: Schedules }) {
  return newApi()
    .openapi(list, async (c) => c.json({ schedules: await schedules.list() }, 200))
    .openapi(add, async (c) => {
      const request = c.req.valid('json');
      c.set('subject', request.name);
      const made = await schedules.add(request, c.var.principal.userName);
      c.set('detail', made.id);
      return c.json(made, 201);
    })
    .openapi(show, async (c) => c.json(await schedules.get(c.req.valid('param').id), 200))
    .openapi(change, async (c) => {
      const { id } = c.req.valid('param');
      const { enabled } = c.req.valid('json');
      c.set('subject', id);
      c.set('detail', enabled ? 'enabled' : 'disabled');
      return c.json(await schedules.setEnabled(id, enabled), 200);
    })
    .openapi(remove, async (c) => {
      const { id } = c.req.valid('param');
      c.set('subject', id);
      await schedules.remove(id);
      return c.body(null, 204);
    });
}
