/** The agent's one SQLite file. What a call here has written is on disk when it returns. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';

export type AgentDatabase = Database.Database;

/**
 * Opens `<stateDir>/agent.sqlite`, readable by its owner alone. Each room of state/ makes its own tables.
 * synchronous=FULL: the journal must survive a power cut, and it is written a few times a second at most.
 */
export function openDatabase(stateDir: string): AgentDatabase {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const file = path.join(stateDir, 'agent.sqlite');
  // The folder may have been made by somebody else, for all to read. SQLite's own files take the mode of this one.
  closeSync(openSync(file, 'a', 0o600));
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  // 10 s: `serve` and a command of the same agent write in turn; neither holds the lock for more than milliseconds.
  database.pragma('busy_timeout = 10000');
  return database;
}
