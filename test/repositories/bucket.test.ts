/** Buckets against a real S3 service, and over a wire that breaks. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBucket } from '../../agent/repositories/bucket.ts';
import { bucketSchema, type BucketOptions } from '../../agent/repositories/bucket-options.ts';
import { openBucketUrl } from '../../agent/repositories/bucket-repository.ts';
import type { BoundaryOf, OpenBackup } from '../../agent/repositories/open.ts';
import { openOrdered, openRepository } from '../../agent/repositories/repository.ts';
import type { AscendError } from '../../proto/errors.ts';
import { BrokenWire } from '../peers/broken-wire.ts';
import { Moto } from '../peers/moto.ts';

const never = new AbortController().signal;
const disk = randomBytes(1_000_000);
let moto: Moto;
let folder: string;
let credentialsFile: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ascend-bucket-'));
  credentialsFile = path.join(folder, 'credentials.json');
  await writeFile(credentialsFile, JSON.stringify({ accessKeyId: 'any', secretAccessKey: 'any' }), {
    mode: 0o600,
  });
  moto = await Moto.start();
  await moto.fill('nas', {
    'site/web01/backup.json': '{}',
    'site/web01/disks/a.qcow2': disk,
    'site/web01/empty': '',
    'site/web01/folder/': '',
    'site/web01/../escape': 'x',
    'site/web010/other': 'x',
  });
});

afterAll(async () => {
  await moto[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function options(more: Partial<BucketOptions> = {}): BucketOptions {
  const { endpoint } = moto;
  return bucketSchema.parse({ name: 'nas', prefix: 'site/web01', endpoint, credentialsFile, ...more });
}

it('lists what lies below the prefix, and passes over names that no backup has', async () => {
  await using bucket = await openBucket(options(), never);
  const { files, findings } = await bucket.list();
  expect(bucket.location).toBe('s3://nas/site/web01');
  expect(files.map(({ path: file, sizeBytes }) => [file, sizeBytes])).toEqual([
    ['backup.json', 2],
    ['disks/a.qcow2', disk.length],
    ['empty', 0],
  ]);
  expect(findings.map(({ code, subject }) => [code, subject])).toEqual([
    ['backup.file-passed-over', '"site/web01/../escape"'],
  ]);
});

it('lists more objects than one page holds', async () => {
  const keys = Array.from({ length: 2345 }, (_, index) => `b/${String(index).padStart(5, '0')}/backup.json`);
  await moto.fill('many', Object.fromEntries(keys.map((key) => [key, '{}'])));
  await using bucket = await openBucket(options({ name: 'many', prefix: '' }), never);
  expect((await bucket.list()).files.map((file) => file.path)).toEqual(keys);
});

it.each([
  ['the start', 0, 104],
  ['across the border of two blocks', 262_100, 200],
  ['more than a block', 1000, 600_000],
  ['the end, and nothing beyond it', disk.length - 10, 100],
  ['nothing beyond the end', disk.length + 5, 10],
])('reads %s', async (_, offset, length) => {
  await using bucket = await openBucket(options(), never);
  await using file = await bucket.open('disks/a.qcow2');
  const read = await file.read(offset, length);
  expect(read.equals(disk.subarray(offset, offset + length))).toBe(true);
  expect(file.sizeBytes).toBe(disk.length);
});

it('answers small reads that lie together with one request', async () => {
  await using wire = await BrokenWire.start(moto.endpoint);
  await using bucket = await openBucket(options({ endpoint: wire.endpoint }), never);
  await using file = await bucket.open('disks/a.qcow2');
  const before = wire.requests;
  for (let offset = 0; offset < 100_000; offset += 1000) await file.read(offset, 512);
  expect(wire.requests - before).toBe(1);
});

it('reads an object that changed since it was listed not at all', async () => {
  await moto.fill('live', { 'disk.qcow2': 'before', gone: 'here' });
  await using bucket = await openBucket(options({ name: 'live', prefix: '' }), never);
  await using file = await bucket.open('disk.qcow2');
  await moto.put('live', 'disk.qcow2', 'after!');
  await expect(file.read(0, 6)).rejects.toMatchObject({
    code: 'backup.changed',
    message: expect.stringContaining('s3://live/disk.qcow2') as string,
  });
});

it('says which file is missing', async () => {
  await using bucket = await openBucket(options(), never);
  await expect(bucket.open('disks/b.qcow2')).rejects.toMatchObject({ problem: 'missing' });
});

it('asks again where an answer breaks off, and gives up where it always does', async () => {
  await using wire = await BrokenWire.start(moto.endpoint);
  await using bucket = await openBucket(options({ endpoint: wire.endpoint }), never);
  await using file = await bucket.open('disks/a.qcow2');
  wire.damages.push('cut-body', 'cut-body');
  expect((await file.read(0, 300_000)).equals(disk.subarray(0, 300_000))).toBe(true);
  wire.damages.push('cut-body', 'cut-body', 'cut-body');
  await expect(file.read(0, 300_000)).rejects.toMatchObject({ code: 'repository.unreachable' });
});

it('refuses a service that sends the whole object for a range', async () => {
  await using wire = await BrokenWire.start(moto.endpoint);
  await using bucket = await openBucket(options({ endpoint: wire.endpoint }), never);
  await using file = await bucket.open('disks/a.qcow2');
  wire.damages.push('whole-object');
  await expect(file.read(0, 100)).rejects.toMatchObject({ code: 'backup.invalid' });
});

it('says that a bucket does not exist', async () => {
  await using bucket = await openBucket(options({ name: 'nowhere' }), never);
  await expect(bucket.list()).rejects.toMatchObject({ code: 'not-found' });
});

it('says that nothing listens, after a few tries', async () => {
  await using bucket = await openBucket(options({ endpoint: 'http://127.0.0.1:1' }), never);
  await expect(bucket.list()).rejects.toMatchObject({ code: 'repository.unreachable' });
});

it('stops when it is told to', async () => {
  const stop = new AbortController();
  await using bucket = await openBucket(options(), stop.signal);
  await using file = await bucket.open('disks/a.qcow2');
  stop.abort();
  await expect(file.read(0, 10)).rejects.toMatchObject({ code: 'run.cancelled' });
});

it('takes no credentials that others can read, and tells nothing of what it reads', async () => {
  const file = path.join(folder, 'open.json');
  await writeFile(file, '{"accessKeyId": "AKIA-SECRET", nonsense', { mode: 0o644 });
  const refused = openBucket(options({ credentialsFile: file }), never);
  await expect(refused).rejects.toMatchObject({ code: 'config.invalid', hint: `Run: chmod 600 ${file}` });
  await chmod(file, 0o600);
  const broken = await openBucket(options({ credentialsFile: file }), never).then(
    () => expect.fail('opened'),
    (error: unknown) => error as AscendError,
  );
  expect(broken.code).toBe('config.invalid');
  expect(`${broken.message} ${broken.hint} ${String(broken.cause)}`).not.toContain('SECRET');
});

it('is let in with the right credentials alone', async () => {
  await using guarded = await Moto.start();
  const right = await guarded.requireCredentials();
  const file = path.join(folder, 'guarded.json');
  const attempt = async (credentials: object): Promise<number> => {
    await writeFile(file, JSON.stringify(credentials), { mode: 0o600 });
    const place = { endpoint: guarded.endpoint, credentialsFile: file };
    await using bucket = await openBucket(options({ name: 'mine', prefix: '', ...place }), never);
    return (await bucket.list()).files.length;
  };
  const wrong = { ...right, secretAccessKey: 'wrong' };
  await expect(attempt(wrong)).rejects.toMatchObject({ code: 'repository.denied' });
  // Past the credentials, it is the bucket that is missing.
  await expect(attempt(right)).rejects.toMatchObject({ code: 'not-found' });
});

it('walks through a bucket as a repository, and opens what lies there', async () => {
  await moto.fill('repo', {
    'a/web01/backup.json': '{}',
    'a/web01/disks/d.qcow2': disk,
    'a/i-2-VM/2026.01.01.00.00.00/root.1.qcow2': 'x',
    'a/i-2-VM/2026.01.02.00.00.00/root.1.qcow2': 'y',
    'a/lone.json': '{"lone": true}',
  });
  const repository = { name: 'nas', bucket: options({ name: 'repo', prefix: 'a' }) };
  const boundaryOf: BoundaryOf = (place) => (place.includes('2026') ? path.dirname(place) : undefined);
  const placesOf = async ({ files, scope }: OpenBackup) => [
    scope,
    (await files.list()).files.map((file) => file.path),
  ];
  const expected: [string, unknown[]][] = [
    ['web01', ['', ['backup.json', 'disks/d.qcow2']]],
    [
      'i-2-VM/2026.01.02.00.00.00',
      ['2026.01.02.00.00.00', ['2026.01.01.00.00.00/root.1.qcow2', '2026.01.02.00.00.00/root.1.qcow2']],
    ],
  ];
  await using open = await openRepository(repository, never);
  expect((await open.walk()).files).toHaveLength(5);
  for (const [place, files] of expected) {
    await using listed = await open.open(place, boundaryOf);
    expect(await placesOf(listed)).toEqual(files);
    await using ordered = await openOrdered(
      [repository],
      { repository: 'nas', path: place },
      boundaryOf,
      never,
    );
    expect(await placesOf(ordered)).toEqual(files);
  }
  await using lone = await openBucketUrl('s3://repo/a/lone.json', [repository.bucket], boundaryOf, never);
  expect(lone.scope).toBe('lone.json');
  await using reader = await lone.files.open('lone.json');
  expect((await reader.read(0, 100)).toString()).toBe('{"lone": true}');
  const gone = openOrdered([repository], { repository: 'nas', path: 'gone' }, boundaryOf, never);
  await expect(gone).rejects.toMatchObject({ code: 'backup.not-found' });
});
