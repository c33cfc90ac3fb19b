/** Where in a repository backups may lie, by the names of its files alone: analysis decides what they are. */
import { MANIFEST_NAME } from './backup-set.ts';
import { rangeBelow } from './below.ts';
import type { FileEntry } from './files.ts';

export interface Candidate {
  /** Relative to the repository: a folder, "." for the repository itself, or an archive. */
  path: string;
  /** A backup set is listed even where it cannot be read; of other candidates many turn out to be no backup. */
  isBackupSet: boolean;
}

const ARCHIVE = /\.ova$/i;
const METADATA = /\.(vmx|ovf|vmcx|xml|json)$/i;
const DISK = /\.(qcow2|vmdk|vhdx?|avhdx?|raw|img)$/i;

interface Folder {
  hasMetadata: boolean;
  hasDisks: boolean;
  /** Its files alone show a backup. */
  isLayout: boolean;
}

/**
 * A folder with a manifest is a backup, and nothing within it is another. Without manifests: a folder that holds
 * metadata and disks, also where one lies in a folder below, or both in folders side by side; or one whose files alone
 * show a backup. Metadata without disks is a candidate where no other is above or below it: there it is an inventory.
 * @param files - sorted by path.
 * @param isLayout - for paths of files of one folder, relative to the repository.
 */
export function findCandidates(
  files: readonly FileEntry[],
  isLayout: (paths: readonly string[]) => boolean,
): Candidate[] {
  const sets = outermost(files.flatMap(({ path }) => (isManifest(path) ? [parentOf(path)] : [])));
  const others = outside(sets, files);
  const loose = looseFolders(foldersOf(others, isLayout), ancestorsOf(sets));
  const archives = others.filter(({ path }) => ARCHIVE.test(path));
  // By path: a bucket may hold an object and a "folder" of one name. The set counts most, then the archive.
  const found = new Map<string, Candidate>();
  for (const path of loose) found.set(path || '.', { path: path || '.', isBackupSet: false });
  for (const { path } of archives) found.set(path, { path, isBackupSet: false });
  for (const path of sets) found.set(path || '.', { path: path || '.', isBackupSet: true });
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isManifest(path: string): boolean {
  return (
    path.endsWith(MANIFEST_NAME) &&
    (path.length === MANIFEST_NAME.length || path.endsWith(`/${MANIFEST_NAME}`))
  );
}

/** Sorted as the files below them are. */
function outermost(folders: readonly string[]): string[] {
  const all = new Set(folders);
  return folders.filter((path) => !isBelow(path, all)).sort((a, b) => (`${a}/` < `${b}/` ? -1 : 1));
}

function outside(folders: readonly string[], files: readonly FileEntry[]): readonly FileEntry[] {
  if (folders[0] === '') return [];
  const left: FileEntry[] = [];
  let from = 0;
  for (const folder of folders) {
    const [start, end] = rangeBelow(files, folder);
    for (const file of files.slice(from, start)) left.push(file);
    from = end;
  }
  return left.concat(files.slice(from));
}

function foldersOf(files: readonly FileEntry[], isLayout: (paths: readonly string[]) => boolean) {
  const paths = Map.groupBy(files, ({ path }) => parentOf(path));
  const folders = new Map<string, Folder>();
  for (const [folder, own] of paths) {
    const names = own.map(({ path }) => path);
    const hasDisks = names.some((name) => DISK.test(name));
    folders.set(folder, {
      hasMetadata: names.some((name) => METADATA.test(name)),
      hasDisks,
      isLayout: hasDisks && isLayout(names),
    });
  }
  return folders;
}

/** @param taken - folders with backup sets below them. */
function looseFolders(folders: ReadonlyMap<string, Folder>, taken: ReadonlySet<string>): string[] {
  const aboveBareDisks = new Set(
    [...folders].flatMap(([path, { hasDisks, hasMetadata, isLayout }]) =>
      path !== '' && hasDisks && !hasMetadata && !isLayout ? [parentOf(path)] : [],
    ),
  );
  const whole = new Set<string>();
  const bare = new Set<string>();
  for (const [path, { hasMetadata, hasDisks, isLayout }] of folders) {
    if (!hasMetadata && !isLayout) continue;
    const above = parentOf(path);
    if (hasDisks || aboveBareDisks.has(path)) whole.add(path);
    else if (path !== '' && aboveBareDisks.has(above)) whole.add(above);
    else bare.add(path);
  }
  const found = new Set([...whole].filter((path) => !taken.has(path)));
  const holdsBackup = ancestorsOf(found);
  const alone = new Set(
    [...bare].filter(
      (path) => !taken.has(path) && !found.has(path) && !holdsBackup.has(path) && !isBelow(path, found),
    ),
  );
  return [...found, ...[...alone].filter((path) => !isBelow(path, alone))];
}

/** Whether one of the folders lies above. */
function isBelow(path: string, folders: ReadonlySet<string>): boolean {
  for (let above = path; above !== '';) {
    above = parentOf(above);
    if (folders.has(above)) return true;
  }
  return false;
}

function ancestorsOf(paths: Iterable<string>): Set<string> {
  const above = new Set<string>();
  for (const path of paths) {
    for (let folder = path; folder !== '';) {
      folder = parentOf(folder);
      above.add(folder);
    }
  }
  return above;
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}
