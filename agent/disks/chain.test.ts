import { mkdir, rename, symlink, writeFile, open } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { exec } from '../exec.ts';
import { openFolder } from '../repositories/folder-files.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { resolveChain, type Chain, type ChainSpec } from './chain.ts';

const SIZE = 64 * 1024 * 1024;
const disk = {
  diskId: 'scsi0:0',
  file: 'incr.qcow2',
  sizeBytes: BigInt(SIZE),
  layers: ['full.qcow2', 'incr.qcow2'],
};
let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder('chain');
  await qemuImg('create', '-f', 'qcow2', 'full.qcow2', String(SIZE));
  await qemuImg('create', '-f', 'qcow2', '-F', 'qcow2', '-b', 'full.qcow2', 'incr.qcow2');
});

async function qemuImg(...args: string[]): Promise<void> {
  await exec('qemu-img', args, { cwd: folder });
}

async function resolve(spec: ChainSpec = disk): Promise<Chain> {
  await using files = await openFolder(folder);
  const paths = (await files.list()).files.map(({ path: name }) => name);
  return await resolveChain({ open: (name) => files.open(name), paths }, spec);
}

async function codes(spec: ChainSpec = disk): Promise<string[]> {
  return (await resolve(spec)).findings.map((finding) => finding.code);
}

/** A disk of which the manifest lists this file alone. */
const alone = (file: string): ChainSpec => ({ ...disk, file, layers: [file] });

/** qemu-img refuses to make most of these: -u writes the name without opening it. */
const rebase = (backing: string) => qemuImg('rebase', '-u', '-F', 'qcow2', '-b', backing, 'incr.qcow2');

it('accepts a whole chain and states its virtual size', async () => {
  expect(await resolve()).toMatchObject({
    findings: [],
    sizeBytes: BigInt(SIZE),
    usable: true,
    layers: [{ file: 'full.qcow2' }, { file: 'incr.qcow2', header: { format: 'qcow2', variant: 'v3' } }],
  });
});

it.each([
  ['an absolute path', '/etc/passwd'],
  ['a path that climbs out', '../other/full.qcow2'],
  ['an NBD address', 'nbd://127.0.0.1:10809/x'],
  ['a JSON block device', 'json:{"driver":"file","filename":"/etc/passwd"}'],
  ['a protocol prefix', 'file:full.qcow2'],
])('blocks %s as backing file', async (_what, backing) => {
  await rebase(backing);
  const chain = await resolve();
  expect(chain.findings.map((finding) => finding.code)).toEqual(['disk.backing-outside-backup']);
  expect(chain.findings[0]?.message).toContain(JSON.stringify(backing));
  expect(chain.usable).toBe(false);
});

it('blocks a backing file of the backup that is not the layer below', async () => {
  await qemuImg('create', '-f', 'qcow2', 'third.qcow2', String(SIZE));
  await rebase('third.qcow2');
  expect(await codes()).toEqual(['disk.chain-broken']);
});

it('blocks an increment whose backing file has been taken away', async () => {
  await rebase('');
  expect(await codes()).toEqual(['disk.chain-broken']);
});

it('blocks a base that names a backing file', async () => {
  expect(await codes(alone('incr.qcow2'))).toEqual(['disk.chain-broken']);
});

it('blocks a backing file that qemu would read as raw', async () => {
  await qemuImg('rebase', '-u', '-F', 'raw', '-b', 'full.qcow2', 'incr.qcow2');
  expect(await codes()).toEqual(['disk.backing-format']);
});

it('blocks an external data file, even inside the backup', async () => {
  await qemuImg('create', '-f', 'qcow2', '-o', 'data_file=full.raw', 'full.qcow2', String(SIZE));
  expect(await codes()).toEqual(['disk.external-data-file']);
});

it('blocks a layer that is a symbolic link', async () => {
  await rename(path.join(folder, 'full.qcow2'), path.join(folder, 'moved.qcow2'));
  await symlink('moved.qcow2', path.join(folder, 'full.qcow2'));
  expect(await codes()).toEqual(['disk.symlink']);
});

it('blocks a layer behind a linked folder', async () => {
  const outside = await temporaryFolder('outside');
  await rename(path.join(folder, 'full.qcow2'), path.join(outside, 'full.qcow2'));
  await symlink(outside, path.join(folder, 'disks'));
  expect(await codes(alone('disks/full.qcow2'))).toEqual(['disk.symlink']);
});

it('blocks a missing layer, a folder, a pipe and a file that is no QCOW2', async () => {
  await mkdir(path.join(folder, 'folder.qcow2'));
  await exec('mkfifo', [path.join(folder, 'pipe.qcow2')]);
  await writeFile(path.join(folder, 'text.qcow2'), 'x'.repeat(1000));
  await writeFile(path.join(folder, 'empty.qcow2'), '');
  const found = [];
  for (const file of ['gone', 'folder', 'pipe', 'text', 'empty']) {
    found.push(...(await codes(alone(`${file}.qcow2`))));
  }
  expect(found).toEqual([
    'disk.missing',
    'disk.not-a-file',
    'disk.not-a-file',
    'disk.invalid',
    'disk.invalid',
  ]);
});

it('blocks an encrypted disk and one of another size than the manifest says', async () => {
  // crypt_method: 2 is LUKS. Written by hand, for qemu-img times its key derivation, which fails on a busy host.
  await using handle = await open(path.join(folder, 'full.qcow2'), 'r+');
  await handle.write(Buffer.from([0, 0, 0, 2]), 0, 4, 32);
  expect(await codes({ ...alone('full.qcow2'), sizeBytes: BigInt(SIZE * 2) })).toEqual([
    'disk.encrypted',
    'disk.size-mismatch',
  ]);
});

it.each([
  ['cluster size', 20, 63],
  ['incompatible feature', 72, 0x80],
  ['header length', 100, 0x7f],
])('blocks a header with a wild %s', async (_what, offset, value) => {
  await using handle = await open(path.join(folder, 'full.qcow2'), 'r+');
  await handle.write(Buffer.from([value]), 0, 1, offset);
  expect(await codes()).toContain('disk.invalid');
});

const loose = (file: string): ChainSpec => ({ diskId: 'disk', file });

it('follows the names where no manifest lists the layers', async () => {
  const { layers, findings } = await resolve(loose('incr.qcow2'));
  expect(findings).toEqual([]);
  expect(layers.map(({ file }) => file)).toEqual(['full.qcow2', 'incr.qcow2']);
});

it.each([
  ['raw', 'base.img'],
  ['vmdk', 'base.vmdk'],
  ['vpc', 'base.vhd'],
  ['vhdx', 'base.vhdx'],
])('allows a QCOW2 file over %s that says so', async (driver, base) => {
  await qemuImg('create', '-q', '-f', driver, base, '64M');
  await qemuImg('create', '-q', '-f', 'qcow2', '-F', driver, '-b', base, 'mixed.qcow2', '64M');
  const { findings, layers } = await resolve(loose('mixed.qcow2'));
  expect(findings.map(({ code }) => code)).toEqual(driver === 'raw' ? ['disk.raw-unrecognised'] : []);
  expect(layers.map(({ header }) => header.format)).toEqual([driver === 'vpc' ? 'vhd' : driver, 'qcow2']);
});

it('blocks a QCOW2 file over another format that it does not state', async () => {
  await qemuImg('create', '-q', '-f', 'vmdk', 'base.vmdk', '64M');
  await qemuImg('create', '-q', '-f', 'qcow2', 'mixed.qcow2', '64M');
  await qemuImg('rebase', '-u', '-b', 'base.vmdk', '-F', 'vmdk', 'mixed.qcow2');
  // Turns the extension that states the format into one that nobody knows.
  await using handle = await open(path.join(folder, 'mixed.qcow2'), 'r+');
  const head = (await handle.read(Buffer.alloc(512), 0, 512, 0)).buffer;
  await handle.write(Buffer.from([0x12]), 0, 1, head.indexOf(Buffer.from('e2792aca', 'hex')));
  expect(await codes(loose('mixed.qcow2'))).toEqual(['disk.backing-format']);
});

it('ends where a backing file leads back to its child', async () => {
  await qemuImg('rebase', '-u', '-F', 'qcow2', '-b', 'incr.qcow2', 'full.qcow2');
  expect(await codes(loose('incr.qcow2'))).toEqual(['disk.chain-loop']);
});
