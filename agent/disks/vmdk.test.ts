import { expect, it } from 'vitest';
import { resolveChain } from './chain.ts';
import type { DiskHeader } from './disk-header.ts';
import { memoryFiles, memoryReader } from './fixtures/memory-files.ts';
import { expectSurvival } from './fixtures/mutations.ts';
import {
  makeDescriptor,
  makeSeSparse,
  makeStreamOptimized,
  makeVmfsSparse,
  type DescriptorOptions,
} from './fixtures/vmdk.ts';
import { readDiskHeader } from './read-disk-header.ts';

const read = (content: Buffer, name = 'web01.vmdk'): Promise<DiskHeader> =>
  readDiskHeader(memoryReader(content), name);
const readText = (options: DescriptorOptions) => read(makeDescriptor(options));
const codesOf = ({ findings }: DiskHeader) => findings.map(({ code }) => code);

it('reads a descriptor alone: ids, parent, files with their offsets, sizes', async () => {
  const header = await readText({
    createType: 'twoGbMaxExtentFlat',
    cid: 'FFFE',
    parentCid: 'ABCD0001',
    hint: 'base.vmdk',
    extents: ['RW 4096 FLAT "a b-f001.vmdk" 0', 'RW 2048 FLAT "a b-f002.vmdk" 128'],
  });
  expect(header).toEqual({
    format: 'vmdk',
    variant: 'twoGbMaxExtentFlat',
    sizeBytes: 6144n * 512n,
    identity: '0000fffe',
    parent: { names: ['base.vmdk'], identity: 'abcd0001', format: 'vmdk' },
    dataFiles: [
      { kind: 'flat', name: 'a b-f001.vmdk', offsetBytes: 0n, sizeBytes: 4096n * 512n },
      { kind: 'flat', name: 'a b-f002.vmdk', offsetBytes: 128n * 512n, sizeBytes: 2048n * 512n },
    ],
    findings: [],
  });
});

it('reads carriage returns, spaces and the encoding that the descriptor states', async () => {
  const text = '#Disk\r\nversion = 1\r\nencoding = "windows-1252"\r\ncid = 1\r\nparentCID = ffffffff\r\n';
  const lines = 'createType = "vmfs"\r\n RW  8192   VMFS  "\xe9-flat.vmdk"\r\n';
  const header = await read(Buffer.from(text + lines, 'latin1'));
  expect(header).toMatchObject({ identity: '00000001', dataFiles: [{ name: 'é-flat.vmdk' }], findings: [] });
});

it.each([
  ...['fullDevice', 'partitionedDevice', 'vmfsRaw', 'vmfsRawDeviceMap', 'vmfsPassthroughRawDeviceMap'],
])('blocks a disk that stands for a device: %s', async (createType) => {
  const extents = ['RW 8192 VMFSRDM "web01-rdmp.vmdk"'];
  expect(codesOf(await readText({ createType, extents }))).toEqual(['disk.raw-device']);
});

it.each<[what: string, options: DescriptorOptions]>([
  ['an unknown type', { createType: 'custom' }],
  ['an extent without access', { extents: ['NOACCESS 8192 VMFS "web01-flat.vmdk"'] }],
  ['an extent of zeros', { createType: 'monolithicFlat', extents: ['RW 8192 ZERO'] }],
])('blocks %s', async (_what, options) => {
  expect(codesOf(await readText(options))).toEqual(['disk.unsupported']);
});

it.each(['ddb.iofilters = "vmwarevmcrypt"', 'encryptionKeys = "vmware:key/list/(pair/)"'])(
  'asks for the key of an encrypted disk: %s',
  async (line) => {
    const header = await readText({ more: [line] });
    expect(codesOf(header)).toEqual(['disk.encrypted']);
    expect(header.findings[0]?.message).toContain('key');
  },
);

it.each<[what: string, options: DescriptorOptions, word: RegExp]>([
  ['no extent', { extents: [] }, /names no extent/],
  ['an extent of nothing', { extents: ['RW 0 VMFS "a"'] }, /out of range/],
  ['an extent beyond all disks', { extents: ['RW 999999999999999 VMFS "a"'] }, /out of range/],
  [
    'extents beyond all disks',
    { extents: Array(3).fill('RW 99999999999 VMFS "a"') as string[] },
    /out of range/,
  ],
  ['an extent that qemu alone would see', { extents: ['RW\t+8192 VMFS "a"'] }, /not a line for an extent/],
  ['9,000 extents', { extents: Array(9000).fill('RW 1 VMFS "a"') as string[] }, /too many extents/],
  ['an id twice', { more: ['CID=1'] }, /twice/],
  ['an id that is none', { cid: 'x' }, /no content id/],
  ['a parent in a comment', { more: ['# parentFileNameHint="/etc/passwd"'] }, /where it is none/],
  ['a parent that its id denies', { hint: 'base.vmdk' }, /says that there is none/],
])('refuses a descriptor with %s', async (_what, options, word) => {
  await expect(readText(options)).rejects.toThrow(word);
  await expect(readText(options)).rejects.toMatchObject({ code: 'disk.invalid' });
});

it('refuses a descriptor of 2 MiB', async () => {
  const more = ['#'.repeat(2 << 20)];
  await expect(readText({ more })).rejects.toThrow(/too long/);
});

it('reads a streamOptimized file by the footer at its end', async () => {
  expect(await read(makeStreamOptimized())).toMatchObject({
    variant: 'streamOptimized',
    sizeBytes: 32n * 1024n * 1024n,
    identity: '1234abcd',
    findings: [],
  });
});

it('blocks a streamOptimized file that has lost its end', async () => {
  const content = makeStreamOptimized();
  for (const lost of [512, 1024, 1536, 2048])
    expect(codesOf(await read(content.subarray(0, -lost)))).toEqual(['disk.truncated']);
});

it.each<[what: string, field: number, value: bigint, word: RegExp]>([
  ['capacity for the size of the file', 12, 1n << 36n, /grain directory of .* beyond the end/],
  ['capacity', 12, 1n << 60n, /virtual size/],
  ['capacity of nothing', 12, 0n, /virtual size/],
  ['grain of 1 GiB', 20, 0x200000n, /grains of/],
  ['grain of nothing', 20, 0n, /grains of/],
  ['directory place', 56, 1n << 54n, /beyond the end/],
])('refuses an absurd %s', async (_what, field, value, word) => {
  const content = makeStreamOptimized();
  content.writeBigUInt64LE(value, content.length - 1024 + field);
  await expect(read(content)).rejects.toThrow(word);
});

it('finds a part of a disk that is given for the whole', async () => {
  const part = makeStreamOptimized({ descriptor: Buffer.alloc(0) });
  expect(codesOf(await read(part))).toEqual(['disk.descriptor-missing']);
  expect(codesOf(await read(makeVmfsSparse(8192)))).toEqual(['disk.descriptor-missing']);
  expect(codesOf(await read(makeSeSparse(8192n)))).toEqual(['disk.descriptor-missing']);
});

it('blocks a seSparse snapshot with an open journal, which qemu does not read', async () => {
  const { findings } = await read(makeSeSparse(8192n, { journal: true }));
  expect(findings[0]).toMatchObject({ code: 'disk.unsupported' });
  expect(findings[0]?.message).toContain('journal');
});

const resolve = async (files: Record<string, Buffer>) => {
  const { findings, layers } = await resolveChain(memoryFiles(files), { diskId: 'd', file: 'vm/web01.vmdk' });
  return { codes: findings.map(({ code, subject }) => `${code} ${subject}`), layers };
};

it('finds the files that hold the data beside the descriptor', async () => {
  const { codes, layers } = await resolve({
    'vm/web01.vmdk': makeDescriptor(),
    'vm/web01-flat.vmdk': Buffer.alloc(8192 * 512),
  });
  expect(codes).toEqual([]);
  expect(layers[0]?.dataFiles).toMatchObject([{ path: 'vm/web01-flat.vmdk', kind: 'flat', offsetBytes: 0n }]);
});

it.each(['/etc/passwd', '../web01-flat.vmdk/../../x', '../../x', 'nbd://127.0.0.1/x', 'json:{}', 'file:x'])(
  'blocks a descriptor whose data lies outside the backup: %s',
  async (name) => {
    const { codes } = await resolve({
      'vm/web01.vmdk': makeDescriptor({ extents: [`RW 1 VMFS "${name}"`] }),
    });
    expect(codes).toEqual(['disk.data-outside-backup vm/web01.vmdk']);
  },
);

it('blocks data that is missing, cut off, no extent, or of another size', async () => {
  const extents = ['RW 8192 SPARSE "s001.vmdk"'];
  const sparse = makeDescriptor({ createType: 'twoGbMaxExtentSparse', extents });
  const found = [
    await resolve({ 'vm/web01.vmdk': makeDescriptor() }),
    await resolve({ 'vm/web01.vmdk': makeDescriptor(), 'vm/web01-flat.vmdk': Buffer.alloc(8191 * 512) }),
    await resolve({ 'vm/web01.vmdk': sparse, 'vm/s001.vmdk': Buffer.alloc(4096) }),
    await resolve({ 'vm/web01.vmdk': sparse, 'vm/s001.vmdk': makeVmfsSparse(4096) }),
  ];
  expect(found.flatMap(({ codes }) => codes)).toEqual([
    'disk.missing vm/web01-flat.vmdk',
    'disk.truncated vm/web01-flat.vmdk',
    'disk.invalid vm/s001.vmdk',
    'disk.extent-mismatch vm/s001.vmdk',
  ]);
});

it('survives any damage to a descriptor, and to each kind of sparse file', async () => {
  const text = makeDescriptor({ hint: 'base.vmdk', parentCid: '1' });
  await expectSurvival('text.vmdk', text, [[0, text.length]]);
  const stream = makeStreamOptimized();
  const end = stream.length;
  await expectSurvival('stream.vmdk', stream, [
    [0, 80],
    [512, 900],
    [end - 1536, end - 1500],
    [end - 1024, end - 940],
  ]);
  await expectSurvival('cowd.vmdk', makeVmfsSparse(8192), [[0, 32]]);
  await expectSurvival('se.vmdk', makeSeSparse(8192n), [
    [0, 144],
    [512, 544],
  ]);
});
