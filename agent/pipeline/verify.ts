/** Whether a backup is, byte for byte, what was written when it was taken, and its disks are sound in themselves. */
import { createHash } from 'node:crypto';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { checkImages } from '../disks/check-image.ts';
import type { Exec } from '../exec.ts';
import { MANIFEST_NAME } from '../repositories/backup-set.ts';
import { expectedByManifest, expectedBySidecars } from '../repositories/expectations.ts';
import type { BackupFiles, FileEntry } from '../repositories/files.ts';
import { verify, type Verification } from '../repositories/integrity.ts';
import type { ProvenFiles } from '../repositories/prove-file.ts';
import type { Analysis } from './analyse.ts';

export interface VerifyContext {
  exec: Exec;
  signal: AbortSignal;
  /** Hears the bytes that were proven since the last call. */
  onBytes: (bytes: number) => void;
  /** What an earlier, interrupted verification has proven. */
  done?: ProvenFiles | undefined;
}

/** Reads every byte that there is a checksum for. @throws run.cancelled */
export async function verifyBackup(
  analysis: Analysis,
  files: BackupFiles,
  { exec, signal, onBytes, done }: VerifyContext,
): Promise<Verification> {
  const { expectations, findings } = await expected(analysis, files);
  const options = { signal, onBytes, ...(done && { done }) };
  const verification = await verify({ files, entries: analysis.files, expectations }, options);
  findings.push(...verification.findings);
  for (const chain of analysis.chains.values()) {
    findings.push(...(await checkImages(chain, { exec, signal, place: (path) => files.place(path) })));
  }
  return { ...verification, findings };
}

async function expected({ manifest, manifestPath, files: entries }: Analysis, files: BackupFiles) {
  if (!manifest || manifestPath === undefined) return expectedBySidecars(files, entries);
  const folder = manifestPath.slice(0, Math.max(0, manifestPath.length - MANIFEST_NAME.length - 1));
  return { expectations: expectedByManifest(manifest, folder), findings: [] as Finding[] };
}

/** What a verification will read at most. */
export function verifiedBytes({ files }: Analysis): bigint {
  return files.reduce((sum, { sizeBytes }) => sum + BigInt(sizeBytes), 0n);
}

/** Changes when any file does: lets a run that is taken up again trust what it has proven before. */
export function fingerprintOf({ manifest, files }: Analysis): string {
  const parts = files.map(({ path, version }: FileEntry) => `${path}:${version}`);
  return createHash('sha256')
    .update([manifest?.id ?? '', ...parts].join('\n'))
    .digest('hex');
}
