import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { Outbox, type NewEvent } from './outbox.ts';

function event(step: string): NewEvent {
  return { runId: 'run-1', at: new Date(0), body: { $case: 'stepStarted', value: { step } } };
}

function open(database = new Database(':memory:')) {
  return { database, outbox: new Outbox(database) };
}

test('numbers events from 1 and gives them back in order', () => {
  const { outbox } = open();
  expect(['analyse', 'validate', 'convert'].map((step) => outbox.append(event(step)))).toEqual([1n, 2n, 3n]);
  expect(outbox.unacknowledged({ after: 1n, limit: 1 })).toEqual([{ ...event('validate'), sequence: 2n }]);
  expect(outbox.unacknowledged({ limit: 10 }).map(({ sequence }) => sequence)).toEqual([1n, 2n, 3n]);
});

test('forgets what is acknowledged, and never uses its number again, not even in a new process', () => {
  const { database, outbox } = open();
  outbox.append(event('analyse'));
  outbox.append(event('validate'));
  outbox.acknowledge(2n);
  expect(outbox.unacknowledged({ limit: 10 })).toEqual([]);
  expect(open(database).outbox.append(event('convert'))).toBe(3n);
});

test('an older acknowledgement takes nothing away that is newer', () => {
  const { outbox } = open();
  outbox.append(event('analyse'));
  outbox.append(event('validate'));
  outbox.acknowledge(1n);
  outbox.acknowledge(0n);
  expect(outbox.unacknowledged({ limit: 10 }).map(({ sequence }) => sequence)).toEqual([2n]);
});

test('goes on after what the controller holds, where that is ahead', () => {
  const { outbox } = open();
  outbox.append(event('analyse'));
  outbox.acknowledge(40n);
  expect(outbox.append(event('validate'))).toBe(41n);
});

test('an event of a transaction that is rolled back is never seen', () => {
  const { database, outbox } = open();
  const failing = database.transaction(() => {
    outbox.append(event('analyse'));
    throw new Error('rolled back');
  });
  expect(failing).toThrow('rolled back');
  expect(outbox.unacknowledged({ limit: 10 })).toEqual([]);
});

test('calls its listeners until they are disposed of', () => {
  const { outbox } = open();
  let calls = 0;
  const listening = outbox.onAppend(() => (calls += 1));
  outbox.append(event('analyse'));
  listening[Symbol.dispose]();
  outbox.append(event('validate'));
  expect(calls).toBe(1);
});
