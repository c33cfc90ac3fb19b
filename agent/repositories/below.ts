/** Files of a sorted listing that lie below a folder, as they are or as a backup's own. */
import type { BackupFiles, FileEntry } from './files.ts';

/** @param folder - "" for all. */
export function entriesBelow(files: readonly FileEntry[], folder: string): readonly FileEntry[] {
  return folder === '' ? files : files.slice(...rangeBelow(files, folder));
}

/** By halving: a repository may hold 200,000 files and 10,000 backups. */
export function rangeBelow(files: readonly FileEntry[], folder: string): [start: number, end: number] {
  // "0" is the character after "/".
  return [firstFrom(files, `${folder}/`), firstFrom(files, `${folder}0`)];
}

export function entryAt<Entry extends FileEntry>(files: readonly Entry[], path: string): Entry | undefined {
  const entry = files[firstFrom(files, path)];
  return entry?.path === path ? entry : undefined;
}

function firstFrom(files: readonly FileEntry[], path: string): number {
  let low = 0;
  let high = files.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((files[middle]?.path ?? '') < path) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `all` stays open when this is closed. @param files - sorted, of the whole of `all`. */
export function filesBelow(all: BackupFiles, folder: string, files: readonly FileEntry[]): BackupFiles {
  const inside = folder === '' ? '' : `${folder}/`;
  const own = entriesBelow(files, folder).map((entry) => ({
    ...entry,
    path: entry.path.slice(inside.length),
  }));
  return {
    location: folder === '' ? all.location : `${all.location}/${folder}`,
    folder: undefined,
    list: () => Promise.resolve({ files: own, findings: [] }),
    open: (path) => all.open(inside + path),
    place: (path) => all.place(inside + path),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
