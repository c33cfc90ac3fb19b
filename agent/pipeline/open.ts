/** Opens the backup at a path as every verb does: with the folders that its platform's increments may lie in. */
import { openBackup, type BoundaryOf, type OpenBackup } from '../repositories/open.ts';
import type { Source } from '../sources/source.ts';

/** @throws backup.not-found, source.invalid */
export function openAt(location: string, sources: readonly Source[]): Promise<OpenBackup> {
  return openBackup(location, boundaryAmong(sources));
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
