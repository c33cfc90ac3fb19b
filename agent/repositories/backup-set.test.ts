import { execa } from 'execa';
import { readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { manifestJsonSchema, parseManifest, readManifest, sha256, writeManifest } from './backup-set.ts';

const ID = '0b1f6d1e-59c4-4b1c-9d2e-6a8c3f0e7a10';
const PARENT = '7f5b8a44-0d5e-4a3c-8b57-1f8f3f1a9c02';

const manifest = (changes: object = {}) => ({
  format: 'ascend-backup',
  formatVersion: 1,
  id: ID,
  platform: 'vmware',
  machineName: 'web01',
  capturedAt: '2026-05-01T02:00:00Z',
  parent: null,
  metadata: ['web01.vmx'],
  disks: [{ id: 'scsi0:0', sizeBytes: 1024, layers: [{ file: 'disks/full.qcow2', backup: ID }] }],
  files: [{ path: 'web01.vmx', sizeBytes: 3, sha256: 'a'.repeat(64) }],
  ...changes,
});
const parse = (changes?: object) => parseManifest(JSON.stringify(manifest(changes)), '/backups/web01');
const invalid = (message: string) =>
  expect.objectContaining({
    code: 'backup.invalid',
    message: expect.stringContaining(message) as string,
  }) as Error;

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder('set');
});

it('reads a manifest', () => {
  const parent = { id: PARENT, capturedAt: '2026-04-30T02:00:00.123Z' };
  expect(parse({ parent })).toEqual(manifest({ parent }));
});

it.each([
  '../web01.vmx',
  'a/../../web01.vmx',
  'a/..',
  '..',
  '.',
  './web01.vmx',
  'a/./b',
  '/etc/passwd',
  '//etc/passwd',
  'a//b',
  'a/',
  '',
  String.raw`a\b`,
  String.raw`..\b`,
  'a\0b',
  'a\nb',
  'a\x7fb',
  'x'.repeat(1025),
])('refuses the path %j wherever it stands', (bad) => {
  const wrong = invalid('must be a relative path');
  const tooLong = invalid('Too big');
  const refused = bad.length > 1024 ? tooLong : wrong;
  expect(() => parse({ metadata: [bad] })).toThrow(refused);
  expect(() => parse({ files: [{ path: bad, sizeBytes: 1, sha256: 'a'.repeat(64) }] })).toThrow(refused);
  const disks = [{ id: 'scsi0:0', sizeBytes: 512, layers: [{ file: bad, backup: ID }] }];
  expect(() => parse({ disks })).toThrow(refused);
});

it.each(['web01.vmx', 'disks/a b.qcow2', 'ünï/コ.vmx', '...', 'a/..b/c..', '-x', '.hidden'])(
  'takes the path %j',
  (good) => {
    expect(parse({ metadata: [good] }).metadata).toEqual([good]);
  },
);

it.each<[what: string, changes: object, said: string]>([
  ['another format', { format: 'other' }, 'format'],
  ['an unknown key', { surprise: 1 }, 'surprise'],
  ['an id that is none', { id: 'web01' }, 'id'],
  ['a platform that could be a path', { platform: '../vmware' }, 'platform'],
  ['no name', { machineName: '' }, 'machineName'],
  ['a time without a zone', { capturedAt: '2026-05-01T02:00:00' }, 'capturedAt'],
  ['no metadata', { metadata: [] }, 'metadata'],
  ['metadata without end', { metadata: Array.from({ length: 65 }, () => 'web01.vmx') }, 'metadata'],
  ['a disk of no layers', { disks: [{ id: 'a', sizeBytes: 512, layers: [] }] }, 'disks.0.layers'],
  ['a disk of no size', { disks: [{ ...manifest().disks[0], sizeBytes: 0 }] }, 'disks.0.sizeBytes'],
  ['a disk of broken sectors', { disks: [{ ...manifest().disks[0], sizeBytes: 513 }] }, 'disks.0.sizeBytes'],
  ['a disk beyond numbers', { disks: [{ ...manifest().disks[0], sizeBytes: 2 ** 60 }] }, 'disks.0.sizeBytes'],
  [
    'two disks of one id',
    { disks: [...manifest().disks, ...manifest().disks] },
    'two disks have the same id',
  ],
  [
    'a checksum in capitals',
    { files: [{ path: 'a', sizeBytes: 1, sha256: 'A'.repeat(64) }] },
    'files.0.sha256',
  ],
  ['a negative size', { files: [{ path: 'a', sizeBytes: -1, sha256: 'a'.repeat(64) }] }, 'files.0.sizeBytes'],
])('refuses %s and says where', (_what, changes, said) => {
  expect(() => parse(changes)).toThrow(invalid(said));
});

it.each([
  '{"formatVersion":',
  '',
  'null',
  '[]',
  '"text"',
  '12',
  `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
])('refuses what is no manifest at all (%#)', (text) => {
  expect(() => parseManifest(text, '/backups/web01')).toThrow(invalid('/backups/web01/backup.json'));
});

it('asks for a newer agent where the format is newer, whatever else is in it', () => {
  expect(() => parse({ formatVersion: 2, machineName: 7 })).toThrow(
    expect.objectContaining({
      code: 'backup.invalid',
      message: '/backups/web01: backup set format version 2 is newer than this agent.',
      hint: 'Update the agent.',
    }),
  );
});

it('says where there is no backup', async () => {
  await expect(readManifest(folder)).rejects.toMatchObject({ code: 'backup.not-found' });
  await expect(readManifest(path.join(folder, 'gone'))).rejects.toMatchObject({ code: 'backup.not-found' });
});

it('refuses a huge manifest without reading it', async () => {
  await writeFile(path.join(folder, 'backup.json'), '');
  await truncate(path.join(folder, 'backup.json'), 8 * 1024 ** 4);
  await expect(readManifest(folder)).rejects.toMatchObject(
    invalid('the manifest is 8796093022208 bytes long'),
  );
});

it('follows no link to another file of this host, and waits for no pipe', async () => {
  const secret = path.join(folder, 'secret');
  await writeFile(secret, 'root:$6$secret');
  await symlink(secret, path.join(folder, 'backup.json'));
  const error: unknown = await readManifest(folder).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'backup.not-found' });
  expect((error as Error).message).not.toContain('root');

  const piped = await temporaryFolder('set');
  await execa('mkfifo', [path.join(piped, 'backup.json')]);
  await expect(readManifest(piped)).rejects.toMatchObject({ code: 'backup.not-found' });
});

it('writes a manifest that it reads back, with the size and SHA-256 of every file', async () => {
  await writeFile(path.join(folder, 'web01.vmx'), 'abc');
  await writeFile(path.join(folder, 'full.qcow2'), '');
  const { format, formatVersion, files, ...draft } = manifest({
    disks: [{ id: 'scsi0:0', sizeBytes: 512, layers: [{ file: 'full.qcow2', backup: ID }] }],
  });
  const written = await writeManifest(folder, draft);
  expect(await readManifest(folder)).toEqual(written);
  expect([format, formatVersion, files.length]).toEqual(['ascend-backup', 1, 1]);
  expect(written.files).toEqual([
    {
      path: 'web01.vmx',
      sizeBytes: 3,
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    },
    {
      path: 'full.qcow2',
      sizeBytes: 0,
      sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    },
  ]);
});

it('hashes as sha256sum does, and says how much it has read', async () => {
  const file = path.join(folder, 'big');
  await writeFile(file, Buffer.alloc(5_000_001, 'xyz'));
  let bytes = 0;
  const hash = await sha256(file, { onBytes: (read) => (bytes += read) });
  expect((await execa('sha256sum', [file])).stdout).toMatch(new RegExp(`^${hash} `));
  expect(bytes).toBe(5_000_001);
});

it('is published as the JSON Schema beside it: node scripts/publish-schema.ts', async () => {
  const published = await readFile(new URL('backup-set.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(manifestJsonSchema())));
});
