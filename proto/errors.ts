/**
 * The one error table. A code says what went wrong; the table says what follows from it on every surface.
 * Handle an error or throw it on with context; only a composition root logs it.
 */

/** Who can mend it: the caller's request, the backup's content, the target platform, the conversion host, or us. */
export type Fault = 'caller' | 'backup' | 'target' | 'host' | 'ascend';

interface Traits {
  readonly http: 400 | 401 | 403 | 404 | 409 | 410 | 422 | 429 | 500 | 502 | 503 | 507;
  /** A gRPC status code (grpc.github.io/grpc/core/md_doc_statuscodes.html). */
  readonly grpc: 1 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 13 | 14 | 16;
  /** 1 failed, 2 usage, 3 blocked by findings. */
  readonly exit: 1 | 2 | 3;
  readonly fault: Fault;
  readonly retry: 'never' | 'backoff';
}

const badRequest = { http: 400, grpc: 3, exit: 2, fault: 'caller', retry: 'never' } as const;
const notFound = { http: 404, grpc: 5, exit: 1, fault: 'caller', retry: 'never' } as const;
const conflict = { http: 409, grpc: 6, exit: 1, fault: 'caller', retry: 'never' } as const;
const denied = { http: 403, grpc: 7, exit: 1, fault: 'caller', retry: 'never' } as const;
const badBackup = { http: 422, grpc: 9, exit: 1, fault: 'backup', retry: 'never' } as const;
const targetFailed = { http: 502, grpc: 9, exit: 1, fault: 'target', retry: 'never' } as const;
const targetAway = { http: 503, grpc: 14, exit: 1, fault: 'target', retry: 'backoff' } as const;
const hostFailed = { http: 500, grpc: 13, exit: 1, fault: 'host', retry: 'never' } as const;

export const errorTable = {
  // requests
  'usage.invalid': badRequest,
  'config.invalid': { ...badRequest, fault: 'host' },
  'not-found': notFound,
  'already-exists': conflict,
  'state.conflict': conflict,
  'auth.required': { http: 401, grpc: 16, exit: 1, fault: 'caller', retry: 'never' },
  'auth.denied': denied,
  'auth.rate-limited': { http: 429, grpc: 8, exit: 1, fault: 'caller', retry: 'backoff' },

  // backups
  'backup.not-found': notFound,
  'backup.invalid': badBackup,
  'backup.changed': badBackup,
  'repository.unreachable': { ...targetAway, fault: 'host' },
  'repository.denied': { ...denied, fault: 'host' },
  'source.unknown': badBackup,
  'source.invalid': badBackup,
  'source.no-machine': badBackup,
  'disk.invalid': badBackup,
  'disk.read-failed': { ...badBackup, fault: 'host' },

  // guests
  'guest.session-failed': hostFailed,
  'guest.unsupported': badBackup,
  'guest.fix-failed': badBackup,

  // rehearsals
  'rehearsal.failed': badBackup,
  'rehearsal.unproven': badBackup,
  'evidence.invalid': badBackup,

  // targets
  'target.unreachable': targetAway,
  'target.rejected': targetFailed,
  'target.no-space': { ...targetFailed, http: 507, grpc: 8 },
  'target.name-taken': { ...conflict, fault: 'target' },
  'target.verify-failed': targetFailed,
  'health.not-proven': targetFailed,

  // runs
  'run.blocked': { http: 422, grpc: 9, exit: 3, fault: 'caller', retry: 'never' },
  'run.cancelled': { http: 409, grpc: 1, exit: 1, fault: 'caller', retry: 'never' },
  'run.busy': conflict,

  // the link
  'link.unreachable': { http: 503, grpc: 14, exit: 1, fault: 'host', retry: 'backoff' },
  'link.refused': denied,
  'enrol.token-invalid': { ...denied, exit: 2 },
  'enrol.token-expired': { http: 410, grpc: 7, exit: 1, fault: 'caller', retry: 'never' },
  'enrol.token-used': { http: 410, grpc: 7, exit: 1, fault: 'caller', retry: 'never' },
  'enrol.pin-mismatch': denied,
  'order.bad-signature': denied,
  'order.wrong-agent': denied,
  'order.expired': { http: 410, grpc: 7, exit: 1, fault: 'caller', retry: 'never' },
  'order.not-allowed': denied,
  'agent.offline': { http: 503, grpc: 14, exit: 1, fault: 'host', retry: 'backoff' },
  'agent.timeout': { http: 503, grpc: 4, exit: 1, fault: 'host', retry: 'backoff' },

  // the machine Ascend runs on
  'host.command-failed': hostFailed,
  'host.tool-missing': hostFailed,
  'host.no-space': { ...hostFailed, http: 507, grpc: 8 },
  'state.invalid': hostFailed,
  internal: { http: 500, grpc: 13, exit: 1, fault: 'ascend', retry: 'never' },
} as const satisfies Record<string, Traits>;

export type ErrorCode = keyof typeof errorTable;

/** Whether a code from the wire is one that this release knows. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}

export type ErrorContext = Readonly<Record<string, string | number | bigint | boolean | null | undefined>>;

/**
 * An error that says what (code and message), where (context) and what to do next (hint).
 * Never put a secret into any of them: they reach logs, events and screens.
 */
export class AscendError extends Error {
  readonly code: ErrorCode;
  readonly context: ErrorContext;
  readonly hint: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { context?: ErrorContext; hint?: string; cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'AscendError';
    this.code = code;
    this.context = options.context ?? {};
    this.hint = options.hint;
  }

  get traits(): Traits {
    return errorTable[this.code];
  }
}

/** Any thrown value as an AscendError; an unknown one becomes `internal` with the original as its cause. */
export function asAscendError(thrown: unknown): AscendError {
  if (thrown instanceof AscendError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AscendError('internal', message, { cause: thrown });
}

/** The JSON form that every surface shows: `{code, message, context, hint}`. */
export function errorJson(error: AscendError): {
  code: ErrorCode;
  message: string;
  context: Record<string, string | number | boolean | null>;
  hint: string | null;
} {
  const context: Record<string, string | number | boolean | null> = {};
  for (const [key, value] of Object.entries(error.context)) {
    if (value !== undefined) context[key] = typeof value === 'bigint' ? value.toString() : value;
  }
  return { code: error.code, message: error.message, context, hint: error.hint ?? null };
}
