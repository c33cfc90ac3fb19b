import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { AgentSchema } from '../sites/agent.ts';
import type { Agents } from '../sites/agents.ts';
import { needs } from './access.ts';
import { byId, json, newApi } from './route.ts';

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listAgents',
  summary: 'All agents, with what they advertise',
  responses: { 200: json(z.object({ agents: z.array(AgentSchema) }), 'Agents by name') },
});

const show = createRoute({
  method: 'get',
  path: '/{id}',
  operationId: 'getAgent',
  summary: 'One agent',
  request: { params: byId },
  responses: { 200: json(AgentSchema, 'The agent') },
});

const revoke = createRoute({
  method: 'delete',
  path: '/{id}',
  operationId: 'revokeAgent',
  summary: 'Revoke an agent for good: the link refuses its certificate from now on',
  middleware: needs('admin'),
  request: { params: byId },
  responses: { 200: json(AgentSchema, 'Revoked') },
});

export function agentsApi({ agents }: { agents: Agents }) {
  return newApi()
    .openapi(list, async (c) => c.json({ agents: await agents.list() }, 200))
    .openapi(show, async (c) => c.json(await agents.get(c.req.valid('param').id), 200))
    .openapi(revoke, async (c) => {
      const { id } = c.req.valid('param');
      c.set('subject', id);
      return c.json(await agents.revoke(id), 200);
    });
}
