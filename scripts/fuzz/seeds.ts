/** What mutations begin with: the backups of test/backups, and folders that the user names. */
import { copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { builders } from '../../test/backups/make.ts';

/** One file of a backup; the others lie beside it as they are. */
export interface Seed {
  /** Of the backup. */
  folder: string;
  /** What is analysed, relative to the folder. */
  scope: string;
  /** Relative to the folder. */
  name: string;
  content: Buffer;
}

// A mutation writes the file anew; what is larger is a data file, and its bytes are not what is analysed.
const MAX_BYTES = 1024 * 1024;

/** Builds every layout in a folder of its own. */
export async function makeSeeds(folder: string): Promise<Seed[]> {
  const seeds: Seed[] = [];
  for (const [index, build] of Object.values(builders).entries()) {
    const own = path.join(folder, String(index));
    await mkdir(own, { recursive: true });
    const scope = await build(own);
    seeds.push(...(await seedsIn(own, scope)));
  }
  return seeds;
}

/** Each file of these folders as a backup of its own. */
export async function seedsOf(given: readonly string[], folder: string): Promise<Seed[]> {
  const seeds: Seed[] = [];
  const files = (await Promise.all(given.map(filesIn))).flat();
  for (const [index, file] of files.entries()) {
    const own = path.join(folder, String(index));
    await mkdir(own, { recursive: true });
    await copyFile(file, path.join(own, path.basename(file)));
    seeds.push(...(await seedsIn(own, '')));
  }
  return seeds;
}

async function seedsIn(folder: string, scope: string): Promise<Seed[]> {
  const seeds: Seed[] = [];
  for (const file of await filesIn(folder)) {
    if ((await stat(file)).size > MAX_BYTES) continue;
    seeds.push({ folder, scope, name: path.relative(folder, file), content: await readFile(file) });
  }
  return seeds;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
}
