/** The files of a backup, or of many, in an S3-compatible bucket: listed, and read by range, without a download first. */
import type { S3Client } from '@aws-sdk/client-s3';
import type { Readable } from 'node:stream';
import { AscendError } from '../../proto/errors.ts';
import { entryAt } from './below.ts';
import { OpenError } from '../host/regular-file.ts';
import { connectBucket, type S3 } from './bucket-client.ts';
import { bucketFailure } from './bucket-failure.ts';
import { listObjects, type ListPage, type ObjectEntry, type ObjectListing } from './bucket-listing.ts';
import { bucketUrl, keyPrefix, type BucketOptions } from './bucket-options.ts';
import type { BackupFiles } from './files.ts';
import { readObject } from './object-reader.ts';

// The SDK repeats requests that fail, but not an answer that breaks off in its middle.
const BODY_ATTEMPTS = 3;

/** Reads with `bucketFailure`'s errors. What was listed is what is read: an object that changes later is an error. */
export async function openBucket(options: BucketOptions, signal: AbortSignal): Promise<BackupFiles> {
  const { s3, client } = await connectBucket(options);
  return new Bucket({ s3, client, options, signal });
}

interface BucketParts {
  s3: S3;
  client: S3Client;
  options: BucketOptions;
  signal: AbortSignal;
}

class Bucket implements BackupFiles {
  readonly location: string;
  readonly folder = undefined;
  readonly #parts: BucketParts;
  readonly #prefix: string;
  #listing: Promise<ObjectListing> | undefined;

  constructor(parts: BucketParts) {
    const { name, prefix } = parts.options;
    this.#parts = parts;
    this.#prefix = keyPrefix(prefix);
    this.location = bucketUrl({ name, prefix: this.#prefix.slice(0, -1) });
  }

  /** As it was the first time. */
  list(): Promise<ObjectListing> {
    this.#listing ??= listObjects(this.location, this.#prefix, this.#page);
    this.#listing.catch(() => (this.#listing = undefined));
    return this.#listing;
  }

  async open(path: string) {
    const { files } = await this.list();
    const entry = entryAt(files, path);
    if (!entry) throw new OpenError('missing', path);
    return readObject(entry.sizeBytes, (offset, length) => this.#read(entry, offset, length));
  }

  place(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#parts.client.destroy();
    return Promise.resolve();
  }

  readonly #page: ListPage = async (token) => {
    const { s3, client, options, signal } = this.#parts;
    try {
      const { Contents, IsTruncated, NextContinuationToken } = await client.send(
        new s3.ListObjectsV2Command({
          Bucket: options.name,
          Prefix: this.#prefix,
          ...(token !== undefined && { ContinuationToken: token }),
        }),
        { abortSignal: signal },
      );
      return {
        objects: Contents ?? [],
        next: IsTruncated === true ? NextContinuationToken : undefined,
      };
    } catch (thrown) {
      throw bucketFailure(thrown, options, signal);
    }
  };

  async #read(entry: ObjectEntry, offset: number, length: number): Promise<Buffer> {
    const { options, signal } = this.#parts;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.#ask(entry, offset, length);
        const bytes = await readBody(answer, length);
        if (bytes) return bytes;
        if (attempt === BODY_ATTEMPTS) throw new Error('the answer broke off');
      } catch (thrown) {
        throw bucketFailure(thrown, options, signal, this.#prefix + entry.path);
      }
      signal.throwIfAborted();
    }
  }

  async #ask({ path, etag, sizeBytes }: ObjectEntry, offset: number, length: number): Promise<Readable> {
    const { s3, client, options, signal } = this.#parts;
    const key = this.#prefix + path;
    const { Body, ETag, ContentRange } = await client.send(
      new s3.GetObjectCommand({
        Bucket: options.name,
        Key: key,
        Range: `bytes=${offset}-${offset + length - 1}`,
        IfMatch: etag,
      }),
      { abortSignal: signal },
    );
    const body = Body as Readable;
    const isAsked = ContentRange === `bytes ${offset}-${offset + length - 1}/${sizeBytes}`;
    if (ETag === etag && isAsked) return body;
    body.destroy();
    // Some services know no If-Match, or no ranges.
    if (ETag !== etag)
      throw bucketFailure(
        { name: 'PreconditionFailed', message: 'it has another ETag' },
        options,
        signal,
        key,
      );
    throw new AscendError(
      'backup.invalid',
      `${this.location}: the service does not give ranges of objects.`,
      {
        context: { key, asked: offset, got: ContentRange },
        hint: 'Copy the backup into a folder, and use that as the repository.',
      },
    );
  }
}

/** Undefined where the body broke off, or is longer than it may be. */
async function readBody(body: Readable, length: number): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (filled + chunk.length > length) return undefined;
      filled += chunk.copy(bytes, filled);
    }
  } catch {
    return undefined;
  }
  return filled === length ? bytes : undefined;
}
