/** What the files of a backup should be: by its manifest, by checksums that lie beside them. */
import { warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { OpenError } from '../host/regular-file.ts';
import type { Manifest } from './backup-set.ts';
import type { BackupFiles, FileEntry } from './files.ts';
import { isSidecar, MAX_SIDECAR_BYTES, readSidecar, type Checksum } from './sidecar.ts';

export interface Expectation extends Checksum {
  /** Absent where only the checksum is known. */
  sizeBytes?: number;
  /** The file that says so, or undefined for the manifest of the backup set. */
  from?: string;
}

/** `folder`: where the manifest lies, relative to the backup's folder; "" for that itself. */
export function expectedByManifest(manifest: Manifest, folder = ''): Expectation[] {
  return manifest.files.map(({ path, sizeBytes, sha256 }) => ({
    path: folder === '' ? path : `${folder}/${path}`,
    sizeBytes,
    algorithm: 'sha256',
    digest: sha256,
  }));
}

/** Reads the sidecars among these files. */
export async function expectedBySidecars(
  files: Pick<BackupFiles, 'open'>,
  entries: readonly FileEntry[],
): Promise<{ expectations: Expectation[]; findings: Finding[] }> {
  const expectations: Expectation[] = [];
  const findings: Finding[] = [];
  for (const { path } of entries.filter((entry) => isSidecar(entry.path))) {
    try {
      await using reader = await files.open(path);
      // One byte more than may be, so that a longer one is refused and not cut.
      const sidecar = readSidecar(path, await reader.read(0, MAX_SIDECAR_BYTES + 1));
      expectations.push(...sidecar.checksums.map((checksum) => ({ ...checksum, from: path })));
      findings.push(...sidecar.findings);
    } catch (error) {
      if (!(error instanceof OpenError)) throw error;
      const message = `${path}, a list of checksums, is of no use: ${error.problem}.`;
      findings.push(
        warn('backup.checksums-unusable', path, message, 'Copy it again from where it came from.'),
      );
    }
  }
  return { expectations, findings };
}
