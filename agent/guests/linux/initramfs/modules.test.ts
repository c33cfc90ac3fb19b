import { expect, it } from 'vitest';
import { parseModuleIndex } from './modules.ts';

const index = parseModuleIndex(
  `kernel/a.ko.xz:
kernel/b-c.ko.xz: kernel/a.ko.xz
kernel/d.ko.xz: kernel/b-c.ko.xz kernel/a.ko.xz

no colon here
`,
  'kernel/fs/ext4/ext4.ko\nkernel/drivers/virtio-blk.ko\n',
);

it('lists what loading a module takes, its dependencies first', () => {
  expect(index.filesOf('d')).toEqual(['kernel/a.ko.xz', 'kernel/b-c.ko.xz', 'kernel/d.ko.xz']);
  expect(index.filesOf('b_c')).toEqual(['kernel/a.ko.xz', 'kernel/b-c.ko.xz']);
  expect(index.filesOf('constructor')).toBeUndefined();
});

it('knows files and built-in drivers', () => {
  expect(index.dependencies.get('kernel/d.ko.xz')).toEqual(['kernel/b-c.ko.xz', 'kernel/a.ko.xz']);
  expect(index.dependencies.has('kernel/a.ko')).toBe(false);
  expect(index.isBuiltIn('virtio_blk')).toBe(true);
  expect(index.isBuiltIn('d')).toBe(false);
});

it('takes a driver that the configuration compiles in for built in, where there is no list of those', () => {
  const old = parseModuleIndex(
    '',
    '',
    'CONFIG_VIRTIO_BLK=y\nCONFIG_VIRTIO_PCI=m\n# CONFIG_BLK_DEV_NVME is not set\n',
  );
  expect(['virtio_blk', 'virtio_pci', 'nvme'].map((name) => old.isBuiltIn(name))).toEqual([
    true,
    false,
    false,
  ]);
});
