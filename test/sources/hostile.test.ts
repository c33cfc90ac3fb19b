/** Input that is broken or made to harm: a person is told what is wrong with which file, and nothing else happens. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chainOf } from '../../agent/disks/fixtures/sample-disk.ts';
import { diskMemory, openDisk } from '../../agent/disks/open-disk.ts';
import { openFolder } from '../../agent/repositories/folder-files.ts';
import { MIB } from '../backups/disk.ts';
import { archives } from './hostile/archives.ts';
import { damages, filesOf, isTelling } from './hostile/damage.ts';
import { disks, writeGrainBomb } from './hostile/disks.ts';
import { documents } from './hostile/documents.ts';
import { heavy } from './hostile/heavy.ts';
import { isHeard, outcomeOf, said } from './hostile/outcome.ts';
import { runAnalyse } from './hostile/program.ts';
import type { HostileRow } from './hostile/row.ts';
import { builders, type LayoutName } from '../backups/make.ts';

const MAX_RESIDENT_BYTES = 300 * MIB;

let scratch: string;
beforeAll(async () => void (scratch = await mkdtemp(path.join(tmpdir(), 'ascend-hostile-'))));
afterAll(() => rm(scratch, { recursive: true }));

/** The place to analyse, in a folder that is gone when the test is. */
async function build({ make }: HostileRow) {
  const folder = await mkdtemp(path.join(scratch, 'input-'));
  const place = path.join(folder, await make(folder));
  return { place, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

describe.each([
  ['metadata', documents],
  ['an archive', archives],
  ['a disk', disks],
] as const)('%s', (_title, rows) => {
  it.each(rows)(
    '$what',
    async (row) => {
      await using input = await build(row);
      const outcome = await outcomeOf(input.place);
      expect(said(outcome)).toMatch(row.says);
      if (row.machine) expect(outcome.machine).toMatchObject(row.machine);
    },
    60_000,
  );
});

it('stops at a grain that unpacks to more than a grain', async () => {
  const folder = await mkdtemp(path.join(scratch, 'bomb-'));
  await writeGrainBomb(path.join(folder, 'web01.vmdk'));
  const chain = await chainOf(folder, 'web01.vmdk');
  expect(chain.usable).toBe(true);
  await using disk = await openDisk(chain, await openFolder(folder), diskMemory());
  await expect(disk.read(0, 64 * 1024)).rejects.toThrow(/web01\.vmdk/);
});

/** What no format can tell from data, and what lies outside of what was asked for. */
const UNTOLD = /\.raw$|-flat\.vmdk$/;

it.each(Object.keys(builders) as LayoutName[])(
  '%s, each of its files damaged',
  async (layout) => {
    const folder = await mkdtemp(path.join(scratch, 'damaged-'));
    const scope = await builders[layout](folder);
    const unheard: string[] = [];
    for (const name of await filesOf(folder)) {
      const file = path.join(folder, name);
      const content = await readFile(file);
      for (const [how, damage] of Object.entries(damages)) {
        await writeFile(file, damage(content));
        const outcome = await outcomeOf(path.join(folder, scope));
        const tells = isTelling(how) && name.startsWith(scope) && !UNTOLD.test(name);
        if (tells && !isHeard(outcome)) unheard.push(`${name}, ${how}`);
      }
      await writeFile(file, content);
    }
    expect(unheard).toEqual([]);
  },
  60_000,
);

describe('in a process of its own: under 10 s and 300 MB', () => {
  it.each(heavy)(
    '$what',
    async (row) => {
      await using input = await build(row);
      const { exitCode, text, residentBytes } = await runAnalyse(input.place);
      expect(exitCode, 'null: killed after 10 s').toBeOneOf([0, 1, 3]);
      expect(residentBytes).toBeLessThan(MAX_RESIDENT_BYTES);
      const { error, findings = [] } = JSON.parse(text) as Document;
      expect(error?.code).not.toBe('internal');
      const lines = [...(error ? [error] : []), ...findings].map(
        ({ code, message }) => `${code}: ${message}`,
      );
      expect(lines.join('\n')).toMatch(row.says);
    },
    60_000,
  );
});

interface Document {
  error?: { code: string; message: string };
  findings?: { code: string; message: string }[];
}
