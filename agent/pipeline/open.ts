/** Opens the backup at a path as every verb does: with the folders that its platform's increments may lie in. */
import type { BucketOptions } from '../repositories/bucket-options.ts';
import { isBucketUrl } from '../repositories/bucket-options.ts';
import { openBackup, type BoundaryOf, type OpenBackup } from '../repositories/open.ts';
import type { Source } from '../sources/source.ts';

/** What it takes to reach a bucket. */
export interface Reach {
  /** As configured: how buckets are opened that a URL names. Read where one does. */
  buckets: () => Promise<readonly BucketOptions[]>;
  signal: AbortSignal;
}

/**
 * `location`: a path on this host, or `s3://bucket/prefix` within reach.
 * @throws backup.not-found, source.invalid, repository.unreachable, repository.denied
 */
export async function openAt(
  location: string,
  sources: readonly Source[],
  reach?: Reach,
): Promise<OpenBackup> {
  const boundaryOf = boundaryAmong(sources);
  if (!reach || !isBucketUrl(location)) return openBackup(location, boundaryOf);
  // The SDK for buckets takes 40 MB: it is loaded where one is named.
  const { openBucketUrl } = await import('../repositories/bucket-repository.ts');
  return openBucketUrl(location, await reach.buckets(), boundaryOf, reach.signal);
}

export function boundaryAmong(sources: readonly Source[]): BoundaryOf {
  return (folder) => {
    for (const source of sources) {
      const wider = source.boundary?.(folder);
      if (wider !== undefined) return wider;
    }
    return undefined;
  };
}
