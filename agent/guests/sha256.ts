import { createHash } from 'node:crypto';

/** In hexadecimal digits, of a small file that is in memory. */
export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
