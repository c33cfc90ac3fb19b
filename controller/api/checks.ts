import { createRoute } from '@hono/zod-openapi';
import { CheckRequestSchema, CheckSchema } from '../runs/check.ts';
import type { Checks } from '../runs/checks.ts';
import { needs } from './access.ts';
import { body, json, newApi } from './route.ts';

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'checkRestore',
  summary: 'What would this restore find? Asks the agent, changes nothing; 60 seconds at most',
  middleware: needs('operator'),
  request: { body: body(CheckRequestSchema) },
  responses: { 200: json(CheckSchema, 'The answer') },
});

export function checksApi({ checks }: { checks: Checks }) {
  return newApi().openapi(create, async (c) => {
    const request = c.req.valid('json');
    c.set('subject', request.backupId);
    const what = request.kind === 'rehearsal' ? 'rehearsal ' : '';
    c.set('detail', `${what}to ${request.target.agentId}/${request.target.name}`);
    return c.json(await checks.check(request), 200);
  });
}
