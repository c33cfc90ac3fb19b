import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { ApiTokens } from '../people/api-tokens.ts';
import { ApiTokenSchema, NewApiTokenSchema, RoleSchema } from '../people/user.ts';
import { needs } from './access.ts';
import { body, byId, json, newApi } from './route.ts';

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listApiTokens',
  summary: "Your API tokens; an admin sees everybody's",
  responses: { 200: json(z.object({ apiTokens: z.array(ApiTokenSchema) }), 'API tokens') },
});

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'createApiToken',
  summary: 'Make an API token of yours; it is shown this once',
  middleware: needs('viewer'),
  request: {
    body: body(
      z.object({
        name: z.string().trim().min(1).max(100),
        /** At most your own, which is the default. */
        role: RoleSchema.optional(),
        days: z.number().int().min(1).max(365).default(90),
      }),
    ),
  },
  responses: { 201: json(NewApiTokenSchema, 'Made') },
});

const remove = createRoute({
  method: 'delete',
  path: '/{id}',
  operationId: 'removeApiToken',
  summary: "Revoke an API token of yours; an admin anybody's",
  middleware: needs('viewer'),
  request: { params: byId },
  responses: { 204: { description: 'Revoked' } },
});

export function apiTokensApi({ apiTokens }: { apiTokens: ApiTokens }) {
  return newApi()
    .openapi(list, async (c) => c.json({ apiTokens: await apiTokens.list(c.var.principal) }, 200))
    .openapi(create, async (c) => {
      const made = await apiTokens.create(c.var.principal, c.req.valid('json'));
      c.set('subject', made.id);
      c.set('detail', `${made.name}, role ${made.role}`);
      return c.json(made, 201);
    })
    .openapi(remove, async (c) => {
      const { id } = c.req.valid('param');
      c.set('subject', id);
      await apiTokens.remove(c.var.principal, id);
      return c.body(null, 204);
    });
}
