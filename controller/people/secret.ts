import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits, base64url. */
export function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** The only form of a session's or token's secret that is stored. A plain hash does: there is nothing to guess. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
