import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { PasswordSchema, RoleSchema, UserNameSchema, UserSchema } from '../people/user.ts';
import type { Users } from '../people/users.ts';
import { needs } from './access.ts';
import { body, byId, json, newApi } from './route.ts';

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listUsers',
  summary: 'All users',
  middleware: needs('admin'),
  responses: { 200: json(z.object({ users: z.array(UserSchema) }), 'Users by name') },
});

const add = createRoute({
  method: 'post',
  path: '/',
  operationId: 'addUser',
  summary: 'Add a user',
  middleware: needs('admin'),
  request: {
    body: body(
      z.object({
        name: UserNameSchema,
        role: RoleSchema,
        password: PasswordSchema,
        mustChangePassword: z.boolean().default(true),
      }),
    ),
  },
  responses: { 201: json(UserSchema, 'Added') },
});

const change = createRoute({
  method: 'patch',
  path: '/{id}',
  operationId: 'changeUser',
  summary: "Change a user's role, or set a new password for one who lost it",
  middleware: needs('admin'),
  request: {
    params: byId,
    body: body(z.object({ role: RoleSchema.optional(), password: PasswordSchema.optional() })),
  },
  responses: { 200: json(UserSchema, 'Changed') },
});

const remove = createRoute({
  method: 'delete',
  path: '/{id}',
  operationId: 'removeUser',
  summary: 'Remove a user with all sessions and API tokens',
  middleware: needs('admin'),
  request: { params: byId },
  responses: { 204: { description: 'Removed' } },
});

export function usersApi({ users }: { users: Users }) {
  return newApi()
    .openapi(list, async (c) => c.json({ users: await users.list() }, 200))
    .openapi(add, async (c) => {
      const request = c.req.valid('json');
      c.set('subject', request.name);
      c.set('detail', `role ${request.role}`);
      return c.json(await users.add(request), 201);
    })
    .openapi(change, async (c) => {
      const { role, password } = c.req.valid('json');
      const { id } = c.req.valid('param');
      c.set('subject', (await users.get(id)).name);
      c.set('detail', [role && `role ${role}`, password && 'new password'].filter(Boolean).join(', '));
      return c.json(await users.change(id, { role, password }), 200);
    })
    .openapi(remove, async (c) => {
      const { id } = c.req.valid('param');
      c.set('subject', (await users.get(id)).name);
      await users.remove(id);
      return c.body(null, 204);
    });
}
