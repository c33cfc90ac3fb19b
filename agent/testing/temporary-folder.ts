import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];
afterAll(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A folder for the tests of one file, which is gone when they have ended. @returns its path, e.g. `/tmp/ascend-set-x1Y2z3` */
export async function temporaryFolder(name: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), `ascend-${name}-`));
  made.push(folder);
  return folder;
}
