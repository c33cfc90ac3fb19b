import { execa } from 'execa';
import { appendFile, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { writeManifest, type Manifest } from './backup-set.ts';
import { fingerprint, verifyFiles } from './integrity.ts';

const ID = '0b1f6d1e-59c4-4b1c-9d2e-6a8c3f0e7a10';
let folder: string;
let manifest: Manifest;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ascend-integrity-'));
  await mkdir(path.join(folder, 'disks'));
  await writeFile(at('web01.vmx'), 'memsize = "1"\n');
  await writeFile(at('disks/full.qcow2'), Buffer.alloc(3_000_000, 1));
  manifest = await writeManifest(folder, {
    id: ID,
    platform: 'vmware',
    machineName: 'web01',
    capturedAt: '2026-05-01T02:00:00Z',
    parent: null,
    metadata: ['web01.vmx'],
    disks: [{ id: 'scsi0:0', sizeBytes: 512, layers: [{ file: 'disks/full.qcow2', backup: ID }] }],
  });
});

const at = (name: string) => path.join(folder, name);

async function verify(signal = new AbortController().signal) {
  let bytes = 0;
  const findings = await verifyFiles(folder, manifest, { signal, onBytes: (read) => (bytes += read) });
  return { bytes, codes: findings.map(({ code, subject }) => `${code} ${subject}`) };
}

it('finds nothing wrong with a whole backup, and reads every byte of it', async () => {
  expect(await verify()).toEqual({ bytes: 3_000_014, codes: [] });
});

it('finds one changed byte', async () => {
  const content = Buffer.alloc(3_000_000, 1);
  content[2_999_999] = 2;
  await writeFile(at('disks/full.qcow2'), content);
  expect((await verify()).codes).toEqual(['backup.checksum disks/full.qcow2']);
});

it('finds another size without hashing', async () => {
  await appendFile(at('disks/full.qcow2'), 'x');
  expect(await verify()).toEqual({ bytes: 14, codes: ['backup.file-size disks/full.qcow2'] });
});

it('finds files that are missing, links, behind links, folders or pipes, and waits for none', async () => {
  const unusable = ['backup.file-unusable disks/full.qcow2'];
  await rename(at('disks/full.qcow2'), at('moved'));
  expect((await verify()).codes).toEqual(unusable);
  await symlink('../moved', at('disks/full.qcow2'));
  expect((await verify()).codes).toEqual(unusable);
  await rm(at('disks/full.qcow2'));
  await execa('mkfifo', [at('disks/full.qcow2')]);
  expect((await verify()).codes).toEqual(unusable);
  await rm(at('disks/full.qcow2'));
  await mkdir(at('disks/full.qcow2'));
  expect((await verify()).codes).toEqual(unusable);
  await rename(at('disks'), at('elsewhere'));
  await symlink('elsewhere', at('disks'));
  expect((await verify()).codes).toEqual(unusable);
});

it('reports every file that is wrong', async () => {
  await rm(at('disks/full.qcow2'));
  await writeFile(at('web01.vmx'), 'memsize = "2"\n');
  expect((await verify()).codes).toEqual([
    'backup.checksum web01.vmx',
    'backup.file-unusable disks/full.qcow2',
  ]);
});

it('stops when it is told to', async () => {
  await expect(verify(AbortSignal.abort())).rejects.toMatchObject({ code: 'run.cancelled' });
  const later = new AbortController();
  let bytes = 0;
  const onBytes = (read: number) => {
    bytes += read;
    if (bytes > 1_000_000) later.abort();
  };
  const stopped = verifyFiles(folder, manifest, { signal: later.signal, onBytes });
  await expect(stopped).rejects.toMatchObject({ code: 'run.cancelled' });
  expect(bytes).toBeLessThan(3_000_000);
});

it('has a fingerprint that stays while no file changes, and changes with any of them', async () => {
  const first = await fingerprint(folder, manifest);
  expect(await fingerprint(folder, manifest)).toBe(first);
  await utimes(at('web01.vmx'), new Date(0), new Date(1));
  const touched = await fingerprint(folder, manifest);
  expect(touched).not.toBe(first);
  await rm(at('disks/full.qcow2'));
  expect(await fingerprint(folder, manifest)).not.toBe(touched);
  expect(await fingerprint(folder, { ...manifest, id: 'other' })).not.toBe(first);
});
