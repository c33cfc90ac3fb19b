/** Whether every file of a backup is what its manifest says, byte for byte. */
import { createHash } from 'node:crypto';
import { block } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { OpenError, openRegularFile } from '../host/regular-file.ts';
import type { Manifest } from './backup-set.ts';
import { hashOf } from './hash.ts';

export interface IntegrityOptions {
  signal: AbortSignal;
  /** Hears the bytes that were read since the last call. */
  onBytes: (bytes: number) => void;
}

const REPLACE =
  'Copy this file again from where the backup came from; if it is the same there, use an earlier backup.';

/** Reads every file once. What is wrong becomes findings of severity block. @throws run.cancelled */
export async function verifyFiles(
  folder: string,
  manifest: Manifest,
  options: IntegrityOptions,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const expected of manifest.files) {
    const wrong = await verifyFile(folder, expected, options);
    if (wrong) findings.push(wrong);
  }
  return findings;
}

async function verifyFile(
  folder: string,
  expected: Manifest['files'][number],
  options: IntegrityOptions,
): Promise<Finding | undefined> {
  const { path } = expected;
  try {
    await using handle = await openRegularFile(folder, path);
    const { size } = await handle.stat();
    if (size !== expected.sizeBytes) {
      return broken(
        'backup.file-size',
        path,
        `${path} is ${size} bytes long; the manifest says ${expected.sizeBytes}.`,
      );
    }
    if ((await hashOf(handle, options)) === expected.sha256) return undefined;
    return broken(
      'backup.checksum',
      path,
      `${path} is not the file that was backed up: its SHA-256 differs from the manifest's.`,
    );
  } catch (error) {
    if (error instanceof OpenError)
      return broken('backup.file-unusable', path, `${path} is of no use: ${error.problem}.`);
    throw error;
  }
}

/** By hand, not by a stream with a signal: one that is aborted before its first read raises an error nobody can catch. */
/** Changes when any file does: lets a run that is taken up again trust what it has hashed before. */
export async function fingerprint(folder: string, manifest: Manifest): Promise<string> {
  const parts: string[] = [manifest.id];
  for (const { path } of manifest.files) {
    try {
      await using handle = await openRegularFile(folder, path);
      const { size, mtimeNs, ino } = await handle.stat({ bigint: true });
      parts.push(`${path}:${size}:${mtimeNs}:${ino}`);
    } catch {
      parts.push(`${path}:unusable`);
    }
  }
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}

function broken(code: string, subject: string, message: string): Finding {
  return block(code, subject, message, REPLACE);
}
