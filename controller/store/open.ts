import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { AscendError } from '../../proto/errors.ts';
import { migrations } from './migrations/index.ts';
import type { Tables } from './tables.ts';

export type Store = Kysely<Tables>;

/**
 * Opens the controller's database, and brings it to the newest schema: each migration in a transaction of its own.
 *
 * @throws state.invalid when the file is no database of ours or was written by a newer controller.
 */
export async function openStore(file: string): Promise<Store> {
  let database: Database.Database | undefined;
  try {
    database = new Database(file);
    database.pragma('journal_mode = WAL');
    // What is answered to an agent or a person as durable must be: WAL with NORMAL may lose it when power fails.
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    database.pragma('busy_timeout = 5000');
    const store = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
    await migrate(store);
    return store;
  } catch (error) {
    database?.close();
    if (error instanceof AscendError) throw error;
    throw new AscendError('state.invalid', "The controller's database cannot be opened.", {
      context: { file },
      hint: 'Check the file and its folder: do they exist, are they writable, is it the right --data folder?',
      cause: error,
    });
  }
}

async function migrate(store: Store): Promise<void> {
  // The migrator itself refuses a database whose migrations are not a prefix of ours, in order.
  const provider = { getMigrations: () => Promise.resolve(inTransactions(migrations)) };
  const migrator = new Migrator({ db: store, provider });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const failed = results?.find((result) => result.status === 'Error')?.migrationName;
  throw new AscendError('state.invalid', "The controller's database cannot be brought to this version.", {
    context: { migration: failed },
    hint: 'It may have been written by a newer controller: start that one, or restore the database from a copy.',
    cause: error,
  });
}

// Kysely leaves SQLite's migrations outside transactions, although its DDL is transactional.
function inTransactions(all: Record<string, Migration>): Record<string, Migration> {
  const wrapped = Object.entries(all).map(([name, migration]): [string, Migration] => [
    name,
    { up: (db) => db.transaction().execute((transaction) => migration.up(transaction)) },
  ]);
  return Object.fromEntries(wrapped);
}
