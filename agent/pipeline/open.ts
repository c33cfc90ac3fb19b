/** Opens the backup at a path as every verb does: with the folders that its platform's increments may lie in. */
import { openBackup, type OpenBackup } from '../repositories/open.ts';
import type { Source } from '../sources/source.ts';

/** @throws backup.not-found, source.invalid */
export function openAt(location: string, sources: readonly Source[]): Promise<OpenBackup> {
  return openBackup(location, (folder) => {
    for (const source of sources) {
      const wider = source.boundary?.(folder);
      if (wider !== undefined) return wider;
    }
    return undefined;
  });
}
