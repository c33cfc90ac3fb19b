import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { findBackups, locateBackup } from './folder.ts';

let base: string;
let repository: { name: string; path: string };

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'ascend-repository-'));
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

const locate = (to: string) => locateBackup([repository], { repository: 'nas', path: to, backupId: '' });

it('finds backups at any depth down to repository/site/machine/point, and none within a backup', async () => {
  await addBackup('nas/web01', 'nas/site/db01/2026-05-01', 'nas/a/b/c/d', 'nas/a/b/c/e/f', 'nas/web01/inner');
  expect(await findBackups(repository)).toEqual(['a/b/c/d', 'site/db01/2026-05-01', 'web01']);
});

it('takes the repository itself for a backup where it is one', async () => {
  await addBackup('nas');
  expect(await findBackups(repository)).toEqual(['.']);
  expect(await locate('.')).toBe(repository.path);
});

it('follows no link while it looks: a loop ends, and what lies elsewhere stays there', async () => {
  await addBackup('nas/web01', 'elsewhere/db01');
  await symlink('..', path.join(repository.path, 'loop'));
  await symlink(path.join(base, 'elsewhere'), path.join(repository.path, 'link'));
  await mkdir(path.join(repository.path, 'odd'));
  await symlink('/etc/passwd', path.join(repository.path, 'odd/backup.json'));
  await mkdir(path.join(repository.path, 'folder/backup.json'), { recursive: true });
  expect(await findBackups(repository)).toEqual(['web01']);
});

it('finds nothing where there is no repository', async () => {
  expect(await findBackups({ name: 'gone', path: path.join(base, 'gone') })).toEqual([]);
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
  const wrong = locateBackup([repository], { repository: 'usb', path: '.', backupId: '' });
  await expect(wrong).rejects.toMatchObject({ code: 'not-found', hint: 'It has: nas.' });
  await expect(locateBackup([], { repository: 'usb', path: '.', backupId: '' })).rejects.toMatchObject({
    hint: 'It has: none.',
  });
});

it('locates below the root of all files too', async () => {
  await addBackup('nas/web01');
  const root = { name: 'nas', path: '/' };
  const to = path.join(repository.path, 'web01');
  expect(await locateBackup([root], { repository: 'nas', path: to, backupId: '' })).toBe(to);
});
