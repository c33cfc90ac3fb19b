import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MountedRoot } from '../storage/devices.ts';
import { readMenu } from './menu.ts';

const ROOT = '6d2f0a4e-51c7-4b0b-9f3e-8a7c1d24e905';
const BOOT = '0b7d2c1e-9a35-4f0d-8c61-2e5f7a9b1c3d';
const root: MountedRoot = {
  device: '/dev/sda2',
  spec: `UUID=${ROOT}`,
  uuids: new Map([
    ['/dev/sda1', BOOT],
    ['/dev/sda2', ROOT],
  ]),
  aliases: new Map(),
};
const apart = `UUID=${BOOT} /boot ext4 defaults 0 2\n`;

const cfg = (kernel: string, uuid = ROOT) => `
search --no-floppy --fs-uuid --set=root ${BOOT}
menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-simple' {
	load_video
	insmod part_msdos
	if [ x$feature_platform_search_hint = xy ]; then
	  search --no-floppy --fs-uuid --set=root --hint-bios=hd0,msdos1  ${uuid}
	else
	  search --no-floppy --fs-uuid --set=root ${uuid}
	fi
	linux	${kernel} root=UUID=${ROOT} ro quiet
	initrd	/boot/initrd.img-6.1.0-25-amd64
}
`;
const read = (text: string, fstab = '', path = '/boot/grub/grub.cfg') =>
  readMenu({ bootFiles: [{ path, kind: 'grub', text }], fstab, root });

it.each<[string, ReturnType<typeof read>, object]>([
  [
    'in the root',
    read(cfg('/boot/vmlinuz-6.1.0-25-amd64')),
    { folder: '/boot/grub', folderInFilesystem: '/boot/grub', uuid: ROOT },
  ],
  [
    'in a subvolume',
    read(cfg('/@rootfs/boot/vmlinuz-6.1.0-25-amd64')),
    { folder: '/boot/grub', folderInFilesystem: '/@rootfs/boot/grub', uuid: ROOT },
  ],
  [
    'in a file system of its own, as grub2',
    read(cfg('//vmlinuz-6.4', BOOT), apart, '/boot/grub2/grub.cfg'),
    { folder: '/boot/grub2', folderInFilesystem: '/grub2', uuid: BOOT },
  ],
])('finds a menu %s', (_where, menu, expected) => {
  expect(menu).toEqual(expected);
});

it.each<[string, ReturnType<typeof read>, RegExp]>([
  ['none', readMenu({ bootFiles: [], fstab: '', root }), /no menu of GRUB 2/],
  ['one elsewhere', read(cfg('/boot/vmlinuz'), '', '/boot/efi/EFI/x/grub.cfg'), /no menu of GRUB 2/],
  ["one of Red Hat's entries", read(`${cfg('/boot/vmlinuz')}insmod blscfg\nblscfg\n`), /blscfg/],
  ['one for BIOS alone', read(cfg('/boot/vmlinuz').replace('linux\t', 'linux16\t')), /one firmware only/],
  ['one for UEFI alone', read(cfg('/boot/vmlinuz').replace('linux\t', 'linuxefi\t')), /one firmware only/],
  ["one of SUSE's btrfs", read(`set btrfs_relative_path="y"\n${cfg('/boot/vmlinuz')}`), /default subvolume/],
  ['an encrypted one', read(`cryptomount -u 1234\n${cfg('/boot/vmlinuz')}`), /encrypted/],
  ['one without UUIDs', read(cfg('/boot/vmlinuz').replace(/^.*search .*$/gm, '')), /by UUID/],
  ["another system's", read(cfg('/boot/vmlinuz', BOOT)), /not in its own \/boot/],
  ['kernels outside /boot', read(cfg('/kernels/vmlinuz')), /outside \/boot/],
  ["a path that the loader's shell would read", read(cfg("/boot'/$x/vmlinuz")), /by UUID/],
])('does not guess with %s', (_what, reason, pattern) => {
  expect(reason).toMatch(pattern);
});

it('reads any text, in no time, and leaves nothing in a menu that means something to a shell', () => {
  const words = [
    'menuentry',
    'linux',
    'search --fs-uuid',
    ROOT,
    '/boot/x',
    ' ',
    '\t',
    '\n',
    "'",
    '$(x)',
    '{',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 60 }), (parts) => {
      const menu = read(parts.join(''));
      if (typeof menu !== 'string') expect(menu.folderInFilesystem).toMatch(/^[\w@./+-]+$/);
    }),
  );
  expect(
    read(`menuentry\nsearch --fs-uuid ${'a '.repeat(200_000)}\nlinux ${'/a'.repeat(200_000)}`),
  ).toBeTypeOf('string');
});
