import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrations } from './migrations/index.ts';
import type { Tables } from './tables.ts';
import { openStore } from './open.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ascend-store-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test('the migrations make the schema of the committed dump', async () => {
  const file = join(dir, 'controller.db');
  await (await openStore(file)).destroy();
  const database = new Database(file, { readonly: true });
  const rows = database
    .prepare(
      `select sql from sqlite_master where sql is not null and name not like 'kysely%' order by type, name`,
    )
    .all() as { sql: string }[];
  database.close();
  const dump = rows.map(({ sql }) => `${sql.replaceAll(/\s+/g, ' ')};\n`).join('');
  // `npx vitest run controller/store -u` writes it anew.
  await expect(dump).toMatchFileSnapshot('schema.sql');
});

test('what was stored before rehearsals says the same after the migration', async () => {
  const file = join(dir, 'controller.db');
  const database = new Database(file);
  const before = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
  const provider = { getMigrations: () => Promise.resolve(migrations) };
  await new Migrator({ db: before, provider }).migrateTo('0002-catalog');
  database.exec(`
    insert into sites (id, name, created_at) values ('s', 'Berlin', '');
    insert into agents (id, site_id, name, host_findings, enrolled_at) values ('a', 's', 'host-1', '[]', '');
    insert into runs (id, agent_id, state, backup, target, options, fold, created_by, created_at, request_sha256)
      values ('r', 'a', 'succeeded', '{}', 'lab', '{"networks":{"LAN":"lab"},"start":true}', '{"steps":[]}', 'alice', '', '');
    insert into schedules (id, name, selector, target, options, occurs, time_zone, enabled, created_by, created_at)
      values ('w', 'weekly', '{}', '{}', '{"networks":{}}', '{}', 'UTC', 1, 'alice', '')`);
  await before.destroy();

  await using store = await openStore(file);
  const run = await store.selectFrom('runs').selectAll().executeTakeFirstOrThrow();
  expect(run.kind).toBe('restore');
  expect(JSON.parse(run.options)).toEqual({
    networks: { LAN: 'lab' },
    start: true,
    addresses: {},
    rehearse: false,
  });
  expect(JSON.parse(run.fold)).toEqual({ steps: [], rehearsal: null });
  const schedule = await store.selectFrom('schedules').selectAll().executeTakeFirstOrThrow();
  expect(schedule.kind).toBe('restore');
  expect(JSON.parse(schedule.options)).toEqual({ networks: {}, addresses: {}, rehearse: false });
  await expect(store.updateTable('runs').set({ kind: 'other' }).execute()).rejects.toThrow(/CHECK/);
});

test('migrations are numbered without gaps, in the order in which they are listed', () => {
  const numbers = Object.keys(migrations).map((name) => Number(/^(\d{4})-[a-z-]+$/.exec(name)?.[1]));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});

test('a database that is open waits for the disk and checks references', async () => {
  const file = join(dir, 'controller.db');
  await using store = await openStore(file);
  await expect(
    store.insertInto('repositories').values({ agent_id: 'nobody', name: 'nas', location: '/' }).execute(),
  ).rejects.toThrow(/FOREIGN KEY/);
  expect(await readFile(`${file}-wal`)).not.toHaveLength(0);
});

test('a database of a newer controller is refused, not touched', async () => {
  const file = join(dir, 'controller.db');
  await (await openStore(file)).destroy();
  const database = new Database(file);
  database
    .prepare(`insert into kysely_migration values ('9999-from-the-future', '2030-01-01T00:00:00.000Z')`)
    .run();
  database.close();
  await expect(openStore(file)).rejects.toMatchObject({ code: 'state.invalid', hint: /newer controller/ });
});

test('a file that is no database is refused', async () => {
  const file = join(dir, 'controller.db');
  await writeFile(file, 'not a database at all, but long enough to be looked at as one'.repeat(20));
  await expect(openStore(file)).rejects.toMatchObject({ code: 'state.invalid', context: { file } });
});
