import type { DetailedError } from 'hono/client';

interface Said {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** An error as the API words it: what went wrong, and what to do next. */
export class Problem extends Error {
  readonly code: string;
  readonly hint: string | null;

  constructor({ code, message, hint }: Said, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Problem';
    this.code = code;
    this.hint = hint;
  }
}

/** What a refused request says; something between us and the controller may have answered in its place. */
export function asProblem(thrown: DetailedError): Problem {
  const detail = thrown.detail as { data?: { error?: Said } } | undefined;
  const said = detail?.data?.error;
  if (typeof said?.message === 'string') return new Problem(said, { cause: thrown });
  return new Problem(
    {
      code: `http.${thrown.statusCode ?? 'unknown'}`,
      message: `The answer is none of the controller's: ${thrown.message}.`,
      hint: 'If a proxy stands before the controller, see its log.',
    },
    { cause: thrown },
  );
}
