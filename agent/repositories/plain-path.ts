/** Names of files as they may stand in a backup, whoever wrote them down: a manifest, an archive, a listing. */

// Windows takes a backslash for a separator, and control characters do not survive every file system.
const SEGMENT = String.raw`(?!\.{1,2}(?:/|$))[^/\\\x00-\x1f\x7f]+`;

/** Relative, forward slashes, no "." and "..", no control characters. */
export const PLAIN_PATH = new RegExp(`^${SEGMENT}(?:/${SEGMENT})*$`);

const MAX_LENGTH = 1024;

export function isPlainPath(name: string): boolean {
  return name.length <= MAX_LENGTH && PLAIN_PATH.test(name);
}
