import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test('doubles its ceiling from one second to one minute', () => {
  const ceilings = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failures) => backoffMs(failures, () => 1));
  expect(ceilings).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test('jitters over the whole range, and never spins', () => {
  expect(backoffMs(4, () => 0.5)).toBe(4000);
  expect(backoffMs(4, () => 0)).toBe(100);
});
