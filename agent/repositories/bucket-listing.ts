/** The objects of a bucket below a prefix. */
import type { _Object as StoredObject } from '@aws-sdk/client-s3';
import { AscendError } from '../../proto/errors.ts';
import { warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { FileEntry } from './files.ts';
import { isPlainPath } from './plain-path.ts';

/** An object as a file of a backup. */
export interface ObjectEntry extends FileEntry {
  /** As the service gives it, quotes and all. */
  etag: string;
}

export interface ObjectListing {
  /** Sorted by path. */
  files: ObjectEntry[];
  findings: Finding[];
}

/** A page of the listing: what follows the token. */
export type ListPage = (
  token: string | undefined,
) => Promise<{ objects: readonly StoredObject[]; next: string | undefined }>;

// 40,000 backups of five objects. An entry is some 300 bytes: this many are 60 MB.
const MAX_OBJECTS = 200_000;
// A full page has 1000. A service that gives fewer is slow, one that gives none for ever is broken.
const MAX_PAGES = 2000;

/** @throws backup.invalid where there is more below the prefix than can be looked at. */
export async function listObjects(location: string, prefix: string, page: ListPage): Promise<ObjectListing> {
  const files: ObjectEntry[] = [];
  const findings: Finding[] = [];
  let token: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const { objects, next } = await page(token);
    for (const object of objects) {
      const entry = entryOf(object, prefix);
      if (entry === 'passed-over') findings.push(passedOver(object.Key ?? ''));
      else if (entry) files.push(entry);
    }
    if (files.length > MAX_OBJECTS) break;
    if (next === undefined) return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), findings };
    token = next;
  }
  throw new AscendError('backup.invalid', `${location} holds too many objects (${files.length} and more).`, {
    context: { location },
    hint: `Divide it into several repositories by "prefix": up to ${MAX_OBJECTS} objects each.`,
  });
}

function entryOf(object: StoredObject, prefix: string): ObjectEntry | 'passed-over' | undefined {
  const { Key: key = '', Size: size = 0, ETag: etag = '', LastModified: modifiedAt = new Date(0) } = object;
  const path = key.slice(prefix.length);
  // What consoles make to show an empty folder.
  if (path === '' || (path.endsWith('/') && size === 0)) return undefined;
  const isSound = key.startsWith(prefix) && isPlainPath(path) && Number.isSafeInteger(size) && size >= 0;
  if (!isSound || etag === '') return 'passed-over';
  return { path, sizeBytes: size, version: `${etag}:${size}`, modifiedAt, etag };
}

function passedOver(key: string): Finding {
  const subject = JSON.stringify(key.slice(0, 200));
  return warn(
    'backup.file-passed-over',
    subject,
    `${subject} has a name that no backup has and was passed over.`,
    'If the backup needs it, put it there under another name.',
  );
}
