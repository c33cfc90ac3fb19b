/** What lies in the repositories, as the controller lists it: manifests and headers only, no disk is read. */
import path from 'node:path';
import { asAscendError } from '../../proto/errors.ts';
import { block } from '../../proto/finding.ts';
import type { BackupEntry, CatalogSnapshot } from '../../proto/gen/ascend/v1/link.ts';
import { analyse } from '../pipeline/analyse.ts';
import { findBackups, type Repository } from '../repositories/folder.ts';
import type { Source } from '../sources/source.ts';

export async function scanRepositories(
  repositories: readonly Repository[],
  sources: readonly Source[],
): Promise<CatalogSnapshot> {
  const backups: BackupEntry[] = [];
  for (const repository of repositories) {
    for (const folder of await findBackups(repository))
      backups.push(await entryOf(repository, folder, sources));
  }
  return { backups };
}

async function entryOf(
  repository: Repository,
  folder: string,
  sources: readonly Source[],
): Promise<BackupEntry> {
  try {
    const { manifest, machine, findings } = await analyse(path.join(repository.path, folder), sources);
    return {
      ref: { repository: repository.name, path: folder, backupId: manifest.id },
      platform: manifest.platform,
      machineName: machine?.name ?? manifest.machineName,
      capturedAt: new Date(manifest.capturedAt),
      parentId: manifest.parent?.id ?? '',
      storedBytes: sum(manifest.files.map(({ sizeBytes }) => sizeBytes)),
      diskBytes: sum(manifest.disks.map(({ sizeBytes }) => sizeBytes)),
      machine,
      findings,
    };
  } catch (thrown) {
    const { code, message, hint = '' } = asAscendError(thrown);
    const finding = block(code, folder, message, hint);
    const ref = { repository: repository.name, path: folder, backupId: '' };
    return {
      ref,
      platform: '',
      machineName: path.basename(folder),
      parentId: '',
      storedBytes: 0n,
      diskBytes: 0n,
      findings: [finding],
    };
  }
}

function sum(bytes: readonly number[]): bigint {
  return bytes.reduce((total, size) => total + BigInt(size), 0n);
}
