/** What a bucket's answers mean. The names are those of the S3 API reference, "Error responses". */
import { AscendError, type ErrorCode } from '../../proto/errors.ts';
import { bucketUrl, type BucketOptions } from './bucket-options.ts';

interface Meaning {
  code: ErrorCode;
  why: string;
  hint: string;
}

const DENIED: Meaning = {
  code: 'repository.denied',
  why: 'does not let this agent in',
  hint: 'Check the credentials, and that they may list the bucket and read its objects (s3:ListBucket, s3:GetObject).',
};
const CHANGED: Meaning = {
  code: 'backup.changed',
  why: 'was changed or deleted while it was read',
  hint: 'Wait until what writes the backup has finished, then start again.',
};
const GONE: Meaning = {
  code: 'not-found',
  why: 'does not exist',
  hint: 'Check the name of the bucket and the endpoint.',
};
const AWAY: Meaning = {
  code: 'repository.unreachable',
  why: 'cannot be reached',
  hint: 'Check the endpoint, the network between it and this host, and its certificate ("caFile").',
};
const ELSEWHERE: Meaning = {
  code: 'config.invalid',
  why: 'lies in another region, or none is set',
  hint: 'Set "region" of the bucket in agent.json, or AWS_REGION.',
};
const ARCHIVED: Meaning = {
  code: 'backup.invalid',
  why: 'lies in an archive class of storage and cannot be read from there',
  hint: 'Have the object restored from the archive first.',
};

const BY_NAME: Readonly<Record<string, Meaning>> = {
  NoSuchBucket: GONE,
  NoSuchKey: CHANGED,
  PreconditionFailed: CHANGED,
  InvalidRange: CHANGED,
  InvalidObjectState: ARCHIVED,
  PermanentRedirect: ELSEWHERE,
  AuthorizationHeaderMalformed: ELSEWHERE,
  CredentialsProviderError: {
    ...DENIED,
    why: 'needs credentials, and there are none',
    hint: 'Name a "credentialsFile" in agent.json, or set AWS_PROFILE or the like for the agent.',
  },
};

const BY_STATUS: Readonly<Record<number, Meaning>> = {
  301: ELSEWHERE,
  401: DENIED,
  403: DENIED,
  404: CHANGED,
  412: CHANGED,
  416: CHANGED,
};

/** @param key - of the object that was read; none while listing. */
export function bucketFailure(
  thrown: unknown,
  bucket: BucketOptions,
  signal: AbortSignal,
  key?: string,
): AscendError {
  if (thrown instanceof AscendError) return thrown;
  if (signal.aborted) return new AscendError('run.cancelled', 'Stopped.', { cause: thrown });
  const { name, message, status } = described(thrown);
  const { code, why, hint } = meaningOf(name, message, status);
  const subject = key === undefined ? `The bucket ${bucket.name}` : bucketUrl({ ...bucket, prefix: key });
  return new AscendError(code, `${subject} ${why}: ${message || name}.`, {
    context: { bucket: bucket.name, endpoint: bucket.endpoint, key, status },
    hint,
    cause: thrown,
  });
}

function meaningOf(name: string, message: string, status: number | undefined): Meaning {
  if (Object.hasOwn(BY_NAME, name)) return BY_NAME[name] ?? AWAY;
  if (message.startsWith('Region is missing')) return ELSEWHERE;
  return BY_STATUS[status ?? 0] ?? AWAY;
}

function described(thrown: unknown): { name: string; message: string; status: number | undefined } {
  const { name, message, code, $metadata } = thrown as {
    name?: string;
    message?: string;
    code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const said = (message ?? '') || (code ?? '');
  // A server's words, which may be a page of HTML.
  const line = said.split('\n', 1)[0]?.slice(0, 300).replace(/\.$/, '') ?? '';
  return { name: name ?? 'error', message: line, status: $metadata?.httpStatusCode };
}
