import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AscendError } from '../../../../../proto/errors.ts';
import { makeDeb } from './deb.fixture.ts';
import { readDeb } from './deb.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ascend-deb-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

it.each(['xz', 'gzip', 'zstd', 'none'] as const)(
  'reads a package of dpkg-deb, compressed with %s',
  async (compression) => {
    const file = await makeDeb(
      folder,
      'agent',
      {
        Version: '1:7.2+dfsg-7',
        'Pre-Depends': 'init-system-helpers (>= 1.54~)',
        Depends: 'libc6 (>= 2.34), libglib2.0-0 | libglib2.0-0t64 (>> 2.63.3), python3:any',
        Provides: 'guest-agent (= 7.2), helper',
      },
      compression,
    );
    expect(await readDeb('agent.deb', await readFile(file))).toEqual({
      file: 'agent.deb',
      name: 'agent',
      version: '1:7.2+dfsg-7',
      arch: 'amd64',
      needs: [
        {
          text: 'init-system-helpers (>= 1.54~)',
          anyOf: [{ name: 'init-system-helpers', version: { operator: '>=', than: '1.54~' } }],
        },
        { text: 'libc6 (>= 2.34)', anyOf: [{ name: 'libc6', version: { operator: '>=', than: '2.34' } }] },
        {
          text: 'libglib2.0-0 | libglib2.0-0t64 (>> 2.63.3)',
          anyOf: [
            { name: 'libglib2.0-0' },
            { name: 'libglib2.0-0t64', version: { operator: '>>', than: '2.63.3' } },
          ],
        },
        { text: 'python3:any', anyOf: [{ name: 'python3' }] },
      ],
      provides: [{ name: 'guest-agent', version: '7.2' }, { name: 'helper' }],
    });
  },
);

it('refuses what is no package, by name', async () => {
  await expect(readDeb('page.deb', Buffer.from('<html>Not found</html>'))).rejects.toMatchObject({
    code: 'usage.invalid',
    message: 'page.deb is no Debian package: it is no archive.',
  });
});

it('gives facts or an error for a damaged package, and nothing else', async () => {
  const good = await readFile(await makeDeb(folder, 'damaged', {}, 'none'));
  // The control archive is what is read: all of it lies here.
  const place = fc.tuple(fc.nat(4000), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(fc.array(place, { maxLength: 8 }), fc.nat(good.length), async (changes, length) => {
      const bytes = Buffer.from(good.subarray(0, length));
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      return readDeb('mutated.deb', bytes).then(
        ({ name }) => name !== '',
        (error: unknown) => error instanceof AscendError && error.code === 'usage.invalid',
      );
    }),
    { numRuns: 200 },
  );
});
