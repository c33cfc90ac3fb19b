/** What every route of the API is made of. */
import type { HttpBindings } from '@hono/node-server';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Logger } from 'pino';
import { z } from 'zod';
import { AscendError } from '../../proto/errors.ts';
import type { Principal } from '../people/principal.ts';

export interface ApiEnv {
  // Absent under app.request(), which has no socket.
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    log: Logger;
    /** Set behind the access check, that is, on every route but the public ones. */
    principal: Principal;
    /** What a mutating call was about, for the audit log. */
    subject: string;
    detail: string;
  };
}

/** An empty API whose requests are refused with `usage.invalid` where they do not fit their schema. */
export function newApi(): OpenAPIHono<ApiEnv> {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const issue = result.error.issues[0];
      const where = issue?.path.join('.') ?? '';
      throw new AscendError('usage.invalid', `${where || result.target}: ${issue?.message ?? 'invalid'}`, {
        context: { in: result.target, field: where },
        hint: 'See /api/openapi.json for the shape that this call takes.',
      });
    },
  });
}

export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

export function body<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } };
}

export const eventStream = { 'text/event-stream': { schema: z.string() } };

export const byId = z.object({ id: z.string().min(1) });
