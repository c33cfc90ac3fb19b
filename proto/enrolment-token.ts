/** The text form of an enrolment token: `ascend-enrol.` and base64url JSON. The controller writes it, the agent reads it. */
import { z } from 'zod';
import { AscendError } from './errors.ts';

const prefix = 'ascend-enrol.';

export interface EnrolmentToken {
  /** "host:port" of the enrolment service. */
  readonly address: string;
  /** SHA-256 of the CA's SubjectPublicKeyInfo, base64url. */
  readonly pin: string;
  /** 256 random bits, base64url; good for one enrolment. */
  readonly secret: string;
}

const base64url256 = z.string().regex(/^[\w-]{43}$/);
const wire = z.strictObject({ a: z.string().regex(/^\S+:\d{1,5}$/), p: base64url256, s: base64url256 });

export function encodeToken({ address, pin, secret }: EnrolmentToken): string {
  return prefix + Buffer.from(JSON.stringify({ a: address, p: pin, s: secret })).toString('base64url');
}

/** @throws enrol.token-invalid; the message never repeats the text, which is a secret. */
export function decodeToken(text: string): EnrolmentToken {
  const trimmed = text.trim();
  const parsed = trimmed.startsWith(prefix)
    ? wire.safeParse(parseJson(trimmed.slice(prefix.length)))
    : undefined;
  if (!parsed?.success) {
    throw new AscendError(
      'enrol.token-invalid',
      'This is not an enrolment token, or part of it is missing.',
      {
        context: { length: trimmed.length },
        hint: `Copy the whole line that the controller showed; it starts with "${prefix}".`,
      },
    );
  }
  return { address: parsed.data.a, pin: parsed.data.p, secret: parsed.data.s };
}

function parseJson(base64url: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64url, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
