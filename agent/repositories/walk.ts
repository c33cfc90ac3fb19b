/** Every file below a folder that may hold thousands of backups. */
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { AscendError } from '../../proto/errors.ts';
import type { FileEntry } from './files.ts';
import { isPlainPath } from './plain-path.ts';

export interface Walked {
  /** Sorted by path. */
  files: FileEntry[];
  /** Folders that could not be looked into: what lies below them is not known. */
  unreadable: string[];
}

// repository/site/machine/point, and in it what folder-files.ts takes for one backup.
const MAX_DEPTH = 10;
// 40,000 backups of five files. An entry is some 300 bytes: this many are 60 MB.
const MAX_FILES = 200_000;
// Node has four threads for the file system; more calls than that keep them, and a far server, busy.
const PARALLEL = 16;

/** @throws backup.not-found where the folder itself cannot be read; backup.invalid where it holds too many files */
export async function walkFolder(root: string, signal: AbortSignal): Promise<Walked> {
  const files: FileEntry[] = [];
  const unreadable: string[] = [];
  const pending = [''];
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await entriesOf(root, folder, unreadable)) {
      const file = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (!isPlainPath(file)) continue;
      if (entry.isDirectory() && depthOf(file) < MAX_DEPTH) pending.push(file);
      if (!entry.isFile()) continue;
      const found = await fileAt(root, file);
      if (found) files.push(found);
      if (files.length > MAX_FILES) throw tooMany(root);
    }
  };
  const work = new Set<Promise<void>>();
  while (pending.length > 0 || work.size > 0) {
    signal.throwIfAborted();
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const visiting = visit(next).finally(() => work.delete(visiting));
      work.add(visiting);
      if (work.size >= PARALLEL) break;
    }
    await Promise.race(work);
  }
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), unreadable };
}

async function entriesOf(root: string, folder: string, unreadable: string[]) {
  try {
    return await readdir(path.join(root, folder), { withFileTypes: true });
  } catch (cause) {
    if (folder === '') throw unreadableRoot(root, cause);
    // Deleted since its parent was read: that is known. Else its backups must not be taken for gone.
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') unreadable.push(folder);
    return [];
  }
}

async function fileAt(root: string, file: string): Promise<FileEntry | undefined> {
  const stat = await lstat(path.join(root, file)).catch(() => undefined);
  if (!stat?.isFile()) return undefined;
  const { size, mtimeMs, ino, mtime } = stat;
  return { path: file, sizeBytes: size, version: `${size}:${mtimeMs}:${ino}`, modifiedAt: mtime };
}

function depthOf(file: string): number {
  return file.split('/').length;
}

function unreadableRoot(root: string, cause: unknown): AscendError {
  return new AscendError('backup.not-found', `The repository ${root} cannot be read.`, {
    context: { folder: root },
    hint: 'Check that it is mounted, and that this agent may read it.',
    cause,
  });
}

function tooMany(root: string): AscendError {
  return new AscendError('backup.invalid', `The repository ${root} holds more than ${MAX_FILES} files.`, {
    context: { folder: root },
    hint: 'Name folders below it as repositories of their own.',
  });
}
