import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { BackupEntry } from '../../proto/gen/ascend/v1/link.ts';
import { writeManifest } from '../repositories/backup-set.ts';
import type { Repository } from '../repositories/repository.ts';
import { sources } from '../sources/index.ts';
import type { Source } from '../sources/source.ts';
import { Catalog } from '../state/catalog.ts';
import { openDatabase } from '../state/database.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { scanRepositories } from './catalog.ts';

let base: string;
let nas: string;
let catalog: Catalog;
let failures: unknown[];
/** Of metadata files that were looked at. */
let looks: number;

const counting: readonly Source[] = sources.map((source) => ({
  ...source,
  recognise: (document) => {
    looks += 1;
    return source.recognise(document);
  },
}));

beforeEach(async () => {
  base = await temporaryFolder('scan');
  nas = path.join(base, 'nas');
  await mkdir(nas);
  catalog = new Catalog(openDatabase(path.join(base, 'state')));
  failures = [];
});

async function scan({
  repositories = [{ name: 'nas', path: nas }] as Repository[],
  version = '1',
  signal = new AbortController().signal,
} = {}): Promise<number> {
  looks = 0;
  const onFailure = (_repository: Repository, failure: unknown) => void failures.push(failure);
  await scanRepositories({ repositories, sources: counting, catalog, version, signal, onFailure });
  return looks;
}

function listed(): BackupEntry[] {
  return catalog.changesAfter({ lineage: '', revision: 0n, whole: false }).upserts;
}

const paths = () =>
  listed()
    .map(({ ref }) => ref?.path)
    .sort();

async function put(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(nas, file)), { recursive: true });
  await writeFile(path.join(nas, file), text);
}

const vmx = (name: string) => `displayName = "${name}"\nguestOS = "debian12-64"\nvirtualHW.version = "19"\n`;

/** @returns the id of the backup. */
async function putSet(folder: string, name: string): Promise<string> {
  const id = randomUUID();
  await put(`${folder}/vm.vmx`, vmx(name));
  await writeManifest(path.join(nas, folder), {
    id,
    platform: 'vmware',
    machineName: name,
    capturedAt: '2027-01-01T02:00:00Z',
    parent: null,
    metadata: ['vm.vmx'],
    disks: [],
  });
  return id;
}

it('lists backup sets and what has no manifest, and says of the latter only what it says itself', async () => {
  const backupId = await putSet('sets/web01', 'web01');
  await put('loose/db01/db01.vmx', vmx('db01'));
  await put('notes/list.json', '{"a": 1}');
  await scan();
  expect(paths()).toEqual(['loose/db01', 'sets/web01']);
  const [loose, set] = listed().toSorted((a, b) => (a.machineName < b.machineName ? -1 : 1));
  expect(set).toMatchObject({
    ref: { backupId },
    machineName: 'web01',
    platform: 'vmware',
    capturedAt: new Date('2027-01-01T02:00:00Z'),
  });
  expect(loose).toMatchObject({ machineName: 'db01', platform: 'vmware', ref: { backupId: '' } });
  expect(loose?.capturedAt).toBeUndefined();
  expect(loose?.filesModifiedAt).toBeInstanceOf(Date);
  expect(failures).toEqual([]);
});

it('analyses again only what has changed', async () => {
  for (let index = 0; index < 150; index += 1) await put(`vm${index}/vm.vmx`, vmx(`vm${index}`));
  await put('notes/list.json', '{"a": 1}');
  expect(await scan()).toBeGreaterThan(150);
  expect(await scan()).toBe(0);
  await put('vm7/vm.vmx', vmx('other name'));
  expect(await scan()).toBeLessThan(10);
  expect(listed().find(({ ref }) => ref?.path === 'vm7')?.machineName).toBe('other name');
  expect(await scan({ version: '2' })).toBeGreaterThan(150);
});

it('takes from the list what has gone or moved, and a repository that is configured no more', async () => {
  await putSet('a', 'a');
  await putSet('b', 'b');
  await scan();
  await rm(path.join(nas, 'a'), { recursive: true });
  await rename(path.join(nas, 'b'), path.join(nas, 'c'));
  await scan();
  expect(paths()).toEqual(['c']);
  await scan({ repositories: [] });
  expect(paths()).toEqual([]);
});

it('keeps the list of a repository that cannot be read now, and goes on with the others', async () => {
  await putSet('a', 'a');
  await scan();
  await rename(nas, `${nas}-away`);
  const other = path.join(base, 'other');
  await mkdir(other);
  await writeFile(path.join(other, 'x.vmx'), vmx('x'));
  await scan({
    repositories: [
      { name: 'nas', path: nas },
      { name: 'other', path: other },
    ],
  });
  expect(paths()).toEqual(['.', 'a']);
  expect(failures).toMatchObject([{ code: 'backup.not-found' }]);
});

it('lists a backup set that cannot be used with what is wrong', async () => {
  await put('broken/backup.json', '{}');
  await symlink('/etc/passwd', path.join(nas, 'link'));
  await scan();
  expect(listed()).toMatchObject([{ machineName: 'broken', findings: [{ code: 'backup.invalid' }] }]);
});

it('ends when it is told to', async () => {
  await putSet('a', 'a');
  await expect(scan({ signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  expect(paths()).toEqual([]);
});
