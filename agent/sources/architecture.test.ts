import { expect, it } from 'vitest';
import { architectureOf } from './architecture.ts';

it.each([
  ['amd64', 'x86_64'],
  ['X64', 'x86_64'],
  ['i386', 'i686'],
  ['arm64', 'aarch64'],
  ['ppc64le', 'ppc64le'],
  ['', undefined],
  ['constructor', 'constructor'],
])('spells %s as %s', (written, name) => {
  expect(architectureOf(written)).toBe(name);
});
