import { open, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { AscendError } from '../../proto/errors.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { exec, type Exec } from '../exec.ts';
import { openFolder } from '../repositories/folder-files.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { resolveChain, type Chain } from './chain.ts';
import { checkImages } from './check-image.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder('check');
  await writeFile(at('data.raw'), Buffer.alloc(4 * 1024 * 1024, 'data'));
});

const at = (name: string) => path.join(folder, name);
const qemuImg = (...args: string[]) => exec('qemu-img', args, { cwd: folder });
const convert = (driver: string, name: string) =>
  qemuImg('convert', '-f', 'raw', '-O', driver, 'data.raw', name);

async function resolve(file: string): Promise<Chain> {
  await using files = await openFolder(folder);
  const paths = (await files.list()).files.map(({ path: name }) => name);
  return await resolveChain({ open: (name) => files.open(name), paths }, { diskId: 'disk', file });
}

async function check(file: string, offset = 0): Promise<Finding[]> {
  const place = async (name: string) => ({ file: at(name), offset, sizeBytes: (await stat(at(name))).size });
  return checkImages(await resolve(file), { exec, signal: new AbortController().signal, place });
}

async function write(name: string, offset: number, bytes: number[]): Promise<void> {
  await using handle = await open(at(name), 'r+');
  await handle.write(Buffer.from(bytes), 0, bytes.length, offset);
}

it.each(['qcow2', 'vmdk', 'vhdx', 'vpc'])('finds nothing in a whole %s', async (driver) => {
  await convert(driver, `disk.${driver}`);
  expect(await check(`disk.${driver}`)).toEqual([]);
});

it('checks each layer by itself: the names of backing files are not followed', async () => {
  await convert('qcow2', 'base.qcow2');
  await qemuImg('create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', 'base.qcow2', 'top.qcow2');
  const chain = await resolve('top.qcow2');
  const seen: string[] = [];
  const place = async (name: string) => {
    seen.push(name);
    // Each where no other lies beside it.
    const alone = await temporaryFolder('alone');
    await exec('cp', [at(name), alone]);
    return { file: path.join(alone, name), offset: 0, sizeBytes: (await stat(at(name))).size };
  };
  expect(await checkImages(chain, { exec, signal: new AbortController().signal, place })).toEqual([]);
  expect(seen).toEqual(['base.qcow2', 'top.qcow2']);
});

it.each(['qcow2', 'vmdk', 'vhdx'])('blocks a %s that was cut off within its data', async (driver) => {
  await convert(driver, `disk.${driver}`);
  const { size } = await stat(at(`disk.${driver}`));
  await truncate(at(`disk.${driver}`), Math.floor(size / 2));
  expect(await check(`disk.${driver}`)).toMatchObject([{ code: 'disk.corrupt', subject: `disk.${driver}` }]);
});

it('blocks a refcount table that leads back to itself', async () => {
  await convert('qcow2', 'disk.qcow2');
  // The only refcount block is the refcount table: big-endian 0x10000, where it lies.
  await write('disk.qcow2', 0x10000, [0, 0, 0, 0, 0, 1, 0, 0]);
  expect(await check('disk.qcow2')).toMatchObject([{ code: 'disk.corrupt' }]);
});

it('mentions clusters that nothing uses', async () => {
  await convert('qcow2', 'disk.qcow2');
  // The last cluster's reference goes: first entry of the L2 table that follows the L1 table.
  await using handle = await open(at('disk.qcow2'), 'r+');
  const l1 = (await handle.read(Buffer.alloc(8), 0, 8, 40)).buffer.readBigUInt64BE();
  const l2 =
    (await handle.read(Buffer.alloc(8), 0, 8, Number(l1))).buffer.readBigUInt64BE() & 0x00fffffffffffe00n;
  await handle.write(Buffer.alloc(8), 0, 8, Number(l2));
  const findings = await check('disk.qcow2');
  expect(findings).toMatchObject([{ code: 'disk.leaks' }]);
  expect(findings[0]?.message).toContain('has 1 clusters');
});

it('bounds the memory that a file can ask for', async () => {
  await qemuImg('create', '-q', '-f', 'qcow2', '-o', 'cluster_size=512', 'disk.qcow2', '32M');
  await truncate(at('disk.qcow2'), 600 * 1024 ** 3);
  const findings = await check('disk.qcow2');
  expect(['disk.corrupt', 'disk.unchecked']).toContain(findings[0]?.code);
});

it('reads a disk inside an archive at its place', async () => {
  await convert('qcow2', 'disk.qcow2');
  await exec('sh', ['-c', 'head -c 1536 /dev/zero | cat - disk.qcow2 > moved && mv disk.qcow2 kept'], {
    cwd: folder,
  });
  await exec('mv', ['kept', 'disk.qcow2'], { cwd: folder });
  const chain = await resolve('disk.qcow2');
  const { size } = await stat(at('disk.qcow2'));
  const place = () => Promise.resolve({ file: at('moved'), offset: 1536, sizeBytes: size });
  expect(await checkImages(chain, { exec, signal: new AbortController().signal, place })).toEqual([]);
});

it('leaves alone what is not usable, lies in a bucket, or has no tables', async () => {
  const never = () => Promise.reject(new AscendError('internal', 'ran a program'));
  const context = {
    exec: never,
    signal: new AbortController().signal,
    place: () => Promise.resolve(undefined),
  };
  await convert('qcow2', 'disk.qcow2');
  expect(await checkImages(await resolve('disk.qcow2'), context)).toEqual([]);
  expect(await checkImages(await resolve('data.raw'), context)).toEqual([]);
  expect(await checkImages({ ...(await resolve('disk.qcow2')), usable: false }, context)).toEqual([]);
});

it('says so where qemu-img is not installed', async () => {
  await convert('qcow2', 'disk.qcow2');
  const chain = await resolve('disk.qcow2');
  for (const tool of ['setpriv', 'prlimit']) await symlink(`/usr/bin/${tool}`, at(tool));
  const place = () => Promise.resolve({ file: at('disk.qcow2'), offset: 0, sizeBytes: 1 });
  const bare: Exec = (program, args, options) => exec(program, args, { ...options, env: { PATH: folder } });
  const checked = checkImages(chain, { exec: bare, signal: new AbortController().signal, place });
  await expect(checked).rejects.toMatchObject({
    code: 'host.tool-missing',
    context: { program: 'qemu-img' },
  });
});
