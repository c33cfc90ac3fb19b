import { expect, test } from 'vitest';
import { uuidv7 } from './uuid.ts';

const shape = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

test('ids of one millisecond sort in the order in which they were made', () => {
  const now = new Date('2027-06-01T00:00:00Z');
  const ids = Array.from({ length: 10_000 }, () => uuidv7(now));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(shape);
});

test('ids go on rising when the clock steps back', () => {
  const before = uuidv7(new Date('2027-07-01T00:00:00Z'));
  expect(uuidv7(new Date('2027-06-30T00:00:00Z')) > before).toBe(true);
});

test('an id tells when it was made', () => {
  const now = new Date('2028-01-01T00:00:00Z');
  expect(Number.parseInt(uuidv7(now).replaceAll('-', '').slice(0, 12), 16)).toBe(now.getTime());
});
