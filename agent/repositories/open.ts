/** Opens what a path leads to: the folder of a backup, an archive, or one file with those beside it. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { AscendError } from '../../proto/errors.ts';
import { isArchive, openArchive } from './archive-files.ts';
import type { BackupFiles } from './files.ts';
import { openFolder } from './folder-files.ts';

/** A backup's files, and which of them are meant. */
export interface OpenBackup extends AsyncDisposable {
  files: BackupFiles;
  /**
   * Path of what was asked for, relative to the files: a folder or a file; "" for all. Metadata is read there alone;
   * layers of disks may lie elsewhere among the files.
   */
  scope: string;
}

/** The folder that a backup in a folder (both absolute) may read from; undefined where that is the folder itself. */
export type BoundaryOf = (folder: string) => string | undefined;

// Disks lie beside the file that describes their machine, or in a folder beside it.
const BESIDE_DEPTH = 2;

/** @throws backup.not-found, source.invalid */
export async function openBackup(location: string, boundaryOf: BoundaryOf): Promise<OpenBackup> {
  const absolute = path.resolve(location);
  const found = await stat(absolute).catch((cause: unknown) => {
    throw new AscendError('backup.not-found', `There is nothing at ${location}.`, {
      context: { path: absolute },
      hint: 'Check the path, and that it is mounted.',
      cause,
    });
  });
  if (found.isDirectory()) {
    const boundary = boundaryOf(absolute) ?? absolute;
    return opened(await openFolder(boundary), path.relative(boundary, absolute));
  }
  const own = path.dirname(absolute);
  const boundary = boundaryOf(own) ?? own;
  const folder = await openFolder(boundary, BESIDE_DEPTH);
  const name = path.relative(boundary, absolute);
  const archive = await archiveOf(folder, name, `${found.size}:${found.mtimeMs}:${found.ino}`);
  return archive ? opened(archive, '') : opened(folder, name);
}

/** An archive among files as files of its own; undefined where the file is none. `version`: as of its FileEntry. */
export async function archiveOf(
  files: BackupFiles,
  name: string,
  version: string,
): Promise<BackupFiles | undefined> {
  const reader = await files.open(name);
  let taken = false;
  try {
    if (!(await isArchive(reader))) return undefined;
    const place = await files.place(name);
    const location = place?.file ?? `${files.location}/${name}`;
    const archive = await openArchive({ location, file: place?.file, reader, version });
    taken = true;
    return archive;
  } finally {
    if (!taken) await reader[Symbol.asyncDispose]();
  }
}

function opened(files: BackupFiles, scope: string): OpenBackup {
  return { files, scope, [Symbol.asyncDispose]: () => files[Symbol.asyncDispose]() };
}
