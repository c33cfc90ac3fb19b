import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AscendError } from '../../../../proto/errors.ts';
import type { WindowsVersion } from '../version.ts';
import { readIso } from './iso.ts';
import { suitableDrivers } from './supplied.ts';
import { driverTree } from './tree.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drivers-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function treeOf(name: string, files: Readonly<Record<string, string | Buffer>>) {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(path.join(folder, name, path.dirname(file)), { recursive: true });
    await writeFile(path.join(folder, name, file), content);
  }
  return driverTree(path.join(folder, name));
}

const inf = (decoration: string) =>
  `[Models.${decoration}]\r\n%D% = I, PCI\\VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00\r\n`;
const server = (build: number): WindowsVersion => ({ name: '', build, server: true, arch: 'amd64' });
const client = (build: number): WindowsVersion => ({ ...server(build), server: false });

test.each([
  [server(26100), '2k25'],
  [server(20348), '2k22'],
  [server(17763), '2k19'],
  [server(14393), '2k16'],
  [client(22631), 'w11'],
  [client(19045), 'w10'],
  [server(9600), '2k12R2'],
  [client(9600), 'w8.1'],
  [server(7601), '2k8R2'],
  [client(7601), 'w7'],
])('takes the drivers of the guest: %o from %s', async (version, release) => {
  const releases = [
    'xp',
    '2k8',
    'w7',
    '2k8R2',
    'w8',
    '2k12',
    'w8.1',
    '2k12R2',
    'w10',
    'w11',
    '2k16',
    '2k19',
    '2k22',
    '2k25',
  ];
  const files = releases.flatMap((name) => [
    [`viostor/${name}/amd64/viostor.inf`, inf('NTamd64')],
    [`viostor/${name}/x86/viostor.inf`, inf('NTx86')],
  ]);
  const tree = await treeOf('all', Object.fromEntries(files) as Record<string, string>);
  const drivers = await suitableDrivers(tree, version);
  expect(drivers.map(({ from }) => from)).toEqual([`viostor/${release}/amd64`]);
});

test('takes those of the nearest older release, never of another generation', async () => {
  const tree = await treeOf('older', { 'viostor/w10/amd64/viostor.inf': inf('NTamd64') });
  expect(await suitableDrivers(tree, server(26100))).toHaveLength(1);
  expect(await suitableDrivers(tree, server(9600))).toEqual([]);
});

test('knows releases by their years too', async () => {
  const tree = await treeOf('years', {
    'ENA/2012/ena.inf': inf('NTamd64'),
    'ENA/2012R2/ena.inf': inf('NTamd64'),
    'ENA/WS2016/ena.inf': inf('NTamd64'),
    'ENA/Windows Server 2022/ena.inf': inf('NTamd64'),
  });
  const from = async (version: WindowsVersion) => (await suitableDrivers(tree, version))[0]?.from;
  expect(await from(server(9200))).toBe('ENA/2012');
  expect(await from(server(9600))).toBe('ENA/2012R2');
  expect(await from(server(17763))).toBe('ENA/WS2016');
  expect(await from(server(20348))).toBe('ENA/Windows Server 2022');
  expect(await from(server(7601))).toBeUndefined();
});

test('reads an INF file in UTF-16, whatever its folder is called, and leaves symbols and installers', async () => {
  const tree = await treeOf('flat', {
    'AWSNVMe/awsnvme.inf': Buffer.from(`\ufeff${inf('NTamd64.6.1')}`, 'utf16le'),
    'AWSNVMe/AWSNVMe.SYS': 'sys',
    'AWSNVMe/awsnvme.pdb': 'pdb',
    'AWSNVMe/install.exe': 'exe',
  });
  const [driver] = await suitableDrivers(tree, server(20348));
  expect(driver?.pciIds).toEqual(['VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00']);
  expect(driver?.files.map(({ name }) => name).sort()).toEqual(['awsnvme.inf', 'awsnvme.sys']);
});

test('refuses a folder without drivers, and one that is not there', async () => {
  await expect(treeOf('none', { 'readme.txt': '' })).rejects.toMatchObject({ code: 'usage.invalid' });
  await expect(driverTree(path.join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'usage.invalid' });
});

/** One folder, "Drivers", with one file, "viostor.inf": descriptors at 16 and 17, the root at 18, the folder at 19. */
function iso(content: string): Buffer {
  const image = Buffer.alloc(21 * 2048);
  const record = (name: Buffer, sector: number, bytes: number, flags: number) => {
    const length = 33 + name.length + ((33 + name.length) % 2);
    const entry = Buffer.alloc(length);
    entry[0] = length;
    entry.writeUInt32LE(sector, 2);
    entry.writeUInt32LE(bytes, 10);
    entry[25] = flags;
    entry[32] = name.length;
    name.copy(entry, 33);
    return entry;
  };
  const named = (name: string) => Buffer.from(name, 'utf16le').swap16();
  const descriptor = image.subarray(16 * 2048);
  descriptor.writeUInt8(2, 0);
  descriptor.write('CD001', 1);
  descriptor.write('%/E', 88);
  record(Buffer.from([0]), 18, 2048, 2).copy(descriptor, 156);
  image.writeUInt8(255, 17 * 2048);
  image.write('CD001', 17 * 2048 + 1);
  const self = [record(Buffer.from([0]), 18, 2048, 2), record(Buffer.from([1]), 18, 2048, 2)];
  Buffer.concat([...self, record(named('Drivers'), 19, 2048, 2)]).copy(image, 18 * 2048);
  record(named('viostor.inf;1'), 20, content.length, 0).copy(image, 19 * 2048);
  image.write(content, 20 * 2048);
  return image;
}

test('reads drivers out of an ISO image', async () => {
  const file = path.join(folder, 'virtio-win.iso');
  await writeFile(file, iso('content'));
  const tree = await driverTree(file);
  expect(tree.map(({ path: name, sizeBytes }) => [name, sizeBytes])).toEqual([['Drivers/viostor.inf', 7]]);
  expect((await tree[0]?.read())?.toString()).toBe('content');
});

test('any damage of an image gives files or an AscendError', async () => {
  const good = iso('content');
  const flips = fc.array(fc.tuple(fc.integer({ min: 16 * 2048, max: good.length - 1 }), fc.nat(255)), {
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(flips, async (bytes) => {
      const bad = Buffer.from(good);
      for (const [at, to] of bytes) bad[at] = to;
      try {
        await readIso('image', (offset, length) => Promise.resolve(bad.subarray(offset, offset + length)));
      } catch (error) {
        expect(error).toBeInstanceOf(AscendError);
      }
    }),
    { numRuns: 300 },
  );
});
