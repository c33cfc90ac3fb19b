import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { TargetSchema } from '../sites/agent.ts';
import type { Agents } from '../sites/agents.ts';
import { json, newApi } from './route.ts';

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listTargets',
  summary: 'All targets that agents advertise; one is addressed by its agent and its name',
  responses: { 200: json(z.object({ targets: z.array(TargetSchema) }), 'Targets by agent and name') },
});

export function targetsApi({ agents }: { agents: Agents }) {
  return newApi().openapi(list, async (c) => {
    const all = await agents.list();
    return c.json({ targets: all.flatMap((agent) => (agent.state === 'revoked' ? [] : agent.targets)) }, 200);
  });
}
