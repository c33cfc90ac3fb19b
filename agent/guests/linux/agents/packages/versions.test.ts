import fc from 'fast-check';
import { execaSync } from 'execa';
import { expect, it } from 'vitest';
import { compareDebVersions } from './versions.ts';

/** Each is earlier than the next. */
const RISING = [
  ...[
    '1.0~rc1',
    '1.0',
    '1.0-1',
    '1.0-1+deb12u1',
    '1.0-1.1',
    '1.0-10',
    '1.0a-1',
    '1.0+dfsg-1',
    '1.0.1',
    '1.10',
  ],
  ...['20240101123456789012345678901', '1:0.1', '2:0'],
];

it('knows the later of two', () => {
  for (const [at, version] of RISING.entries()) {
    expect(compareDebVersions(version, version)).toBe(0);
    for (const later of RISING.slice(at + 1)) {
      expect(compareDebVersions(version, later), `${version} < ${later}`).toBeLessThan(0);
      expect(compareDebVersions(later, version), `${later} > ${version}`).toBeGreaterThan(0);
    }
  }
  expect(compareDebVersions('0:1.01-0', '1.1')).toBe(0);
});

const version = fc
  .array(fc.constantFrom('1', '0', '9', '12', '.', '~', '+', 'a', 'Z', 'deb'), { minLength: 0, maxLength: 6 })
  .chain((parts) => fc.constantFrom('', '1:', '2:').map((epoch) => `${epoch}1${parts.join('')}`))
  .chain((upstream) =>
    fc.constantFrom('', '-1', '-1+b2', '-0', '-~1').map((revision) => upstream + revision),
  );

it('says what dpkg says', () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      const order = compareDebVersions(a, b);
      const operator = order < 0 ? 'lt' : order > 0 ? 'gt' : 'eq';
      return execaSync('dpkg', ['--compare-versions', a, operator, b], { reject: false }).exitCode === 0;
    }),
    { numRuns: 150 },
  );
});
