/** Nothing behind this is served to somebody unknown; a route that may be must be named in `publicRoutes`. */
import type { MiddlewareHandler } from 'hono';
import type { Context } from 'hono';
import { AscendError } from '../../proto/errors.ts';
import type { ApiTokens } from '../people/api-tokens.ts';
import type { Principal } from '../people/principal.ts';
import type { Sessions } from '../people/sessions.ts';
import { roleCovers, type Role } from '../people/user.ts';
import { sessionCookie } from './cookie.ts';
import type { ApiEnv } from './route.ts';

const publicRoutes = new Set(['POST /api/sessions', 'GET /api/openapi.json']);
// What a session may still do before its user has replaced the one-time password.
const beforePasswordChange = new Set(['GET /api/me', 'POST /api/me/password', 'DELETE /api/sessions']);
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface Access {
  readonly middleware: MiddlewareHandler<ApiEnv>;
  /** Whether a stream that was opened with these rights may go on. */
  stillHolds(principal: Principal): Promise<boolean>;
}

export function createAccess({ sessions, apiTokens }: { sessions: Sessions; apiTokens: ApiTokens }): Access {
  return {
    middleware: async (c, next) => {
      const route = `${c.req.method} ${c.req.path}`;
      const bearer = bearerToken(c);
      // Sign-in too: otherwise another site could sign a browser in as somebody else.
      if (bearer === undefined && !safeMethods.has(c.req.method)) refuseForeignOrigin(c);
      if (!publicRoutes.has(route)) {
        const principal = await authenticate(c, bearer);
        refuseBeforePasswordChange(principal, route);
        c.set('principal', principal);
      }
      await next();
    },
    stillHolds: async (principal) =>
      (principal.signedInBy === 'session'
        ? await sessions.findByHash(principal.credential)
        : await apiTokens.findById(principal.credential)) !== undefined,
  };

  async function authenticate(c: Context<ApiEnv>, bearer: string | undefined): Promise<Principal> {
    const cookie = sessionCookie(c);
    if (bearer !== undefined) {
      const principal = await apiTokens.find(bearer);
      if (principal) return principal;
    } else if (cookie !== undefined) {
      const principal = await sessions.find(cookie);
      if (principal) return principal;
    }
    throw new AscendError('auth.required', 'Sign in first.', {
      hint: 'Sign in on the console, or send an API token: "Authorization: Bearer asc_...". It may have expired.',
    });
  }
}

/** @throws auth.denied for a caller whose role does not cover this one. */
export function needs(role: Role): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const { principal } = c.var;
    if (!roleCovers(principal.role, role)) {
      throw new AscendError('auth.denied', `This needs the role "${role}"; yours is "${principal.role}".`, {
        context: { needs: role, has: principal.role },
        hint: 'Ask an admin.',
      });
    }
    await next();
  };
}

function bearerToken(c: Context<ApiEnv>): string | undefined {
  return /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
}

/**
 * A browser sends the cookie along with a request that another site makes. It cannot add a header of its own to such
 * a request without asking us first (CORS), which we never allow; nor can it forge Origin.
 */
function refuseForeignOrigin(c: Context<ApiEnv>): void {
  if (c.req.header('x-ascend') !== undefined) return;
  const origin = c.req.header('origin');
  if (origin !== undefined && origin === new URL(c.req.url).origin) return;
  throw new AscendError('auth.denied', 'The request does not come from the console.', {
    context: { origin },
    hint: 'Send the header "X-Ascend: 1", or use an API token.',
  });
}

function refuseBeforePasswordChange(principal: Principal, route: string): void {
  if (principal.signedInBy !== 'session' || !principal.mustChangePassword) return;
  if (beforePasswordChange.has(route)) return;
  throw new AscendError('auth.denied', 'Change the one-time password first.', {
    context: { mustChangePassword: true },
    hint: 'POST /api/me/password, or `ascend user passwd`.',
  });
}
