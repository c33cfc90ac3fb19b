import { describe, expect, test } from 'vitest';
import { bytes } from './bytes.ts';
import { ago, duration, elapsed } from './duration.ts';
import { dayAndTime, inUtc } from './when.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [1_567_000_000, '1.46 GiB'],
  [20 * 1024 ** 4, '20 TiB'],
])('%d bytes are %s', (count, text) => {
  expect(bytes(count)).toBe(text);
});

describe('durations', () => {
  test.each([
    [450, '450 ms'],
    [8740, '8.7 s'],
    [59_999, '59 s'],
    [252_000, '4 min 12 s'],
    [3_600_000, '1 h'],
    [93_600_000, '1 d 2 h'],
  ])('%d ms are %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  test('a growing span moves in whole seconds', () => {
    expect([elapsed(1999), elapsed(10_400), elapsed(-5)]).toEqual(['1 s', '10 s', '0 s']);
  });

  test('the past is told in its largest unit', () => {
    expect([ago(3000), ago(252_000), ago(90_000_000)]).toEqual(['just now', '4 min ago', '1 d ago']);
  });
});

test('UTC is named as such', () => {
  expect(inUtc('2027-01-01T02:03:04Z')).toBe('1 Jan 2027, 02:03:04 UTC');
});

test('the year is told where it is not the present one', () => {
  const at = '2027-06-15T12:00:00Z';
  expect(dayAndTime(at, new Date('2027-01-02T00:00:00Z'))).not.toContain('2027');
  expect(dayAndTime(at, new Date('2028-01-02T00:00:00Z'))).toContain('15 Jun 2027');
});
