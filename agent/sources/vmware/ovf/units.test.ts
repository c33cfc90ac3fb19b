import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytesIn } from './units.ts';

it.each([
  ['byte * 2^20', 1024n ** 2n],
  ['byte * 2 ^ 30', 1024n ** 3n],
  ['byte*1024*1024', 1024n ** 2n],
  ['Byte * 10^9', 10n ** 9n],
  ['byte', 1n],
  ['bytes', 1n],
  ['MegaBytes', 1024n ** 2n],
  ['GigaBytes', 1024n ** 3n],
  ['MB', 1024n ** 2n],
  [' byte * 2^40 ', 1024n ** 4n],
])('takes %j for its bytes', (unit, bytes) => {
  expect(bytesIn('3', unit)).toBe(3n * bytes);
});

it.each([
  '',
  'hertz * 10^6',
  'byte * ',
  'byte * 2^',
  'byte ^ 2',
  'byte / 8',
  'byte * -1',
  'constructor',
  '* 2^20',
])('does not guess what %j is', (unit) => {
  expect(bytesIn('1', unit)).toBeUndefined();
});

it.each(['-1', '1.5', '', '0x10', '1e3', undefined])('takes %j for no quantity', (quantity) => {
  expect(bytesIn(quantity, 'byte')).toBeUndefined();
});

it('gives nothing for what does not fit into 63 bits, however it is written', () => {
  expect(bytesIn('9223372036854775807', 'byte')).toBe(2n ** 63n - 1n);
  for (const unit of ['byte * 2^63', 'byte * 9^99', 'TB*1024*1024*1024', `byte${' * 9^99'.repeat(12)}`]) {
    expect(bytesIn('1', unit), unit).toBeUndefined();
  }
  expect(bytesIn('1', `byte${' * 2^1'.repeat(1_000_000)}`)).toBeUndefined();
});

it('gives a size that fits or nothing, for any text', () => {
  const pieces = fc.constantFrom('byte', 'MB', '*', '^', '2', '10', ' ', '99', '1024', '-', '/');
  const unit = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(unit, fc.bigInt({ min: 0n, max: 2n ** 65n }), (text, quantity) => {
      const bytes = bytesIn(String(quantity), text) ?? 0n;
      expect(bytes >= 0n && bytes < 2n ** 63n).toBe(true);
    }),
  );
});
