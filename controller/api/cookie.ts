import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { ApiEnv } from './route.ts';

const name = 'ascend';

/** Behind TLS the cookie carries the `__Host-` prefix, which binds it to this very host. */
function isSecure(c: Context<ApiEnv>): boolean {
  return new URL(c.req.url).protocol === 'https:';
}

export function sessionCookie(c: Context<ApiEnv>): string | undefined {
  return isSecure(c) ? getCookie(c, name, 'host') : getCookie(c, name);
}

export function setSessionCookie(c: Context<ApiEnv>, secret: string): void {
  const attributes = { path: '/', httpOnly: true, sameSite: 'Strict' } as const;
  if (isSecure(c)) setCookie(c, name, secret, { ...attributes, secure: true, prefix: 'host' });
  else setCookie(c, name, secret, attributes);
}

export function clearSessionCookie(c: Context<ApiEnv>): void {
  if (isSecure(c)) deleteCookie(c, name, { path: '/', secure: true, prefix: 'host' });
  else deleteCookie(c, name, { path: '/' });
}

/** The peer's address; empty where there is no socket. A forwarded-for header is not believed: anyone can send one. */
export function remoteAddress(c: Context<ApiEnv>): string {
  // Under app.request() the bindings are missing as a whole, whatever their type says.
  const bindings = c.env as ApiEnv['Bindings'] | undefined;
  return bindings?.incoming?.socket.remoteAddress ?? '';
}
