/** A bucket, or what lies below a prefix in it, as a repository. */
import path from 'node:path/posix';
import { AscendError } from '../../proto/errors.ts';
import { entriesBelow, entryAt, filesBelow } from './below.ts';
import { openBucket } from './bucket.ts';
import { bucketOf, bucketUrl, type BucketOptions } from './bucket-options.ts';
import type { BackupFiles, FileEntry } from './files.ts';
import { archiveOf, type BoundaryOf, type OpenBackup } from './open.ts';
import type { OpenRepository } from './repository.ts';

export async function openBucketRepository(
  options: BucketOptions,
  signal: AbortSignal,
): Promise<OpenRepository> {
  const bucket = await openBucket(options, signal);
  return {
    async walk() {
      const { files } = await bucket.list();
      return { files, unreadable: [] };
    },
    async open(place, boundaryOf) {
      const { files } = await bucket.list();
      const wanted = place === '.' ? '' : place;
      const backup = await openAmong(bucket, files, wanted, boundaryIn(wanted, boundaryOf));
      if (backup) return backup;
      throw notFound(options, wanted);
    },
    [Symbol.asyncDispose]: () => bucket[Symbol.asyncDispose](),
  };
}

/** What `s3://bucket/prefix` leads to: a backup, an archive or a file. @throws backup.not-found, usage.invalid */
export function openBucketUrl(
  url: string,
  configured: readonly BucketOptions[],
  boundaryOf: BoundaryOf,
  signal: AbortSignal,
): Promise<OpenBackup> {
  const { prefix, ...options } = bucketOf(url, configured);
  const place = path.join('/', prefix).slice(1).replace(/\/$/, '');
  return openInBucket({ ...options, prefix: '' }, place, boundaryOf, signal);
}

/** One backup of a bucket: no more than what lies around it is listed. @throws backup.not-found */
export async function openInBucket(
  options: BucketOptions,
  place: string,
  boundaryOf: BoundaryOf,
  signal: AbortSignal,
): Promise<OpenBackup> {
  const wanted = place === '.' ? '' : place;
  // A folder has objects below it; else it may be an object among those of the folder above.
  for (const base of new Set([boundaryIn(wanted, boundaryOf), above(wanted)])) {
    const bucket = await openBucket({ ...options, prefix: `${options.prefix}/${base}` }, signal);
    const { files } = await bucket.list();
    const backup = await openAmong(bucket, files, path.relative(`/${base}`, `/${wanted}`), '');
    if (backup) return withOwner(backup, bucket);
    await bucket[Symbol.asyncDispose]();
  }
  throw notFound(options, wanted);
}

/** @param boundary - "" or a folder that `place` lies in. */
async function openAmong(
  all: BackupFiles,
  files: readonly FileEntry[],
  place: string,
  boundary: string,
): Promise<OpenBackup | undefined> {
  if (entriesBelow(files, place).length > 0) {
    const own = filesBelow(all, boundary, files);
    return withOwner({ files: own, scope: path.relative(`/${boundary}`, `/${place}`) }, own);
  }
  const file = entryAt(files, place);
  if (!file) return undefined;
  const beside = filesBelow(all, above(place), files);
  const name = path.basename(place);
  const archive = await archiveOf(beside, name, file.version);
  return archive
    ? withOwner({ files: archive, scope: '' }, archive)
    : withOwner({ files: beside, scope: name }, beside);
}

function withOwner(
  { files, scope }: Pick<OpenBackup, 'files' | 'scope'>,
  owner: AsyncDisposable,
): OpenBackup {
  return { files, scope, [Symbol.asyncDispose]: () => owner[Symbol.asyncDispose]() };
}

/** Sources judge folders by absolute paths. */
function boundaryIn(place: string, boundaryOf: BoundaryOf): string {
  return boundaryOf(`/${place}`)?.slice(1) ?? place;
}

function above(place: string): string {
  return path.dirname(`/${place}`).slice(1);
}

function notFound(options: BucketOptions, place: string): AscendError {
  const url = bucketUrl({ ...options, prefix: path.join('/', options.prefix, place).slice(1) });
  return new AscendError('backup.not-found', `There is nothing at ${url}.`, {
    context: { bucket: options.name, path: place },
    hint: 'It may have been moved or deleted since it was listed: look at the list of backups again.',
  });
}
