import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  addBackup,
  addCaller,
  enrolAgent,
  everything,
  startTrial,
  withJson,
  type StillClock,
  type Trial,
} from '../testing/start.ts';
import { plainOptions } from '../runs/run.ts';
import { NewScheduleSchema, type NewSchedule } from './schedule.ts';

const minute = 60_000;
const noon = '2027-01-01T12:00:00.000Z';

beforeEach(() => {
  // Timers and Date only: the database answers in real time.
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    now: Date.parse(noon),
  });
});
afterEach(() => vi.useRealTimers());

/** Moves both clocks, then waits for what was begun. */
async function pass(clock: StillClock, ms: number): Promise<void> {
  clock.forward(ms);
  await vi.advanceTimersByTimeAsync(ms);
  for (let n = 0; n < 50; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function ready(trial: Trial) {
  const agentId = await enrolAgent(trial);
  const backupId = await addBackup(trial, agentId);
  const make = (change: Partial<NewSchedule>) =>
    trial.services.schedules.add(
      {
        name: 'nightly',
        kind: 'restore',
        selector: { kind: 'backup', backupId },
        target: { agentId, name: 'lab' },
        options: plainOptions,
        when: { kind: 'once', at: '2027-01-01T12:10:00.000Z' },
        timeZone: 'UTC',
        enabled: true,
        ...change,
      },
      'alice',
    );
  const runs = async () => (await trial.services.runs.page({ page: 1, pageSize: 50 })).runs;
  const audit = async () =>
    (await trial.services.audit.page({ page: 1, pageSize: 50 })).entries.filter(
      ({ actor }) => actor === 'schedule',
    );
  return { agentId, backupId, make, runs, audit };
}

test('a one-shot fires once, at its time', async () => {
  await using trial = await startTrial();
  const { make, runs, audit } = await ready(trial);
  const { id, nextAt } = await make({});
  expect(nextAt).toBe('2027-01-01T12:10:00.000Z');
  await pass(trial.clock, 9 * minute);
  expect(await runs()).toEqual([]);
  await pass(trial.clock, 1 * minute);
  const [run] = await runs();
  expect(run).toMatchObject({ createdBy: 'alice', scheduleId: id, backup: { machineName: 'web01' } });
  await pass(trial.clock, 60 * minute);
  expect(await runs()).toHaveLength(1);
  expect(await trial.services.schedules.get(id)).toMatchObject({
    lastRunId: run?.id,
    nextAt: null,
    lastProblem: null,
  });
  expect(await audit()).toMatchObject([{ action: 'schedule fired', subject: 'nightly', outcome: 'done' }]);
});

test('a cron expression fires each time it says, in its time zone', async () => {
  await using trial = await startTrial();
  const { make, runs } = await ready(trial);
  // 14:30 in Kolkata (UTC+5:30) is 09:00 UTC; the clock stands at 12:00 UTC, so the next one is tomorrow.
  const made = await make({ when: { kind: 'cron', expression: '30 14 * * *' }, timeZone: 'Asia/Kolkata' });
  expect(made.nextAt).toBe('2027-01-02T09:00:00.000Z');
  await make({ name: 'often', when: { kind: 'cron', expression: '*/5 * * * *' } });
  await pass(trial.clock, 5 * minute);
  await pass(trial.clock, 5 * minute);
  expect(await runs()).toHaveLength(2);
});

test('the newest usable backup of a machine is taken at the time of firing', async () => {
  await using trial = await startTrial();
  const { agentId, make, runs } = await ready(trial);
  await make({ selector: { kind: 'newest', machineName: 'web01' } });
  const entry = (path: string, day: number, block: boolean) => ({
    ref: { repository: 'nas', path, backupId: path },
    platform: 'some-platform',
    machineName: 'web01',
    capturedAt: new Date(Date.UTC(2027, 0, day)),
    parentId: '',
    storedBytes: 1n,
    diskBytes: 1n,
    machine: undefined,
    findings: block
      ? [{ code: 'disk.missing', severity: 3 as const, subject: 'disk', message: 'Missing.', remedy: '' }]
      : [],
  });
  const backups = [entry('old', 1, false), entry('newer', 2, false), entry('newest-but-broken', 3, true)];
  await trial.side.observer.catalog(agentId, everything(backups));
  await pass(trial.clock, 10 * minute);
  expect((await runs()).map(({ backup }) => backup.path)).toEqual(['newer']);
});

test('a schedule of rehearsals orders rehearsals', async () => {
  await using trial = await startTrial();
  const { agentId, make, runs } = await ready(trial);
  const { id } = await make({ kind: 'rehearsal' });
  expect(await trial.services.schedules.get(id)).toMatchObject({ kind: 'rehearsal' });
  await pass(trial.clock, 10 * minute);
  expect(await runs()).toMatchObject([{ kind: 'rehearsal', scheduleId: id }]);
  const [order] = await trial.side.orders.pending(agentId);
  expect(order?.action).toMatchObject({ $case: 'restore', value: { rehearsalOnly: true } });
});

test('a firing that can order nothing says why, on the schedule and in the audit log', async () => {
  await using trial = await startTrial();
  const { make, runs, audit } = await ready(trial);
  const { id } = await make({ selector: { kind: 'newest', machineName: 'db01' } });
  await pass(trial.clock, 10 * minute);
  expect(await runs()).toEqual([]);
  expect(await trial.services.schedules.get(id)).toMatchObject({
    lastProblem: 'There is no usable backup of "db01".',
  });
  expect(await audit()).toMatchObject([{ outcome: 'backup.not-found' }]);
});

test('a one-shot that was missed by less than an hour fires at the next start, once', async () => {
  await using before = await startTrial();
  const { make } = await ready(before);
  await make({});
  await before.stop();
  before.clock.forward(69 * minute);
  vi.setSystemTime(before.clock.now());

  await using after = await startTrial({ dir: before.dir, clock: before.clock });
  await after.services.schedules.start();
  const started = async () => (await after.services.runs.page({ page: 1, pageSize: 50 })).runs;
  expect(await started()).toHaveLength(1);
  await after.services.schedules.start();
  expect(await started()).toHaveLength(1);
});

test('a one-shot that was missed by more is marked, and the audit log says so', async () => {
  await using before = await startTrial();
  const { make } = await ready(before);
  const { id } = await make({});
  await before.stop();
  before.clock.forward(70 * minute);

  await using after = await startTrial({ dir: before.dir, clock: before.clock });
  await after.services.schedules.start();
  expect(await after.services.runs.page({ page: 1, pageSize: 50 })).toMatchObject({ total: 0 });
  expect(await after.services.schedules.get(id)).toMatchObject({ missedAt: after.clock.now().toISOString() });
  const { entries } = await after.services.audit.page({ page: 1, pageSize: 1 });
  expect(entries).toMatchObject([{ actor: 'schedule', action: 'schedule missed', subject: 'nightly' }]);
});

test('a controller that died between ordering and noting it does not order twice', async () => {
  await using before = await startTrial();
  const { make } = await ready(before);
  const { id } = await make({});
  await pass(before.clock, 10 * minute);
  await before.store.updateTable('schedules').set({ last_fired_at: null, last_run_id: null }).execute();
  await before.stop();

  await using after = await startTrial({ dir: before.dir, clock: before.clock });
  await after.services.schedules.start();
  const { runs } = await after.services.runs.page({ page: 1, pageSize: 50 });
  expect(runs).toHaveLength(1);
  expect(await after.services.schedules.get(id)).toMatchObject({ lastRunId: runs[0]?.id });
});

test('a disabled schedule stays quiet until it is enabled', async () => {
  await using trial = await startTrial();
  const { make, runs } = await ready(trial);
  const { id } = await make({ when: { kind: 'cron', expression: '*/5 * * * *' } });
  expect(await trial.services.schedules.setEnabled(id, false)).toMatchObject({ nextAt: null });
  await pass(trial.clock, 10 * minute);
  expect(await runs()).toEqual([]);
  await trial.services.schedules.setEnabled(id, true);
  await pass(trial.clock, 5 * minute);
  expect(await runs()).toHaveLength(1);
  await trial.services.schedules.remove(id);
  await pass(trial.clock, 5 * minute);
  expect(await runs()).toHaveLength(1);
});

test.each([
  [{ when: { kind: 'cron', expression: '* * * *' } }, /five fields/],
  [{ when: { kind: 'cron', expression: '*/5 * * * * *' } }, /five fields/],
  [{ when: { kind: 'cron', expression: '61 * * * *' } }, /five fields/],
  [{ when: { kind: 'once', at: 'tomorrow' } }, /datetime/],
  [{ timeZone: 'Europe/Atlantis' }, /time zone/],
])('%j is refused', (change, message) => {
  const request = {
    name: 'x',
    selector: { kind: 'newest', machineName: 'web01' },
    target: { agentId: 'a', name: 't' },
    when: { kind: 'once', at: '2027-01-01T12:10:00Z' },
  };
  const { error } = NewScheduleSchema.safeParse({ ...request, ...change });
  expect(error?.issues[0]?.message).toMatch(message);
});

test('a time that has passed and a target that is not there are refused', async () => {
  await using trial = await startTrial();
  const { agentId, backupId } = await ready(trial);
  const { headers } = await addCaller(trial, 'operator');
  const request = {
    name: 'x',
    selector: { kind: 'backup', backupId },
    target: { agentId, name: 'lab' },
    when: { kind: 'once', at: '2027-01-01T12:10:00Z' },
  };
  const post = async (change: object) =>
    (await trial.app.request('/api/schedules', withJson('POST', { ...request, ...change }, headers))).status;
  expect(await post({ when: { kind: 'once', at: '2027-01-01T11:00:00Z' } })).toBe(400);
  expect(await post({ target: { agentId, name: 'nowhere' } })).toBe(404);
  expect(await post({})).toBe(201);
  expect(await post({})).toBe(409);
});
