import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { meOf } from '../people/principal.ts';
import type { Sessions } from '../people/sessions.ts';
import { MeSchema, PasswordSchema } from '../people/user.ts';
import { remoteAddress } from './cookie.ts';
import { body, json, newApi } from './route.ts';

const show = createRoute({
  method: 'get',
  path: '/',
  operationId: 'getMe',
  summary: 'Who am I, and what may I do?',
  responses: { 200: json(MeSchema, 'The caller') },
});

const password = createRoute({
  method: 'post',
  path: '/password',
  operationId: 'changePassword',
  summary: 'Change your own password; ends your other sessions',
  request: { body: body(z.object({ current: z.string().min(1).max(1024), next: PasswordSchema })) },
  responses: { 204: { description: 'Changed' } },
});

export function meApi({ sessions }: { sessions: Sessions }) {
  return newApi()
    .openapi(show, (c) => c.json(meOf(c.var.principal), 200))
    .openapi(password, async (c) => {
      const { current, next } = c.req.valid('json');
      c.set('subject', c.var.principal.userName);
      await sessions.changePassword(c.var.principal, { current, next, remote: remoteAddress(c) });
      return c.body(null, 204);
    });
}
