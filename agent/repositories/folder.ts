/** A repository that is a folder: local, or a mount of NFS or SMB. */
import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { AscendError } from '../../proto/errors.ts';
import type { BackupRef } from '../../proto/gen/ascend/v1/run.ts';
import { MANIFEST_NAME } from './backup-set.ts';

export interface Repository {
  name: string;
  /** Absolute. */
  path: string;
}

// repository/site/machine/point: deeper trees are not backups of ours, and a link loop ends.
const MAX_DEPTH = 4;

/** Folders that hold a manifest, relative to the repository. A folder that cannot be read is passed over. */
export async function findBackups(repository: Repository): Promise<string[]> {
  const found: string[] = [];
  const walk = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(path.join(repository.path, folder), { withFileTypes: true }).catch(
      () => [],
    );
    if (entries.some((entry) => entry.isFile() && entry.name === MANIFEST_NAME)) found.push(folder || '.');
    else if (depth < MAX_DEPTH) {
      for (const entry of entries)
        if (entry.isDirectory()) await walk(path.posix.join(folder, entry.name), depth + 1);
    }
  };
  await walk('', 0);
  return found.sort();
}

/**
 * The folder of a backup that was named from afar. It must lie inside the repository, links resolved.
 * @throws not-found, backup.not-found, order.not-allowed
 */
export async function locateBackup(repositories: readonly Repository[], ref: BackupRef): Promise<string> {
  const repository = repositories.find(({ name }) => name === ref.repository);
  if (!repository) {
    throw new AscendError('not-found', `This agent has no repository named ${ref.repository}.`, {
      hint: `It has: ${repositories.map(({ name }) => name).join(', ') || 'none'}.`,
    });
  }
  const root = await realpath(repository.path).catch(() => repository.path);
  const folder = await realpath(path.join(root, ref.path)).catch((cause: unknown) => {
    throw new AscendError(
      'backup.not-found',
      `There is no backup at ${ref.path} in repository ${ref.repository}.`,
      {
        context: { repository: ref.repository, path: ref.path },
        hint: 'It may have been moved or deleted since it was listed: look at the list of backups again.',
        cause,
      },
    );
  });
  if (folder === root || folder.startsWith(path.join(root, path.sep))) return folder;
  throw new AscendError('order.not-allowed', `${ref.path} lies outside repository ${ref.repository}.`, {
    context: { repository: ref.repository, path: ref.path },
  });
}
