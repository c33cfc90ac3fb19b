import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { asAscendError } from '../../proto/errors.ts';
import type { Audit } from '../audit/audit.ts';
import { remoteAddress } from './cookie.ts';
import type { ApiEnv } from './route.ts';

const unrecorded = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Every mutating call, however it ended, leaves an entry; sign-ins as well. A caller who is nobody leaves none, except
 * when signing in: otherwise anyone could fill the disk.
 */
export function audited(audit: Audit): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    await next();
    if (unrecorded.has(c.req.method)) return;
    // Unset where the call was refused before its route began.
    const { principal, subject = '', detail = '' } = c.var as Partial<ApiEnv['Variables']>;
    const signIn = c.req.path === '/api/sessions' && c.req.method === 'POST';
    if (!principal && !signIn) return;
    const error = c.error && asAscendError(c.error);
    if (!principal && error?.code === 'auth.rate-limited') return;
    const route = matchedRoutes(c).findLast((each) => each.method === c.req.method);
    await audit.record({
      actor: principal?.userName ?? subject,
      by: principal?.signedInBy ?? 'password',
      remote: remoteAddress(c),
      action: `${c.req.method} ${route?.path ?? c.req.path}`,
      subject,
      outcome: error?.code ?? 'done',
      detail,
    });
  };
}
