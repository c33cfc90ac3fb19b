/** What lies in the repositories, as it was when it was last looked at, and which of it the controller has yet to hear. */
import { randomUUID } from 'node:crypto';
import { BackupEntry, type CatalogPosition, type CatalogUpdate } from '../../proto/gen/ascend/v1/link.ts';
import type { AgentDatabase } from './database.ts';

/** One place of a repository that was looked at. */
export interface Observation {
  repository: string;
  path: string;
  /** Of the files as they were: as long as it stays the same, so does the entry. */
  signature: string;
  /** Undefined where there is no backup. */
  entry: BackupEntry | undefined;
}

// A gone backup keeps its row, with neither signature nor entry, until the controller knows. What never was a backup
// has no revision. Each change takes a revision of its own, so that a batch may end anywhere.
const schema = `
  create table if not exists catalog (
    repository text not null,
    path text not null,
    signature text,
    entry blob,
    revision integer unique,
    unique (repository, path)
  ) strict;
  create table if not exists catalog_position (
    one integer primary key check (one = 1),
    lineage text not null,
    newest integer not null,
    confirmed integer not null,
    is_whole integer not null
  ) strict`;

// An entry is some 2 kB; gRPC refuses a message of more than 4 MB.
const BATCH_ENTRIES = 200;
const BATCH_BYTES = 1024 * 1024;

interface Row {
  repository: string;
  path: string;
  entry: Buffer | null;
  revision: number;
}

interface Position {
  lineage: string;
  newest: number;
  /** The controller holds everything up to here; what was gone by then is forgotten. */
  confirmed: number;
  /** Every repository has been looked through once. Before that, what is not here is not known to be gone. */
  is_whole: 0 | 1;
}

export class Catalog {
  readonly #database: AgentDatabase;
  readonly #listeners = new Set<() => void>();

  constructor(database: AgentDatabase) {
    this.#database = database;
    database.exec(schema);
    database.prepare('insert or ignore into catalog_position values (1, ?, 0, 0, 0)').run(randomUUID());
  }

  /** Path to signature. */
  known(repository: string): Map<string, string> {
    const rows = this.#database
      .prepare<[string], { path: string; signature: string }>(
        'select path, signature from catalog where repository = ? and signature is not null',
      )
      .all(repository);
    return new Map(rows.map(({ path, signature }) => [path, signature]));
  }

  /** Repositories that something is known of. */
  repositories(): string[] {
    return this.#database
      .prepare<[], string>('select distinct repository from catalog where signature is not null')
      .pluck()
      .all();
  }

  /** In one transaction; durable when it returns. */
  record(observations: readonly Observation[]): void {
    this.#change((next) => {
      const find = this.#database.prepare<
        [string, string],
        { entry: Buffer | null; revision: number | null }
      >('select entry, revision from catalog where repository = ? and path = ?');
      const put = this.#database.prepare(
        'insert into catalog (repository, path, signature, entry, revision) values (?, ?, ?, ?, ?) ' +
          'on conflict (repository, path) do update set ' +
          'signature = excluded.signature, entry = excluded.entry, revision = excluded.revision',
      );
      for (const { repository, path, signature, entry } of observations) {
        const before = find.get(repository, path);
        const encoded = entry && Buffer.from(BackupEntry.encode(entry).finish());
        const same = encoded ? before?.entry?.equals(encoded) : !before?.entry;
        const revision = same ? (before?.revision ?? null) : next();
        put.run(repository, path, signature, encoded ?? null, revision);
      }
    });
  }

  /** These places are not there any more. */
  forget(repository: string, paths: readonly string[]): void {
    this.#change((next) => {
      const where = 'where repository = ? and path = ?';
      const bury = this.#database.prepare(
        `update catalog set signature = null, entry = null, revision = ? ${where} and revision is not null`,
      );
      const remove = this.#database.prepare(`delete from catalog ${where} and revision is null`);
      for (const path of paths) {
        remove.run(repository, path);
        bury.run(next(), repository, path);
      }
    });
  }

  /** Every repository has been looked through. */
  complete(): void {
    const { changes } = this.#database
      .prepare('update catalog_position set is_whole = 1 where is_whole = 0')
      .run();
    if (changes > 0) this.#tell();
  }

  /**
   * Where to go on from what the controller holds. From scratch where it knows another lineage, or none; in another
   * lineage where it is ahead of us, or what was gone since then is forgotten here.
   */
  resume(held: CatalogPosition | undefined): CatalogPosition {
    const { lineage, newest, confirmed } = this.#position();
    if (held?.lineage === lineage && held.revision >= confirmed && held.revision <= newest) return held;
    const begun = held?.lineage === lineage ? randomUUID() : lineage;
    this.#database.prepare('update catalog_position set lineage = ?, confirmed = 0').run(begun);
    return { lineage: begun, revision: 0n, whole: false };
  }

  /** The next changes; no upserts and removals where there are none. */
  changesAfter({ lineage, revision }: CatalogPosition): CatalogUpdate {
    const whole = this.#position().is_whole === 1;
    const rows = this.#database
      .prepare<[bigint, number], Row>(
        'select repository, path, entry, revision from catalog where revision > ? order by revision limit ?',
      )
      .all(revision, BATCH_ENTRIES + 1);
    const position: CatalogPosition = { lineage, revision, whole };
    const changes: Pick<CatalogUpdate, 'upserts' | 'removed'> = { upserts: [], removed: [] };
    let bytes = 0;
    for (const [index, row] of rows.entries()) {
      bytes += row.entry?.length ?? 0;
      if (index === BATCH_ENTRIES || (index > 0 && bytes > BATCH_BYTES)) {
        position.whole = false;
        break;
      }
      if (row.entry) changes.upserts.push(BackupEntry.decode(row.entry));
      else changes.removed.push({ repository: row.repository, path: row.path, backupId: '' });
      position.revision = BigInt(row.revision);
    }
    return { position, ...changes };
  }

  /** The controller holds everything up to here. */
  confirm({ lineage, revision }: CatalogPosition): void {
    this.#database.transaction(() => {
      const { changes } = this.#database
        .prepare('update catalog_position set confirmed = max(confirmed, ?) where lineage = ?')
        .run(revision, lineage);
      if (changes === 0) return;
      this.#database.prepare('delete from catalog where signature is null and revision <= ?').run(revision);
      this.#database
        .prepare('update catalog set revision = null where entry is null and revision <= ?')
        .run(revision);
    })();
  }

  /** Calls back after each change. Dispose of it to stop. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #change(work: (nextRevision: () => number) => void): void {
    const before = this.#position().newest;
    const after = this.#database
      .transaction(() => {
        let { newest } = this.#position();
        work(() => ++newest);
        this.#database.prepare('update catalog_position set newest = ?').run(newest);
        return newest;
      })
      .immediate();
    if (after !== before) this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #position(): Position {
    const row = this.#database.prepare<[], Position>('select * from catalog_position').get();
    if (row) return row;
    throw new Error('The position of the catalogue is missing.');
  }
}
