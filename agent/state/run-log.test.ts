import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { openJournal } from './journal.ts';
import { Outbox } from './outbox.ts';
import { openRunLog, type EventBody } from './run-log.ts';

const step = (name: string): EventBody => ({ $case: 'stepStarted', value: { step: name } });

function open(database = new Database(':memory:'), withOutbox = true) {
  const heard: EventBody[] = [];
  const outbox = new Outbox(database);
  const log = openRunLog({
    database,
    journal: openJournal(database, 'run-1'),
    runId: 'run-1',
    outbox: withOutbox ? outbox : undefined,
    onEvent: (body) => void heard.push(body),
  });
  return { database, log, outbox, heard, sent: () => outbox.unacknowledged({ limit: 100 }) };
}

it('says an event once, however often it is said again, also by a later process', () => {
  const { database, log, heard, sent } = open();
  expect(log.once('step:analyse', step('analyse'))).toBe(true);
  expect(log.once('step:analyse', step('analyse'))).toBe(false);
  expect(heard).toHaveLength(1);
  const later = open(database);
  expect(later.log.once('step:analyse', step('analyse'))).toBe(false);
  expect(later.heard).toEqual([]);
  expect(sent()).toMatchObject([{ runId: 'run-1', sequence: 1n, body: step('analyse') }]);
});

it('does not say again what the controller has acknowledged', () => {
  const { log, outbox, sent } = open();
  log.once('a', step('a'));
  outbox.acknowledge(1n);
  log.once('a', step('a'));
  expect(sent()).toEqual([]);
});

it('takes back event and mark together with the transaction that it is said in', () => {
  const { database, log, sent } = open();
  const failing = database.transaction(() => {
    log.once('finished', step('x'));
    throw new Error('power cut');
  });
  expect(failing).toThrow('power cut');
  expect(sent()).toEqual([]);
  expect(log.once('finished', step('x'))).toBe(true);
  expect(sent()).toHaveLength(1);
});

it('sends nothing of a run that is nobody else’s business', () => {
  const { log, heard, sent } = open(undefined, false);
  expect(log.once('a', step('a'))).toBe(true);
  expect(log.once('a', step('a'))).toBe(false);
  expect([heard.length, sent().length]).toEqual([1, 0]);
});
