import Database from 'better-sqlite3';
import { sql } from 'kysely';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addCaller, startTrial, withJson } from '../testing/start.ts';

const entry = {
  actor: 'alice',
  by: 'session' as const,
  remote: '192.0.2.7',
  action: 'POST /api/runs',
  subject: 'run 1',
  outcome: 'done',
  detail: '',
};

test('entries can be neither changed nor deleted through the database', async () => {
  await using trial = await startTrial();
  await trial.services.audit.record(entry);
  await expect(sql`update audit set actor = 'bob'`.execute(trial.store)).rejects.toThrow(/append-only/);
  await expect(sql`delete from audit`.execute(trial.store)).rejects.toThrow(/append-only/);
  expect(await trial.services.audit.verify()).toEqual({ intact: true, entries: 1, brokenAt: null });
});

test('an edit of the file behind our back breaks the chain where it was made', async () => {
  await using trial = await startTrial();
  for (const subject of ['a', 'b', 'c']) await trial.services.audit.record({ ...entry, subject });
  const database = new Database(join(trial.dir, 'controller.db'));
  database.exec(`drop trigger audit_no_update; update audit set outcome = 'done!' where sequence = 2`);
  database.close();
  expect(await trial.services.audit.verify()).toEqual({ intact: false, entries: 1, brokenAt: 2 });
});

test('a removed entry breaks the chain', async () => {
  await using trial = await startTrial();
  for (const subject of ['a', 'b', 'c']) await trial.services.audit.record({ ...entry, subject });
  const database = new Database(join(trial.dir, 'controller.db'));
  database.exec(`drop trigger audit_no_delete; delete from audit where sequence = 2`);
  database.close();
  expect(await trial.services.audit.verify()).toMatchObject({ intact: false, brokenAt: 2 });
});

test('entries written at the same time form one chain', async () => {
  await using trial = await startTrial();
  await Promise.all(Array.from({ length: 20 }, () => trial.services.audit.record(entry)));
  expect(await trial.services.audit.verify()).toEqual({ intact: true, entries: 20, brokenAt: null });
});

test('a mutating call is recorded with who, what and how it ended, also when it is refused', async () => {
  await using trial = await startTrial();
  const admin = await addCaller(trial, 'admin');
  const viewer = await addCaller(trial, 'viewer');
  await trial.app.request('/api/sites', withJson('POST', { name: 'Berlin' }, admin.headers));
  await trial.app.request('/api/sites', withJson('POST', { name: 'Berlin' }, admin.headers));
  await trial.app.request('/api/sites', withJson('POST', { name: 'Bonn' }, viewer.headers));
  const { entries } = await trial.services.audit.page({ page: 1, pageSize: 10 });
  expect(
    entries.map(({ actor, by, action, subject, outcome }) => [actor, by, action, subject, outcome]),
  ).toEqual([
    ['a-viewer', 'token', 'POST /api/sites', '', 'auth.denied'],
    ['a-admin', 'token', 'POST /api/sites', 'Berlin', 'already-exists'],
    ['a-admin', 'token', 'POST /api/sites', 'Berlin', 'done'],
  ]);
});

test('sign-ins are recorded, right or wrong, and never with the password', async () => {
  await using trial = await startTrial();
  const { user, password } = await addCaller(trial, 'operator');
  const csrf = { 'x-ascend': '1' };
  await trial.app.request('/api/sessions', withJson('POST', { user: user.name, password: 'guess' }, csrf));
  await trial.app.request('/api/sessions', withJson('POST', { user: user.name, password }, csrf));
  const { entries } = await trial.services.audit.page({ page: 1, pageSize: 10 });
  expect(entries.map(({ actor, by, outcome }) => [actor, by, outcome])).toEqual([
    ['a-operator', 'password', 'done'],
    ['a-operator', 'password', 'auth.denied'],
  ]);
  expect(JSON.stringify(entries)).not.toContain(password);
});

test('reading and strangers leave no entries', async () => {
  await using trial = await startTrial();
  const viewer = await addCaller(trial, 'viewer');
  await trial.app.request('/api/runs', { headers: viewer.headers });
  await trial.app.request('/api/sites', withJson('POST', { name: 'Berlin' }));
  expect(await trial.services.audit.page({ page: 1, pageSize: 10 })).toMatchObject({ total: 0 });
});
