/** Where in a backup the files lie that a disk's header names, in any platform's spelling. Nothing leads out of it. */
import path from 'node:path';

export type Place =
  | { kind: 'at'; path: string }
  | { kind: 'outside'; name: string }
  | { kind: 'ambiguous'; paths: string[] }
  | { kind: 'unnamed' };

/**
 * As qemu reads it: `protocol:rest` and absolute names as they are, all else relative to the file that has the name.
 * `at` need not exist.
 */
export function locateExactly(from: string, name: string): Place {
  const joined = path.posix.join(path.posix.dirname(from), name);
  const climbs = joined === '..' || joined.startsWith('../');
  return climbs || path.posix.isAbsolute(name) || /^[^/]*:/.test(name)
    ? { kind: 'outside', name }
    : { kind: 'at', path: joined };
}

/**
 * By names that a platform wrote down for itself (`C:\VMs\base.vhdx`, `/vmfs/volumes/ds1/web01/web01.vmdk`): the file
 * of that name beside the child, else the only one of that name in the backup. `expected` decides between several.
 */
export function locateByHints(
  from: string,
  names: readonly string[],
  paths: readonly string[],
  expected: string | undefined,
): Place {
  const known = new Set(paths);
  for (const name of names) {
    const beside = locateExactly(from, slashed(name));
    if (beside.kind === 'at' && known.has(beside.path)) return beside;
  }
  for (const name of names.filter((candidate) => !isProtocol(candidate))) {
    const found = namedLike(slashed(name), path.posix.dirname(from), paths);
    if (expected !== undefined && found.includes(expected)) return { kind: 'at', path: expected };
    if (found.length > 1) return { kind: 'ambiguous', paths: found };
    if (found[0] !== undefined) return { kind: 'at', path: found[0] };
  }
  const [first] = names;
  if (first === undefined) return { kind: 'unnamed' };
  const places = names.map((name) => locateExactly(from, slashed(name)));
  return places.find(({ kind }) => kind === 'at') ?? { kind: 'outside', name: first };
}

/** Files of the same base name: those in the folder alone if there is one, and in another case only if none is exact. */
function namedLike(name: string, folder: string, paths: readonly string[]): string[] {
  const base = path.posix.basename(name);
  const same = paths.filter((candidate) => path.posix.basename(candidate) === base);
  const similar = same.length
    ? same
    : paths.filter((candidate) => path.posix.basename(candidate).toLowerCase() === base.toLowerCase());
  const beside = similar.filter((candidate) => path.posix.dirname(candidate) === folder);
  return beside.length === 1 ? beside : similar;
}

function slashed(name: string): string {
  return name.replaceAll('\\', '/');
}

/** `nbd://`, `json:`; one letter before the colon is a drive. */
function isProtocol(name: string): boolean {
  return /^[^/\\:]{2,}:/.test(name);
}
