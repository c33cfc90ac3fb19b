import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { Logger } from 'pino';
import type { Metrics } from '../metrics.ts';
import type { ApiEnv } from './route.ts';

/** Gives every request an id, logs it once when it is answered (its path, never its query) and counts it. */
export function requestLog({ log, metrics }: { log: Logger; metrics: Metrics }): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const requestId = randomUUID();
    const started = performance.now();
    c.set('requestId', requestId);
    c.set('log', log.child({ requestId }));
    c.header('X-Request-Id', requestId);
    await next();
    const ms = performance.now() - started;
    const route = matchedRoutes(c).findLast((each) => each.method !== 'ALL')?.path ?? 'none';
    metrics.request({ method: c.req.method, route, status: c.res.status, seconds: ms / 1000 });
    c.var.log.info(
      { method: c.req.method, path: c.req.path, status: c.res.status, ms: Math.round(ms) },
      'request',
    );
  };
}
