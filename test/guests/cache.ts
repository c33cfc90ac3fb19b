/**
 * Guests are built once a machine and kept outside the checkout, under $XDG_CACHE_HOME/ascend/guests/<name>-<hash>,
 * where the hash is of the recipe: change the recipe and a new guest is built beside the old one.
 */
import { createHash } from 'node:crypto';
import { access, chmod, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { lock } from './lock.ts';

export interface Recipe {
  name: string;
  /** Files and folders that the guest is made from: absolute paths. */
  inputs: string[];
  /** Fills an empty folder. It runs once, however many workers ask at the same time. */
  build(folder: string): Promise<void>;
}

/** @returns the folder of the finished guest, read-only; `fresh` when this call built it. */
export async function cachedGuest(recipe: Recipe): Promise<{ folder: string; fresh: boolean }> {
  const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'ascend/guests');
  const folder = path.join(cache, `${recipe.name}-${await hash(recipe.inputs)}`);
  if (await exists(folder)) return { folder, fresh: false };

  await mkdir(cache, { recursive: true });
  await using _held = await lock(`${folder}.lock`);
  if (await exists(folder)) return { folder, fresh: false };
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial);
  await recipe.build(partial);
  for (const file of await filesIn(partial)) await chmod(file, 0o444);
  await rename(partial, folder);
  return { folder, fresh: true };
}

async function hash(inputs: string[]): Promise<string> {
  const digest = createHash('sha256');
  for (const file of (await Promise.all(inputs.map(filesIn))).flat()) {
    digest.update(`${path.relative(import.meta.dirname, file)}\0`).update(await readFile(file));
  }
  return digest.digest('hex').slice(0, 12);
}

/** All files below a folder, sorted; a file is its own only one. */
async function filesIn(input: string): Promise<string[]> {
  if ((await stat(input)).isFile()) return [input];
  const entries = await readdir(input, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
