/** The REST API, typed by the routes that serve it. */
import { DetailedError, hc, parseResponse, type ClientResponse } from 'hono/client';
import type { AppType } from '../../api/app.ts';
import { asProblem, Problem } from './problem.ts';

// The header proves to the controller that no other site makes this request (controller/api/access.ts).
export const { api } = hc<AppType>('/', { headers: { 'X-Ascend': '1' } });

/** The body of a successful answer. @throws Problem, whatever went wrong. */
export function answer<Response extends ClientResponse<unknown>>(
  pending: Promise<Response>,
): ReturnType<typeof parseResponse<Response>> {
  return parseResponse(pending).catch((thrown: unknown) => {
    throw thrown instanceof DetailedError ? asProblem(thrown) : unreachable(thrown);
  });
}

function unreachable(cause: unknown): Problem {
  return new Problem(
    {
      code: 'controller.unreachable',
      message: 'The controller cannot be reached.',
      hint: 'See that it runs and that your network reaches it. Runs go on without it.',
    },
    { cause },
  );
}
