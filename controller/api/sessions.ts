import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Sessions } from '../people/sessions.ts';
import { MeSchema, UserNameSchema } from '../people/user.ts';
import { clearSessionCookie, remoteAddress, sessionCookie, setSessionCookie } from './cookie.ts';
import { body, json, newApi } from './route.ts';

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'signIn',
  summary: 'Sign in; sets the session cookie',
  security: [],
  request: { body: body(z.object({ user: UserNameSchema, password: z.string().min(1).max(1024) })) },
  responses: { 201: json(MeSchema, 'Signed in') },
});

const remove = createRoute({
  method: 'delete',
  path: '/',
  operationId: 'signOut',
  summary: 'Sign out; ends the session of the cookie',
  responses: { 204: { description: 'Signed out' } },
});

export function sessionsApi({ sessions }: { sessions: Sessions }) {
  return newApi()
    .openapi(create, async (c) => {
      const { user, password } = c.req.valid('json');
      const remote = remoteAddress(c);
      c.set('subject', user);
      const { secret, me } = await sessions.signIn({ user, password, remote });
      setSessionCookie(c, secret);
      return c.json(me, 201);
    })
    .openapi(remove, async (c) => {
      const secret = sessionCookie(c);
      if (secret !== undefined) await sessions.end(secret);
      clearSessionCookie(c);
      return c.body(null, 204);
    });
}
