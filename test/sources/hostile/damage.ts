/** What becomes of files on bad media and in broken transfers. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';

export const damages = {
  empty: () => Buffer.alloc(0),
  'cut in half': (content) => content.subarray(0, content.length >> 1),
  'cut by a byte': (content) => content.subarray(0, -1),
  'of a wrong beginning': (content) => Buffer.concat([Buffer.from('XXXXXXXX'), content.subarray(8)]),
  random: (content) => noise(Math.min(content.length, 1_000_000)),
  'nothing but zeros': (content) => Buffer.alloc(Math.min(content.length, 1_000_000)),
} as const satisfies Record<string, (content: Buffer) => Buffer>;

/** Nothing is left that could be taken for what it was: somebody must be told. */
export function isTelling(how: string): boolean {
  return ['empty', 'random', 'nothing but zeros'].includes(how);
}

/** The same at every call. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let at = 0; at < length; at++) {
    // A linear congruential generator (Numerical Recipes).
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** Relative to the folder. */
export async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)))
    .sort();
}
