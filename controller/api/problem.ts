import type { ErrorHandler, NotFoundHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { z } from 'zod';
import { AscendError, asAscendError, errorJson } from '../../proto/errors.ts';
import type { ApiEnv } from './route.ts';

/** Every answer that is not a success. `code` is stable; `hint` says what to do next. */
export const ProblemSchema = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      context: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
      hint: z.string().nullable(),
    }),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof ProblemSchema>;

export const onError: ErrorHandler<ApiEnv> = (thrown, c) => {
  const error = thrown instanceof HTTPException ? fromHttpException(thrown) : asAscendError(thrown);
  if (error.traits.fault === 'ascend') {
    c.var.log.error({ err: error }, 'request failed');
    const hidden = new AscendError('internal', 'Something went wrong inside the controller.', {
      context: { requestId: c.var.requestId },
      hint: "Look for this request id in the controller's log.",
    });
    return c.json({ error: errorJson(hidden) } satisfies Problem, 500);
  }
  const retryAfter = error.context.retryAfterSeconds;
  if (typeof retryAfter === 'number') c.header('Retry-After', String(retryAfter));
  return c.json({ error: errorJson(error) } satisfies Problem, error.traits.http);
};

export const onNotFound: NotFoundHandler<ApiEnv> = (c) => {
  const error = new AscendError('not-found', `There is nothing at ${c.req.path}.`, {
    hint: 'See /api/openapi.json for what there is.',
  });
  return c.json({ error: errorJson(error) } satisfies Problem, 404);
};

/** Hono's own refusals, such as a body that is not JSON or too large. */
function fromHttpException(exception: HTTPException): AscendError {
  return new AscendError('usage.invalid', exception.message, { cause: exception });
}
