/** Whether the files of a backup are, byte for byte, what was written when it was taken. */
import { createHash } from 'node:crypto';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { verifyFiles } from '../repositories/integrity.ts';
import type { Analysis } from './analyse.ts';

export interface VerifyHooks {
  signal: AbortSignal;
  onBytes: (bytes: number) => void;
}

export async function verifyBackup({ location, manifest }: Analysis, hooks: VerifyHooks): Promise<Finding[]> {
  return manifest ? verifyFiles(location, manifest, hooks) : [];
}

/** Changes when any file does: lets a run that is taken up again trust what it has hashed before. */
export function fingerprintOf({ manifest, files }: Analysis): string {
  const parts = files.map(({ path, version }) => `${path}:${version}`);
  return createHash('sha256')
    .update([manifest?.id ?? '', ...parts].join('\n'))
    .digest('hex');
}
