import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import type { BoundaryOf } from './open.ts';
import { openOrdered, openRepository } from './repository.ts';

let base: string;
let repository: { name: string; path: string };

beforeEach(async () => {
  base = await temporaryFolder('repository');
  repository = { name: 'nas', path: path.join(base, 'nas') };
  await mkdir(repository.path);
});

/** Paths are relative to the folder that holds the repository. */
async function addBackup(...folders: string[]): Promise<void> {
  for (const folder of folders) {
    await mkdir(path.join(base, folder), { recursive: true });
    await writeFile(path.join(base, folder, 'backup.json'), '{}');
  }
}

const never = new AbortController().signal;
const nowhere = () => undefined;

/** Where the files are that an order gets. */
async function locate(to: string, boundaryOf: BoundaryOf = nowhere): Promise<string> {
  await using backup = await openOrdered([repository], { repository: 'nas', path: to }, boundaryOf, never);
  return path.join(backup.files.folder ?? '', backup.scope);
}

async function walk(): Promise<string[]> {
  await using open = await openRepository(repository, never);
  return (await open.walk()).files.map((file) => file.path);
}

it('walks through every file, as deep as backups may lie', async () => {
  await addBackup('nas/web01/disks', 'nas/a/b/c/d/1/2/3/4/5', 'nas/a/b/c/d/1/2/3/4/5/6');
  expect(await walk()).toEqual(['a/b/c/d/1/2/3/4/5/backup.json', 'web01/disks/backup.json']);
});

it('opens the repository itself where it is a backup', async () => {
  await addBackup('nas');
  expect(await locate('.')).toBe(repository.path);
});

it('follows no link while it walks: a loop ends, and what lies elsewhere stays there', async () => {
  await addBackup('nas/web01', 'elsewhere/db01');
  await symlink('..', path.join(repository.path, 'loop'));
  await symlink(path.join(base, 'elsewhere'), path.join(repository.path, 'link'));
  await symlink('/etc/passwd', path.join(repository.path, 'backup.json'));
  expect(await walk()).toEqual(['web01/backup.json']);
});

it('says that a repository cannot be read, which is not the same as an empty one', async () => {
  repository = { name: 'gone', path: path.join(base, 'gone') };
  await expect(walk()).rejects.toMatchObject({ code: 'backup.not-found' });
});

it('stops walking when it is told to', async () => {
  await using open = await openRepository(repository, AbortSignal.abort());
  await expect(open.walk()).rejects.toThrow('aborted');
});

it('lets a backup read from a wider folder, but not from outside the repository', async () => {
  await addBackup('nas/web01/1');
  await using wide = await openOrdered([repository], ref('web01/1'), (folder) => path.dirname(folder), never);
  expect([wide.files.folder, wide.scope]).toEqual([path.join(repository.path, 'web01'), '1']);
  await using tight = await openOrdered([repository], ref('web01'), () => base, never);
  expect([tight.files.folder, tight.scope]).toEqual([path.join(repository.path, 'web01'), '']);
});

it('locates a backup, also in a repository that is a link', async () => {
  await addBackup('nas/web01');
  await symlink(repository.path, path.join(base, 'alias'));
  expect(await locate('web01')).toBe(path.join(repository.path, 'web01'));
  repository = { name: 'nas', path: path.join(base, 'alias') };
  expect(await locate('web01')).toBe(path.join(base, 'nas/web01'));
});

it.each(['../other', '../nas-old', 'web01/../../other', 'link', '..'])(
  'refuses %s, which leads out',
  async (to) => {
    await addBackup('nas/web01', 'other', 'nas-old');
    await symlink(path.join(base, 'other'), path.join(repository.path, 'link'));
    await expect(locate(to)).rejects.toMatchObject({ code: 'order.not-allowed' });
  },
);

it.each(['gone', '../gone', 'web01\0', 'etc/passwd'])('says that there is no backup at %j', async (to) => {
  await expect(locate(to)).rejects.toMatchObject({ code: 'backup.not-found' });
});

it('takes an absolute path for one inside the repository', async () => {
  await expect(locate('/etc')).rejects.toMatchObject({ code: 'backup.not-found' });
});

it('names the repositories that there are', async () => {
  const none = openOrdered([], ref('.'), nowhere, never);
  await expect(none).rejects.toMatchObject({ code: 'not-found', hint: 'It has: none.' });
  const other = openOrdered([{ name: 'usb', path: base }], ref('.'), nowhere, never);
  await expect(other).rejects.toMatchObject({ hint: 'It has: usb.' });
});

it('opens below the root of all files too', async () => {
  await addBackup('nas/web01');
  const to = path.join(repository.path, 'web01');
  await using backup = await openOrdered([{ name: 'nas', path: '/' }], ref(to), nowhere, never);
  expect(backup.files.folder).toBe(to);
});

function ref(to: string) {
  return { repository: 'nas', path: to };
}
