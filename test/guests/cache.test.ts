import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cachedGuest } from './cache.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'cache-'));
  await writeFile(path.join(dir, 'recipe'), 'one');
  vi.stubEnv('XDG_CACHE_HOME', path.join(dir, 'cache'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
});

function recipe(build: (folder: string) => Promise<void>): Parameters<typeof cachedGuest>[0] {
  return { name: 'guest', inputs: [path.join(dir, 'recipe')], build };
}

test('builds once for two that ask at the same time, and leaves it read-only', async () => {
  const guest = recipe(async (folder) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await writeFile(path.join(folder, 'disk'), 'x');
  });
  const [first, second] = await Promise.all([cachedGuest(guest), cachedGuest(guest)]);
  expect([first.fresh, second.fresh].sort()).toEqual([false, true]);
  expect(first.folder).toBe(second.folder);
  expect((await stat(path.join(first.folder, 'disk'))).mode & 0o777).toBe(0o444);
});

test('takes nothing over from a build that failed half way', async () => {
  const failing = recipe(async (folder) => {
    await writeFile(path.join(folder, 'half'), 'x');
    throw new Error('no space');
  });
  await expect(cachedGuest(failing)).rejects.toThrow('no space');
  const { folder, fresh } = await cachedGuest(recipe((each) => writeFile(path.join(each, 'disk'), 'x')));
  expect(fresh).toBe(true);
  await expect(readFile(path.join(folder, 'half'))).rejects.toThrow('ENOENT');
});

test('builds anew when the recipe changes', async () => {
  const guest = recipe((folder) => writeFile(path.join(folder, 'disk'), 'x'));
  const before = await cachedGuest(guest);
  await writeFile(path.join(dir, 'recipe'), 'two');
  const after = await cachedGuest(guest);
  expect(after.fresh).toBe(true);
  expect(after.folder).not.toBe(before.folder);
});
