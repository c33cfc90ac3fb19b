import { expect, it } from 'vitest';
import { choose } from './choose.ts';
import { parseNeeds, parseProvisions } from './control.ts';
import { parseStatus } from './installed.ts';
import type { Package } from './package.ts';

const paragraph = (name: string, version: string, more = '', status = 'install ok installed') =>
  `Package: ${name}\nStatus: ${status}\nArchitecture: amd64\nVersion: ${version}\n${more}`;

/** Debian 12, with a package that was removed and one that stands for another. */
const guest = parseStatus(
  [
    paragraph('dpkg', '1.21.22'),
    paragraph('libc6', '2.36-9+deb12u9', 'Depends: libgcc-s1\nDescription: C\n long text: with a colon\n'),
    paragraph('libglib2.0-0', '2.74.6-2'),
    paragraph('old', '9', '', 'deinstall ok config-files'),
    paragraph('mawk', '1.3', 'Provides: awk, editor (= 3)\n'),
  ].join('\n\n'),
)!;

function deb(name: string, version: string, needs = '', more: Partial<Package> = {}): Package {
  const file = `${name}_${version}.deb`;
  return { file, name, version, arch: 'amd64', needs: parseNeeds(needs), provides: [], ...more };
}

const chosen = (...supplied: Package[]) => choose(({ name }) => name === 'agent', supplied, guest);

it('takes the agent with what the guest lacks of its needs, and nothing besides', () => {
  const agent = deb('agent', '1:7.2', 'libc6 (>= 2.34), liburing2 (>= 2.3), awk');
  const uring = deb('liburing2', '2.3-3', 'libc6, libnuma1');
  const numa = deb('libnuma1', '2.0.16', 'liburing2');
  expect(chosen(deb('other', '1'), numa, uring, agent)).toEqual({
    kind: 'chosen',
    packages: [agent, uring, numa],
  });
});

it('takes the latest that this release has everything for', () => {
  const bookworm = deb('agent', '1:7.2', 'libc6 (>= 2.34)');
  const bullseye = deb('agent', '1:5.2', 'libc6 (>= 2.30)');
  const trixie = deb('agent', '1:10.0', 'libc6 (>= 2.38)');
  expect(chosen(bullseye, trixie, bookworm)).toEqual({ kind: 'chosen', packages: [bookworm] });
});

it('replaces no package of the guest', () => {
  const trixie = deb('agent', '1:10.0', 'libc6 (>= 2.38)');
  const missing = ['libc6 (>= 2.38)'];
  expect(chosen(trixie, deb('libc6', '2.41'))).toEqual({ kind: 'incomplete', nearest: trixie, missing });
});

it.each([
  ['a package that was removed', 'old'],
  ['a provision without its version', 'awk (>= 1)'],
  ['a package for another processor', 'foreign'],
])('does not count %s', (_what, need) => {
  const foreign = deb('foreign', '1', '', { arch: 'arm64' });
  expect(chosen(deb('agent', '1', need), foreign)).toMatchObject({ kind: 'incomplete', missing: [need] });
});

it('counts what is provided, by the guest and by the folder', () => {
  const provider = deb('provider', '1', '', { provides: parseProvisions('wish (= 2)') });
  const agent = deb('agent', '1', 'editor (>= 3), wish (= 2)');
  expect(chosen(agent, provider)).toEqual({ kind: 'chosen', packages: [agent, provider] });
});

it('takes none for another processor', () => {
  expect(chosen(deb('agent', '1', '', { arch: 'arm64' }), deb('other', '1'))).toEqual({ kind: 'none' });
});
