import { readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../testing/temporary-folder.ts';
import { writeCpio } from './cpio.ts';
import { driverSegment, moduleName, readInitramfs } from './initramfs.ts';

const MODULE = 'usr/lib/modules/6.1.0/kernel/drivers/scsi/vmw_pvscsi.ko';
const ADDED = 'usr/lib/modules/6.1.0/kernel/drivers/block/virtio_blk.ko';

/** As initramfs-tools makes them: lib is a link, so the reader is given a real one by cpio. */
const main = writeCpio(
  ['conf', 'usr', 'usr/lib', 'usr/lib/modules'],
  [
    ['conf/initramfs.conf', Buffer.from('MODULES=list\n')],
    ['conf/modules', Buffer.from('vmw_pvscsi\n')],
    [MODULE, Buffer.alloc(5000, 7)],
    ['etc/fstab', Buffer.from('')],
  ],
);
const microcode = writeCpio(['kernel'], [['kernel/x86/microcode/GenuineIntel.bin', Buffer.alloc(3000, 1)]]);
const SEGMENT_FILES: [string, Buffer][] = [
  [ADDED, Buffer.alloc(4000, 9)],
  ['conf/modules', Buffer.from('vmw_pvscsi\nvirtio_blk\n')],
];

const SEGMENT_DIRECTORIES = [
  'conf',
  ...ADDED.split('/').flatMap((_name, depth, all) => (depth > 0 ? all.slice(0, depth).join('/') : [])),
];

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await temporaryFolder('initramfs');
  file = path.join(folder, 'initrd.img');
});

async function read(...parts: Buffer[]) {
  await writeFile(file, Buffer.concat(parts));
  return readInitramfs(file);
}

const withSegment = (initramfs: Buffer, compress = true) =>
  Buffer.concat([initramfs, driverSegment(initramfs.length, SEGMENT_DIRECTORIES, SEGMENT_FILES, compress)]);

const zeros = Buffer.alloc(512);

describe.each([
  ['plain', [main]],
  ['gzip', [gzipSync(main)]],
  ['zstd', [zstdCompressSync(main)]],
  ['microcode, then gzip', [microcode, gzipSync(main)]],
  ['microcode with zeros behind it, then zstd', [microcode, zeros, zstdCompressSync(main)]],
  ['two plain archives, then gzip', [microcode, zeros, microcode, gzipSync(main)]],
  ['gzip of a length that is no multiple of four', [gzipSync(main, { level: 1 }), Buffer.alloc(3)]],
])('an initramfs of %s', (_kind, parts) => {
  const bytes = Buffer.concat(parts);

  it('shows its modules, directories and small files', async () => {
    expect(await read(bytes)).toEqual({
      mainBytes: bytes.length,
      totalBytes: bytes.length,
      modules: new Set(['vmw_pvscsi']),
      moduleFiles: new Set(['kernel/drivers/scsi/vmw_pvscsi.ko']),
      directories: expect.objectContaining({}) as unknown,
      links: new Map(),
      texts: new Map([['conf/modules', 'vmw_pvscsi\n']]),
      builtBy: 'initramfs-tools',
    });
  });

  it.each([true, false])('shows a driver segment of ours too (compressed: %s)', async (compress) => {
    const both = withSegment(bytes, compress);
    expect(await read(both)).toMatchObject({
      mainBytes: bytes.length,
      totalBytes: both.length,
      modules: new Set(['vmw_pvscsi', 'virtio_blk']),
      texts: new Map([['conf/modules', 'vmw_pvscsi\nvirtio_blk\n']]),
    });
  });

  it('is back as it was when the segment is cut off where it says', async () => {
    const found = await read(withSegment(bytes));
    await truncate(file, found?.mainBytes);
    expect(await readFile(file)).toEqual(bytes);
  });
});

it('sees links, so that nothing is put where it would hide a directory', async () => {
  const script = 'mkdir -p usr/lib && ln -s usr/lib lib && find . | cpio -o -H newc --quiet';
  const cwd = await temporaryFolder('links');
  const { stdout } = await execa('sh', ['-c', script], { encoding: 'buffer', cwd });
  expect((await read(Buffer.from(stdout)))?.links).toEqual(new Map([['lib', 'usr/lib']]));
});

it('tells who built it', async () => {
  const builtBy = async (name: string) => (await read(gzipSync(writeCpio([], [[name, zeros]]))))?.builtBy;
  expect(await builtBy('usr/lib/dracut-lib.sh')).toBe('dracut');
  expect(await builtBy('init')).toBe('other');
});

const PACKERS: [string, string[]][] = [
  ['xz', ['--check=crc32']],
  ['xz', ['--format=lzma']],
  ['lz4', ['-l']],
  ['lzop', []],
  ['bzip2', []],
];

it.each(PACKERS)('reads one that is compressed by %s %j', async (program, options) => {
  const { stdout: packed } = await execa(program, [...options, '-c'], { input: main, encoding: 'buffer' });
  const plain = await read(main);
  const found = await read(microcode, Buffer.from(packed));
  expect(found?.moduleFiles).toEqual(plain?.moduleFiles);
  expect(found?.modules.size).toBeGreaterThan(0);
});

it.each([
  ['xz', 'fd377a585a00'],
  ['lz4', '02214c18'],
  ['bzip2', '425a6839'],
])('refuses what only begins like %s', async (_program, magic) => {
  await expect(read(microcode, Buffer.from(magic, 'hex'), Buffer.alloc(100, 5))).rejects.toMatchObject({
    code: 'guest.unsupported',
  });
});

it('says nothing of a compression that it does not know', async () => {
  expect(await read(microcode, Buffer.from('12345678', 'hex'), Buffer.alloc(100, 5))).toBeUndefined();
});

it('stops a bomb that another program unpacks', async () => {
  const { stdout: bomb } = await execa('xz', ['-c'], { input: Buffer.alloc(20_000_000), encoding: 'buffer' });
  await writeFile(file, bomb);
  await expect(readInitramfs(file, 1_000_000)).rejects.toMatchObject({ code: 'guest.unsupported' });
});

it.each([
  ['a gzip stream that is cut off', gzipSync(main).subarray(0, 200)],
  ['a zstd stream that is cut off', zstdCompressSync(main).subarray(0, 60)],
  ['gzip of something else', gzipSync(Buffer.from('hello, this is no archive at all'.repeat(10)))],
  ['a gzip header and rubbish', Buffer.concat([Buffer.from('1f8b0800', 'hex'), Buffer.alloc(99, 0xee)])],
])('refuses %s', async (_what, bytes) => {
  await expect(read(bytes)).rejects.toMatchObject({ code: 'guest.unsupported' });
});

it('stops at a bomb long before it is unpacked', async () => {
  const bomb = gzipSync(writeCpio([], [['zeros', Buffer.alloc(16 * 1024 * 1024)]]));
  expect(bomb.length).toBeLessThan(100_000);
  await writeFile(file, bomb);
  await expect(readInitramfs(file, 1024 * 1024)).rejects.toMatchObject({
    code: 'guest.unsupported',
    message: 'An initramfs of the guest unpacks to more than 1048576 bytes.',
  });
  expect(await readInitramfs(file, 100 * 1024 * 1024)).toMatchObject({ modules: new Set() });
});

it('passes over 256 MB of zeros in seconds', async () => {
  await writeFile(file, '');
  await truncate(file, 256 * 1024 * 1024);
  const startedAt = performance.now();
  // Sparse, and zeros: no archive, no module, nothing to find.
  expect(await readInitramfs(file)).toMatchObject({ modules: new Set() });
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

it.each([
  ['no room for a segment', '{"mainBytes":5,"endBytes":6}'],
  ['an end before its start', '{"mainBytes":900,"endBytes":400}'],
  ['an end behind the file', '{"mainBytes":0,"endBytes":999999999}'],
  ['a number that is none', '{"mainBytes":x,"endBytes":1}'],
])('does not believe a mark with %s', async (_what, mark) => {
  const forged = Buffer.concat([main, writeCpio([], [['ascend-segment', Buffer.from(mark)]])]);
  expect(await read(forged)).toMatchObject({ mainBytes: forged.length, modules: new Set(['vmw_pvscsi']) });
});

describe('read by other programs, piece by piece as the kernel does', () => {
  // lsinitramfs and unmkinitramfs of Debian 12 stop at a second compressed archive, so the whole is left to the kernel:
  // the system tests boot it.
  const initramfs = gzipSync(main);
  const bytes = withSegment(initramfs);
  const start = Math.ceil(initramfs.length / 4) * 4;
  const { endBytes } = JSON.parse(
    /{"mainBytes":\d+,"endBytes":\d+}/.exec(bytes.toString('latin1'))?.[0] ?? '',
  ) as {
    endBytes: number;
  };

  it('leaves the initramfs as it was, up to zeros that bring it to a multiple of four', () => {
    expect(bytes.subarray(0, initramfs.length)).toEqual(initramfs);
    expect(bytes.subarray(initramfs.length, start)).toEqual(Buffer.alloc(start - initramfs.length));
    expect(bytes.length % 4).toBe(0);
  });

  it('has a segment that gzip and cpio read', async () => {
    const segment = await written('segment.gz', bytes.subarray(start, endBytes));
    await execa('gzip', ['-t', segment]);
    const listed = await execa('sh', ['-c', 'zcat "$1" | cpio -t --quiet', 'sh', segment]);
    expect(listed.stdout.split('\n')).toEqual([...SEGMENT_DIRECTORIES, ADDED, 'conf/modules']);
  });

  it('has a segment that initramfs-tools unpacks, file by file as it was', async () => {
    const segment = await written('segment.img', bytes.subarray(start, endBytes));
    expect((await execa('lsinitramfs', [segment])).stdout.split('\n')).toContain(ADDED);
    const out = path.join(folder, 'unpacked');
    await execa('unmkinitramfs', [segment, out]);
    for (const [name, content] of SEGMENT_FILES)
      expect(await readFile(path.join(out, name))).toEqual(content);
  });

  it('ends with a mark that cpio reads', async () => {
    const tail = await written('tail', bytes.subarray(Math.ceil(endBytes / 4) * 4));
    expect((await execa('cpio', ['-t', '--quiet'], { inputFile: tail })).stdout).toBe('ascend-segment');
  });
});

it('names modules as modprobe does', () => {
  expect(
    ['a/virtio-blk.ko', 'b/nvme.ko.xz', 'c/sd_mod.ko.zst', 'ena.ko.gz', 'x.ko.bz2'].map(moduleName),
  ).toEqual(['virtio_blk', 'nvme', 'sd_mod', 'ena', 'x.ko.bz2']);
});

async function written(name: string, bytes: Buffer): Promise<string> {
  const target = path.join(folder, name);
  await writeFile(target, bytes);
  return target;
}
