import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const FOLDER = import.meta.dirname;
const text = (file: string) => readFileSync(path.join(FOLDER, file), 'utf8');

it('has every code of a finding in its table, and no other', () => {
  const files = globSync('**/*.ts', { cwd: FOLDER }).filter((file) => !file.endsWith('.test.ts'));
  const used = files.flatMap((file) =>
    [...text(file).matchAll(/'((?:machine|disk|nic|metadata|backup|ovf)\.[a-z-]+)'/g)].map(
      ([, code]) => code,
    ),
  );
  const listed = [...text('README.md').matchAll(/^\| `([a-z]+\.[a-z-]+)` +\| (?:info|warn|block)/gm)];
  expect(listed.map(([, code]) => code)).toEqual([...new Set(used)].sort());
});
