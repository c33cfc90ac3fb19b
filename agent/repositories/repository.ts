/** A place that holds backups: a folder (local, or a mount of NFS or SMB) or a bucket. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { AscendError } from '../../proto/errors.ts';
import type { BackupRef } from '../../proto/gen/ascend/v1/run.ts';
import { openBucketRepository, openInBucket } from './bucket-repository.ts';
import { bucketUrl, type BucketOptions } from './bucket-options.ts';
import { openBackup, type BoundaryOf, type OpenBackup } from './open.ts';
import { walkFolder, type Walked } from './walk.ts';

export type Repository = FolderRepository | BucketRepository;

interface FolderRepository {
  name: string;
  /** Absolute. */
  path: string;
}

interface BucketRepository {
  name: string;
  bucket: BucketOptions;
}

/** A repository while it is looked through. */
export interface OpenRepository extends AsyncDisposable {
  /** @throws backup.*, repository.* where it cannot be looked through. */
  walk(): Promise<Walked>;
  /** @param place - of a candidate of that walk. */
  open(place: string, boundaryOf: BoundaryOf): Promise<OpenBackup>;
}

/** For people. */
export function locationOf(repository: Repository): string {
  return 'path' in repository ? repository.path : bucketUrl(repository.bucket);
}

export async function openRepository(repository: Repository, signal: AbortSignal): Promise<OpenRepository> {
  if ('bucket' in repository) return openBucketRepository(repository.bucket, signal);
  return {
    walk: () => walkFolder(repository.path, signal),
    open: (place, boundaryOf) => openInFolder(repository, place, boundaryOf),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/**
 * A backup that was named from afar. It lies inside the repository, links resolved.
 * @throws not-found, backup.not-found, order.not-allowed
 */
export async function openOrdered(
  repositories: readonly Repository[],
  ref: Pick<BackupRef, 'repository' | 'path'>,
  boundaryOf: BoundaryOf,
  signal: AbortSignal,
): Promise<OpenBackup> {
  const repository = repositories.find(({ name }) => name === ref.repository);
  if (!repository) {
    throw new AscendError('not-found', `This agent has no repository named ${ref.repository}.`, {
      hint: `It has: ${repositories.map(({ name }) => name).join(', ') || 'none'}.`,
    });
  }
  if ('bucket' in repository) return openInBucket(repository.bucket, ref.path, boundaryOf, signal);
  return openInFolder(repository, ref.path, boundaryOf);
}

async function openInFolder(
  repository: FolderRepository,
  place: string,
  boundaryOf: BoundaryOf,
): Promise<OpenBackup> {
  const root = await realpath(repository.path).catch(() => repository.path);
  const found = await realpath(path.join(root, place)).catch((cause: unknown) => {
    throw new AscendError('backup.not-found', `There is no backup at ${place} in ${repository.name}.`, {
      context: { repository: repository.name, path: place },
      hint: 'It may have been moved or deleted since it was listed: look at the list of backups again.',
      cause,
    });
  });
  if (!isWithin(root, found)) {
    throw new AscendError('order.not-allowed', `${place} lies outside repository ${repository.name}.`, {
      context: { repository: repository.name, path: place },
    });
  }
  return openBackup(found, (folder) => {
    const wider = boundaryOf(folder);
    return wider !== undefined && isWithin(root, wider) ? wider : undefined;
  });
}

function isWithin(root: string, place: string): boolean {
  return place === root || place.startsWith(path.join(root, path.sep));
}
