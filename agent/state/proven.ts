/**
 * Files that an unfinished verification has proven already, so that it goes on where it was interrupted. Forgotten when
 * it ends: the next one reads every byte again, for a disk can rot without any time stamp changing.
 */
import type { ProvenFiles } from '../repositories/prove-file.ts';
import type { AgentDatabase } from './database.ts';

export interface ProvenMemory extends ProvenFiles {
  /** The verification has ended. */
  forget(): void;
}

/** `scope`: what is being verified, e.g. a run or a place. */
export function openProven(database: AgentDatabase, scope: string): ProvenMemory {
  database.exec(`CREATE TABLE IF NOT EXISTS proven_files (
    scope TEXT NOT NULL, file TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (scope, file)
  ) STRICT, WITHOUT ROWID`);
  const select = database
    .prepare<[string, string], string>('SELECT digest FROM proven_files WHERE scope = ? AND file = ?')
    .pluck();
  const insert = database.prepare<[string, string, string]>(
    'INSERT OR REPLACE INTO proven_files VALUES (?, ?, ?)',
  );
  const clear = database.prepare<[string]>('DELETE FROM proven_files WHERE scope = ?');
  return {
    recall: (key) => select.get(scope, key),
    record: (key, digest) => void insert.run(scope, key, digest),
    forget: () => void clear.run(scope),
  };
}
