import { chmod, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openDatabase } from './database.ts';

it('keeps every file of the state from others, even in a folder that all may read', async () => {
  const folder = await temporaryFolder('state');
  await chmod(folder, 0o755);
  const database = openDatabase(folder);
  database.exec('create table t (a)');
  const modes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(path.join(folder, name))).mode & 0o777),
  );
  expect(modes).toHaveLength(3);
  expect(modes.every((mode) => mode === 0o600)).toBe(true);
  database.close();
});

it('makes the folder for its owner alone', async () => {
  const folder = path.join(await temporaryFolder('state'), 'a/b');
  openDatabase(folder).close();
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

it('is durable at every commit', async () => {
  const database = openDatabase(await temporaryFolder('state'));
  expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(database.pragma('synchronous', { simple: true })).toBe(2);
  database.close();
});
