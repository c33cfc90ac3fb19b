/** Chains without a manifest: each file says itself what it builds on, in its platform's spelling. */
import { expect, it } from 'vitest';
import { resolveChain, type ChainSpec } from './chain.ts';
import { memoryFiles } from './fixtures/memory-files.ts';
import { makeVhd } from './fixtures/vhd.ts';
import { makeVhdx } from './fixtures/vhdx.ts';
import { makeDescriptor } from './fixtures/vmdk.ts';

const BASE = 'aa'.repeat(16);
const CHILD = 'bb'.repeat(16);
const SIZE = 64 * 1024 * 1024;
const vhd = makeVhd({ kind: 'dynamic', sizeBytes: SIZE, uniqueId: BASE });

function vhdOver(uniqueId: string, locators: Record<string, string>): Buffer {
  return makeVhd({ kind: 'differencing', sizeBytes: SIZE, uniqueId: CHILD, parent: { uniqueId, locators } });
}

async function resolve(files: Record<string, Buffer>, spec: Partial<ChainSpec> = {}) {
  const file = Object.keys(files)[0] ?? '';
  const chain = await resolveChain(memoryFiles(files), { diskId: 'disk', file, ...spec });
  const codes = chain.findings.map(({ code, subject }) => `${code} ${subject}`);
  return { ...chain, codes, files: chain.layers.map((layer) => layer.file) };
}

it.each<[what: string, locator: Record<string, string>]>([
  ['a relative path', { W2ru: '.\\base.vhd' }],
  ['an absolute path of Windows', { W2ku: 'C:\\ClusterStorage\\Volume1\\VMs\\base.vhd' }],
  ['a share', { W2ku: '\\\\server\\share\\base.vhd' }],
  ['another case', { W2ru: '.\\BASE.VHD' }],
  ['a path of another folder', { W2ru: '..\\..\\templates\\base.vhd' }],
])('finds a VHD by %s in the folder of its child', async (_what, locators) => {
  const { usable, codes, files } = await resolve({
    'vm/child.avhd': vhdOver(BASE, locators),
    'vm/base.vhd': vhd,
  });
  expect(codes).toEqual([]);
  expect(files).toEqual(['vm/base.vhd', 'vm/child.avhd']);
  expect(usable).toBe(true);
});

it('finds a parent elsewhere in the backup where it is the only one of that name', async () => {
  const child = vhdOver(BASE, { W2ku: 'D:\\x\\base.vhd' });
  const { files } = await resolve({ 'vm/child.avhd': child, 'templates/base.vhd': vhd });
  expect(files).toEqual(['templates/base.vhd', 'vm/child.avhd']);
});

it('guesses none of two parents of that name, and goes by the manifest where there is one', async () => {
  const backup = {
    'vm/c.avhd': vhdOver(BASE, { W2ku: 'D:\\base.vhd' }),
    'a/base.vhd': vhd,
    'b/base.vhd': vhd,
  };
  const { codes, findings, usable } = await resolve(backup);
  expect(codes).toEqual(['disk.parent-ambiguous vm/c.avhd']);
  expect(findings[0]?.message).toContain('a/base.vhd, b/base.vhd');
  expect(usable).toBe(false);
  expect(await resolve(backup, { layers: ['b/base.vhd', 'vm/c.avhd'] })).toMatchObject({
    codes: [],
    files: ['b/base.vhd', 'vm/c.avhd'],
  });
});

it('blocks a parent that is another one than the child was made from', async () => {
  const other = vhdOver('cc'.repeat(16), { W2ru: 'base.vhd' });
  expect((await resolve({ 'c.avhd': other, 'base.vhd': vhd })).codes).toEqual(['disk.parent-changed c.avhd']);
  const delta = makeDescriptor({ parentCid: '99999999', hint: 'web01.vmdk' });
  const flat = Buffer.alloc(8192 * 512);
  const backup = { 'web01-000001.vmdk': delta, 'web01.vmdk': makeDescriptor(), 'web01-flat.vmdk': flat };
  expect((await resolve(backup)).codes).toEqual(['disk.parent-changed web01-000001.vmdk']);
});

it('names the parent that is missing, and what builds on it', async () => {
  const { codes, findings } = await resolve({ 'vm/c.avhd': vhdOver(BASE, { W2ru: 'base.vhd' }) });
  expect(codes).toEqual(['disk.missing vm/base.vhd']);
  expect(findings[0]?.message).toBe('vm/base.vhd, which vm/c.avhd builds on, is missing from the backup.');
});

it.each(['/vmfs/volumes/4d0f/web01/web01.vmdk', '[ds1] web01/web01.vmdk', 'web01.vmdk', '..\\web01.vmdk'])(
  'finds a VMDK by %s',
  async (hint) => {
    const { codes, files } = await resolve({
      'web01-000001.vmdk': makeDescriptor({ parentCid: '1234abcd', cid: '2', hint }),
      'web01.vmdk': makeDescriptor(),
      'web01-flat.vmdk': Buffer.alloc(8192 * 512),
    });
    expect(codes).toEqual([]);
    expect(files).toEqual(['web01.vmdk', 'web01-000001.vmdk']);
  },
);

it.each([
  '/etc/passwd',
  '../../etc/passwd',
  'nbd://127.0.0.1/web01.vmdk',
  'json:{"driver":"file"}',
  'C:\\x.vmdk',
])('blocks a parent outside the backup: %s', async (hint) => {
  const content = makeDescriptor({ parentCid: '1234abcd', hint: hint.replaceAll('"', '') });
  const { codes } = await resolve({
    'vm/a.vmdk': content,
    'vm/web01-flat.vmdk': Buffer.alloc(8192 * 512),
    'web01.vmdk': makeDescriptor(),
  });
  expect(codes).toEqual(['disk.backing-outside-backup vm/a.vmdk']);
});

it('blocks a disk that says it has a parent, but not which', async () => {
  const content = makeDescriptor({ parentCid: '1234abcd' });
  const { codes } = await resolve({ 'a.vmdk': content, 'web01-flat.vmdk': Buffer.alloc(8192 * 512) });
  expect(codes).toEqual(['disk.chain-broken a.vmdk']);
});

it('proves a chain of VHDX by the linkage', async () => {
  const guid = '3f2504e0-4f89-11d3-9a0c-0305e82c3301';
  const other = '6fa459ea-ee8a-3ca4-894e-db77e160355e';
  const base = makeVhdx({ sizeBytes: 1n << 30n, dataWriteGuid: guid });
  const over = (linkage: string) =>
    makeVhdx({
      sizeBytes: 1n << 30n,
      dataWriteGuid: other,
      parent: { parent_linkage: `{${linkage}}`, absolute_win32_path: 'C:\\VMs\\base.vhdx' },
    });
  expect((await resolve({ 'c.avhdx': over(guid), 'base.vhdx': base })).codes).toEqual([]);
  expect((await resolve({ 'c.avhdx': over(other), 'base.vhdx': base })).codes).toEqual([
    'disk.parent-changed c.avhdx',
  ]);
});

it('ends where files build on each other in a ring', async () => {
  const a = vhdOver(CHILD, { W2ru: 'b.avhd' });
  const b = vhdOver(CHILD, { W2ru: 'a.avhd' });
  expect((await resolve({ 'a.avhd': a, 'b.avhd': b })).codes).toEqual(['disk.chain-loop a.avhd']);
  expect((await resolve({ 'a.avhd': vhdOver(CHILD, { W2ru: 'a.avhd' }) })).codes).toEqual([
    'disk.chain-loop a.avhd',
  ]);
});

it('ends a chain that never does', async () => {
  const files = Array.from({ length: 300 }, (_, index) => [
    `${index}.avhd`,
    vhdOver(CHILD, { W2ru: `${index + 1}.avhd` }),
  ]);
  const { codes, layers } = await resolve(Object.fromEntries(files) as Record<string, Buffer>, {
    file: '0.avhd',
  });
  expect(codes).toEqual(['disk.chain-too-long 0.avhd']);
  expect(layers).toHaveLength(256);
});

it('measures every layer of a manifest, also where one is missing', async () => {
  const child = vhdOver(BASE, { W2ru: 'middle.avhd' });
  const files = { 'top.avhd': child, 'base.vhd': Buffer.from('nonsense') };
  const layers = ['base.vhd', 'middle.avhd', 'top.avhd'];
  expect((await resolve(files, { layers })).codes).toEqual([
    'disk.missing middle.avhd',
    'disk.invalid base.vhd',
  ]);
});
