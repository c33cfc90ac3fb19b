import { createHash } from 'node:crypto';
import { appendFile, mkdir, open, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { writeManifest, type Manifest } from './backup-set.ts';
import { expectedByManifest, expectedBySidecars, type Expectation } from './expectations.ts';
import { openFolder } from './folder-files.ts';
import { verify, type VerifyOptions } from './integrity.ts';

const ID = '0b1f6d1e-59c4-4b1c-9d2e-6a8c3f0e7a10';
let folder: string;
let manifest: Manifest;

beforeEach(async () => {
  folder = await temporaryFolder('integrity');
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

async function run(expectations: Expectation[], options: Partial<VerifyOptions> = {}) {
  let bytes = 0;
  await using files = await openFolder(folder);
  const { files: entries } = await files.list();
  const { findings, ...counts } = await verify(
    { files, entries, expectations },
    { signal: new AbortController().signal, onBytes: (read) => (bytes += read), ...options },
  );
  return { ...counts, bytes, codes: findings.map(({ code, subject }) => `${code} ${subject}`), findings };
}

const byManifest = () => expectedByManifest(manifest);

/** A file of 64 MiB or more, which a thread hashes. */
async function writeLarge(name: string, sizeBytes = 70_000_000): Promise<Expectation> {
  await using file = await open(at(name), 'w');
  await file.truncate(sizeBytes);
  await file.write(name, 64_000_000);
  const content = Buffer.alloc(sizeBytes);
  content.write(name, 64_000_000);
  return { path: name, algorithm: 'sha256', digest: createHash('sha256').update(content).digest('hex') };
}

describe('against a manifest', () => {
  it('finds nothing wrong with a whole backup, and reads every byte of it', async () => {
    expect(await run(byManifest())).toMatchObject({ bytes: 3_000_014, codes: [], proven: 2, unknown: 0 });
  });

  it('finds one changed byte', async () => {
    const content = Buffer.alloc(3_000_000, 1);
    content[2_999_999] = 2;
    await writeFile(at('disks/full.qcow2'), content);
    expect(await run(byManifest())).toMatchObject({ codes: ['backup.checksum disks/full.qcow2'], proven: 1 });
  });

  it('finds another size without hashing', async () => {
    await appendFile(at('disks/full.qcow2'), 'x');
    expect(await run(byManifest())).toMatchObject({
      bytes: 14,
      codes: ['backup.file-size disks/full.qcow2'],
    });
  });

  it('finds files that are missing, links, behind links, folders or pipes, and waits for none', async () => {
    const unusable = ['backup.file-unusable disks/full.qcow2'];
    const codes = async () =>
      (await run(byManifest())).codes.filter((code) => !code.startsWith('backup.no-checksum'));
    await rename(at('disks/full.qcow2'), at('moved'));
    expect(await codes()).toEqual(unusable);
    await symlink('../moved', at('disks/full.qcow2'));
    expect(await codes()).toEqual(unusable);
    await rm(at('disks/full.qcow2'));
    await execa('mkfifo', [at('disks/full.qcow2')]);
    expect(await codes()).toEqual(unusable);
    await rm(at('disks/full.qcow2'));
    await mkdir(at('disks/full.qcow2'));
    expect(await codes()).toEqual(unusable);
    await rename(at('disks'), at('elsewhere'));
    await symlink('elsewhere', at('disks'));
    expect(await codes()).toEqual(unusable);
  });

  it('reports every file that is wrong', async () => {
    await rm(at('disks/full.qcow2'));
    await writeFile(at('web01.vmx'), 'memsize = "2"\n');
    expect((await run(byManifest())).codes).toEqual([
      'backup.file-unusable disks/full.qcow2',
      'backup.checksum web01.vmx',
    ]);
  });

  it('finds a manifest that lies in a folder of the backup', async () => {
    await mkdir(at('monday'));
    for (const name of ['web01.vmx', 'disks', 'backup.json']) await rename(at(name), at(`monday/${name}`));
    expect(await run(expectedByManifest(manifest, 'monday'))).toMatchObject({
      codes: [],
      proven: 2,
      unknown: 0,
    });
  });
});
const quiet = () => ({ signal: new AbortController().signal, onBytes: () => undefined });

describe('against checksums that lie beside the files', () => {
  async function bySidecars() {
    await using files = await openFolder(folder);
    return await expectedBySidecars(files, (await files.list()).files);
  }

  it('proves what sha256sum has written', async () => {
    const { stdout } = await execa('sha256sum', ['web01.vmx', 'disks/full.qcow2'], { cwd: folder });
    await writeFile(at('SHA256SUMS'), stdout);
    const { expectations, findings } = await bySidecars();
    expect(findings).toEqual([]);
    expect(await run(expectations)).toMatchObject({ codes: [], proven: 2, unknown: 0 });
  });

  it('names the list that a file differs from, and how to go on if that is meant', async () => {
    await writeFile(at('web01.mf'), `SHA1(web01.vmx)= ${'0'.repeat(40)}\n`);
    const { findings } = await run((await bySidecars()).expectations);
    expect(findings[0]).toMatchObject({
      code: 'backup.checksum',
      message: 'web01.vmx is not the file that was backed up: its SHA-1 is not the one in web01.mf.',
    });
    expect(findings[0]?.remedy).toContain('take its line out of web01.mf');
  });

  it('does not call a backup broken because a list names what is not there', async () => {
    await writeFile(at('SHA256SUMS'), `${'0'.repeat(64)}  other.qcow2\n`);
    const { codes } = await run((await bySidecars()).expectations);
    expect(codes).toEqual(['backup.file-missing other.qcow2', 'backup.no-checksum disks/full.qcow2']);
  });

  it('says how many files there is no checksum for, and never calls them proven', async () => {
    const { findings, proven, unknown, bytes } = await run([]);
    expect({ proven, unknown, bytes }).toEqual({ proven: 0, unknown: 2, bytes: 0 });
    expect(findings.map(({ message }) => message)).toEqual([
      'There is no checksum to compare 2 files with (disks/full.qcow2, web01.vmx): that they are whole is not proven.',
    ]);
  });

  it('holds a file to every checksum that is given for it, and reads it once', async () => {
    const [vmx] = byManifest();
    const wrong: Expectation = {
      path: 'web01.vmx',
      algorithm: 'sha512',
      digest: '0'.repeat(128),
      from: 'a.sha512',
    };
    expect(await run([vmx!, wrong])).toMatchObject({
      bytes: 14,
      codes: ['backup.checksum web01.vmx', 'backup.no-checksum disks/full.qcow2'],
    });
  });
});

describe('large files', () => {
  it('are proven by threads, and every byte is heard of', async () => {
    const expectations = [await writeLarge('a.raw'), await writeLarge('b.raw'), await writeLarge('c.raw')];
    expect(await run([...byManifest(), ...expectations], { parallel: 2 })).toMatchObject({
      codes: [],
      proven: 5,
      bytes: 3 * 70_000_000 + 3_000_014,
    });
  });

  it('are found wrong, too', async () => {
    const [one, two] = [await writeLarge('a.raw'), await writeLarge('b.raw')];
    const expectations = [...byManifest(), one, { ...two, digest: one.digest }];
    expect((await run(expectations)).codes).toEqual(['backup.checksum b.raw']);
  });

  it('end a verification that is cancelled while a thread reads them', async () => {
    await using file = await open(at('a.raw'), 'w');
    await file.truncate(1_000_000_000);
    const stop = new AbortController();
    let bytes = 0;
    const onBytes = (read: number) => {
      bytes += read;
      stop.abort();
    };
    const expectation: Expectation = { path: 'a.raw', algorithm: 'sha256', digest: '0'.repeat(64) };
    const stopped = run([expectation], { signal: stop.signal, onBytes });
    await expect(stopped).rejects.toMatchObject({ code: 'run.cancelled' });
    expect(bytes).toBeLessThan(1_000_000_000);
  });
});

describe('a verification that was interrupted', () => {
  const memory = () => {
    const kept = new Map<string, string>();
    return {
      recall: (key: string) => kept.get(key),
      record: (key: string, digest: string) => void kept.set(key, digest),
    };
  };

  it('stops when it is told to', async () => {
    await expect(run(byManifest(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'run.cancelled',
    });
    const later = new AbortController();
    let bytes = 0;
    const onBytes = (read: number) => {
      bytes += read;
      if (bytes > 1_000_000) later.abort();
    };
    const stopped = run(byManifest(), { signal: later.signal, onBytes });
    await expect(stopped).rejects.toMatchObject({ code: 'run.cancelled' });
    expect(bytes).toBeLessThan(3_000_000);
  });

  it('goes on after the files that were proven', async () => {
    const done = memory();
    const first = await writeLarge('a.raw');
    const longAgo = new Date(1_000_000_000_000);
    await utimes(at('a.raw'), longAgo, longAgo);
    await run([first], { done });
    // Read again, it would be found wrong; its time and size say that it is the same.
    await using file = await open(at('a.raw'), 'r+');
    await file.write('x', 0);
    await utimes(at('a.raw'), longAgo, longAgo);
    expect(await run([first, ...byManifest()], { done })).toMatchObject({
      codes: [],
      proven: 3,
      bytes: 70_000_000 + 3_000_014,
    });
  });

  it('reads a file again that has changed since, and one that was wrong', async () => {
    const done = memory();
    await run(byManifest(), { done });
    await writeFile(at('web01.vmx'), 'memsize = "2"\n');
    expect((await run(byManifest(), { done })).codes).toEqual(['backup.checksum web01.vmx']);
    expect((await run(byManifest(), { done })).codes).toEqual(['backup.checksum web01.vmx']);
    await writeFile(at('web01.vmx'), 'memsize = "1"\n');
    expect((await run(byManifest(), { done })).codes).toEqual([]);
  });

  it('does not take one checksum for another', async () => {
    const done = memory();
    await run(byManifest(), { done });
    const other = byManifest().map((one) => ({ ...one, digest: '0'.repeat(64) }));
    expect((await run(other, { done })).codes).toHaveLength(2);
  });
});

it('hears of a file that cannot be read, and proves the others', async () => {
  await using files = await openFolder(folder);
  const { files: entries } = await files.list();
  const broken = {
    place: () => Promise.resolve(undefined),
    open: async (name: string) => {
      const reader = await files.open(name);
      if (name === 'web01.vmx') return reader;
      const failed = Object.assign(new Error('i/o error, read'), { code: 'EIO', errno: -5 });
      return { ...reader, read: () => Promise.reject(failed) };
    },
  };
  const { findings, proven } = await verify({ files: broken, entries, expectations: byManifest() }, quiet());
  expect(proven).toBe(1);
  expect(findings.map(({ message }) => message)).toEqual([
    'disks/full.qcow2 is of no use: reading it failed with EIO.',
  ]);
});
