import { expect, test } from 'vitest';
import type { BackupEntry } from '../../proto/gen/ascend/v1/link.ts';
import { addCaller, enrolAgent, everything, startTrial, type Trial } from '../testing/start.ts';
import type { BackupPage } from './backup.ts';

function entry(machineName: string, day: number, more: Partial<BackupEntry> = {}): BackupEntry {
  return {
    ref: { repository: 'nas', path: `${machineName}/${day}`, backupId: `${machineName}-${day}` },
    platform: 'some-platform',
    machineName,
    capturedAt: new Date(Date.UTC(2027, 0, day)),
    parentId: '',
    storedBytes: BigInt(day),
    diskBytes: BigInt(100 - day),
    machine: undefined,
    findings: [],
    ...more,
  };
}

async function ask(trial: Trial, query: string): Promise<BackupPage> {
  const { headers } = await addCaller(trial, 'viewer', `v${Math.random().toString(36).slice(2)}`);
  const response = await trial.app.request(`/api/backups?${query}`, { headers });
  return (await response.json()) as BackupPage;
}

function names({ backups }: BackupPage): string[] {
  return backups.map(({ path }) => path);
}

test('a catalogue from scratch replaces the one before; what stays keeps its id', async () => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial);
  await trial.side.observer.catalog(agentId, everything([entry('web', 1), entry('web', 2)]));
  const before = await ask(trial, '');
  await trial.side.observer.catalog(
    agentId,
    everything([entry('web', 2, { storedBytes: 77n }), entry('web', 3)]),
  );
  const after = await ask(trial, '');
  expect(names(after)).toEqual(['web/3', 'web/2']);
  const [kept] = before.backups;
  expect(after.backups[1]).toMatchObject({ id: kept?.id, storedBytes: 77 });
});

test('changes are applied as they come; at the end of another lineage goes what it has not named', async () => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial);
  const { observer } = trial.side;
  const tell = (revision: bigint, whole: boolean, ...upserts: BackupEntry[]) =>
    observer.catalog(agentId, { position: { lineage: 'second', revision, whole }, upserts, removed: [] });
  await observer.catalog(agentId, everything([entry('web', 1), entry('web', 2), entry('web', 3)]));
  await tell(1n, false, entry('web', 2));
  expect(await observer.catalogPosition(agentId)).toEqual({ lineage: 'second', revision: 1n, whole: false });
  expect(names(await ask(trial, ''))).toEqual(['web/3', 'web/2', 'web/1']);
  await tell(2n, true, entry('web', 4));
  expect(names(await ask(trial, ''))).toEqual(['web/4', 'web/2']);
  const removed = [{ repository: 'nas', path: 'web/2', backupId: '' }];
  const position = { lineage: 'second', revision: 3n, whole: true };
  await observer.catalog(agentId, { position, upserts: [], removed });
  expect(names(await ask(trial, ''))).toEqual(['web/4']);
  expect(await observer.catalogPosition(agentId)).toEqual(position);
});

test('what no calendar and no number holds does not stop the rest', async () => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial);
  const odd = { capturedAt: new Date(NaN), filesModifiedAt: new Date(8.64e15), storedBytes: 2n ** 64n - 1n };
  await trial.side.observer.catalog(agentId, everything([entry('odd', 1, odd), entry('web', 2)]));
  const { backups } = await ask(trial, 'sort=machineName&order=asc');
  expect(backups).toMatchObject([
    { capturedAt: null, filesModifiedAt: null, storedBytes: Number.MAX_SAFE_INTEGER },
    { machineName: 'web' },
  ]);
});

test("agents do not touch each other's backups, and a revoked agent's are gone", async () => {
  await using trial = await startTrial();
  const one = await enrolAgent(trial, 'host-1');
  const other = await enrolAgent(trial, 'host-2');
  await trial.side.observer.catalog(one, everything([entry('web', 1)]));
  await trial.side.observer.catalog(other, everything([entry('web', 1)]));
  await trial.side.observer.catalog(one, everything([]));
  const left = await ask(trial, '');
  expect(left.backups.map(({ agentId }) => agentId)).toEqual([other]);
  await trial.services.agents.revoke(other);
  expect(await ask(trial, '')).toMatchObject({ total: 0 });
});

test('search wants every word, in any field and case, and takes % and _ as they are', async () => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial);
  await trial.side.observer.catalog(
    agentId,
    everything([entry('Web01', 1), entry('db_1', 2), entry('dbx1', 3)]),
  );
  expect(names(await ask(trial, 'search=WEB+nas'))).toEqual(['Web01/1']);
  expect(names(await ask(trial, 'search=db_1'))).toEqual(['db_1/2']);
  expect(names(await ask(trial, 'search=%25'))).toEqual([]);
  expect(names(await ask(trial, 'search=web+db'))).toEqual([]);
});

test('pages follow the order that was asked for', async () => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial);
  await trial.side.observer.catalog(agentId, everything([entry('a', 2), entry('b', 3), entry('c', 1)]));
  expect(names(await ask(trial, 'sort=machineName&order=asc&pageSize=2'))).toEqual(['a/2', 'b/3']);
  expect(names(await ask(trial, 'sort=machineName&order=asc&pageSize=2&page=2'))).toEqual(['c/1']);
  expect(names(await ask(trial, 'sort=diskBytes&order=desc'))).toEqual(['c/1', 'a/2', 'b/3']);
});

test('a backup that cannot be used says so, with its findings', async () => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial);
  const finding = {
    code: 'disk.missing',
    severity: 3 as const,
    subject: 'd',
    message: 'Missing.',
    remedy: 'Copy it.',
  };
  await trial.side.observer.catalog(agentId, everything([entry('web', 1, { findings: [finding] })]));
  const [backup] = (await ask(trial, '')).backups;
  expect(backup).toMatchObject({ usable: false });
  expect(await trial.services.catalog.get(backup!.id)).toMatchObject({
    findings: [{ code: 'disk.missing', severity: 'block' }],
  });
});
