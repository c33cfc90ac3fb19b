import { hc } from 'hono/client';
import { AscendError, isErrorCode } from '../../proto/errors.ts';
import type { AppType } from '../api/app.ts';
import type { Problem } from '../api/problem.ts';

export interface Connection {
  readonly server: string;
  readonly token: string;
  readonly signal: AbortSignal;
}

/** The REST API, typed by the controller's own routes. */
export function connect({ server, token, signal }: Connection) {
  const { api } = hc<AppType>(server, {
    headers: { authorization: `Bearer ${token}` },
    fetch: (input: string | URL | Request, init?: RequestInit) => send(input, { signal, ...init }),
  });
  return { api, server, token };
}

export type Client = ReturnType<typeof connect>;

/** @throws link.unreachable */
export async function send(input: string | URL | Request, init: RequestInit): Promise<Response> {
  try {
    return await fetch(input, init);
  } catch (cause) {
    if (init.signal?.aborted === true) throw new AscendError('run.cancelled', 'Stopped.', { cause });
    const reason =
      cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new AscendError('link.unreachable', `The controller cannot be reached: ${reason}.`, {
      context: { server: input instanceof Request ? input.url : String(input) },
      hint: 'Check the address, and that `ascend serve` runs there.',
      cause,
    });
  }
}

interface Answer<T> {
  readonly ok: boolean;
  readonly status: number;
  json(): Promise<T>;
}

/** The answer's document. @throws the controller's own error, as it said it. */
export async function answer<T>(pending: Promise<Answer<T>>): Promise<T> {
  const response = await pending;
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 ? (undefined as T) : response.json();
}

export async function problemOf(response: {
  status: number;
  json(): Promise<unknown>;
}): Promise<AscendError> {
  const problem = (await response.json().catch(() => undefined)) as Partial<Problem> | undefined;
  const error = problem?.error;
  if (!error) return new AscendError('internal', `The controller answered ${response.status}.`);
  const code = isErrorCode(error.code) ? error.code : 'internal';
  return new AscendError(code, error.message, { context: error.context, hint: error.hint ?? undefined });
}
