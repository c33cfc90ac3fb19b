/** Where a bucket is and how it is opened, as the administrator writes it down. */
import { z } from 'zod';
import { AscendError } from '../../proto/errors.ts';

export const bucketSchema = z.strictObject({
  // Letters, digits, dots, hyphens: S3, "Bucket naming rules". Others allow capitals and underscores.
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/, 'is no name of a bucket'),
  prefix: z.string().max(1024).default('').describe('Only what lies below it, e.g. "backups/site-a".'),
  endpoint: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Of an S3-compatible service; Amazon S3 without it.'),
  region: z.string().min(1).max(64).optional(),
  pathStyle: z
    .boolean()
    .optional()
    .describe('endpoint/bucket/key instead of bucket.endpoint/key; by default where an endpoint is given.'),
  caFile: z.string().startsWith('/').optional().describe("PEM of the endpoint's own certificate authority."),
  credentialsFile: z
    .string()
    .startsWith('/')
    .optional()
    .describe(
      'JSON {accessKeyId, secretAccessKey, sessionToken?}, mode 0600. Without it: what the AWS tools would use.',
    ),
});

export type BucketOptions = z.infer<typeof bucketSchema>;

/** `s3://bucket/prefix`, for people; `bucketOf` reads it. */
export function bucketUrl({ name, prefix }: Pick<BucketOptions, 'name' | 'prefix'>): string {
  return `s3://${name}/${prefix}`;
}

export function isBucketUrl(place: string): boolean {
  return place.startsWith('s3://');
}

/**
 * The bucket that `s3://bucket/prefix` names, opened as the configured one of that name is, where there is one.
 * @throws usage.invalid
 */
export function bucketOf(url: string, configured: readonly BucketOptions[] = []): BucketOptions {
  const [, name = '', prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(url) ?? [];
  const known = configured.find((bucket) => bucket.name === name);
  const parsed = bucketSchema.safeParse({ ...known, name, prefix });
  if (parsed.success) return parsed.data;
  throw new AscendError('usage.invalid', `${JSON.stringify(url)} names no bucket.`, {
    hint: 'Write s3://bucket/prefix.',
  });
}

/** A prefix as keys begin with it: empty, or with a slash at its end and none at its start. */
export function keyPrefix(prefix: string): string {
  const parts = prefix.split('/').filter(Boolean);
  return parts.length === 0 ? '' : `${parts.join('/')}/`;
}
