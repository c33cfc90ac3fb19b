/** Enrolment tokens: made here, shown once, stored only as a hash. */
import { createHash, randomBytes } from 'node:crypto';
import { encodeToken } from '../../proto/enrolment-token.ts';

/**
 * A new one-time token.
 *
 * @param where.address - "host:port" of the enrolment service, as agents reach it.
 * @param where.pin - `Authority.pin`.
 * @returns `token` to show to a person once, and `secretHash` to store.
 */
export function makeToken(where: { address: string; pin: string }): { token: string; secretHash: string } {
  const secret = randomBytes(32).toString('base64url');
  return { token: encodeToken({ ...where, secret }), secretHash: hashSecret(secret) };
}

/** SHA-256, hexadecimal. A plain hash is enough: the secret has 256 random bits, there is nothing to guess. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
