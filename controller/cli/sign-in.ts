/** Signing in with a name and a password, for the verbs that cannot have a token yet. */
import { problemOf, send } from './client.ts';

interface Credentials {
  readonly server: string;
  readonly user: string;
  readonly password: string;
  readonly signal: AbortSignal;
}

/** One session, ended when disposed. */
export interface PasswordSession extends AsyncDisposable {
  post(path: string, body: unknown): Promise<Response>;
}

/** @throws auth.denied, auth.rate-limited */
export async function signIn({ server, user, password, signal }: Credentials): Promise<PasswordSession> {
  const call = async (method: string, path: string, body: unknown, cookie: string): Promise<Response> => {
    const response = await send(`${server}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-ascend': '1', cookie },
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw await problemOf(response);
    return response;
  };
  const signedIn = await call('POST', '/api/sessions', { user, password }, '');
  const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  return {
    post: (path, body) => call('POST', path, body, cookie),
    async [Symbol.asyncDispose]() {
      await call('DELETE', '/api/sessions', undefined, cookie);
    },
  };
}
