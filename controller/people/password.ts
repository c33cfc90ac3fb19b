import { hash, verify } from '@node-rs/argon2';

// The library's defaults are argon2id, 19 MiB, t=2, p=1: the OWASP password storage cheat sheet's first choice.
export function hashPassword(password: string): Promise<string> {
  return hash(password);
}

export function verifyPassword(stored: string, password: string): Promise<boolean> {
  return verify(stored, password);
}

let decoy: Promise<string> | undefined;

/** Takes as long as a real check, so that the time of an answer does not tell which user names exist. */
export async function verifyNobody(password: string): Promise<false> {
  decoy ??= hashPassword('a password that nobody has');
  await verifyPassword(await decoy, password);
  return false;
}
