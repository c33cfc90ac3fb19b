import { expect, it } from 'vitest';
import { exec } from '../../../exec.ts';
import { BIOS_IMAGE_SECTORS, bootSectors, grubImage, grubOnHost, withModules, type Menu } from './grub.ts';

const menu: Menu = {
  folder: '/boot/grub',
  folderInFilesystem: '/boot/grub',
  uuid: '6d2f0a4e-51c7-4b0b-9f3e-8a7c1d24e905',
};

it('is on this host, for both ways to start', async () => {
  expect([...(await grubOnHost())].sort()).toEqual(['i386-pc', 'x86_64-efi']);
});

it('is a program for UEFI that looks for the menu', async () => {
  const image = await grubImage('x86_64-efi', menu);
  expect(image.toString('latin1', 0, 2)).toBe('MZ');
  expect(image.includes(`search.fs_uuid ${menu.uuid} root\nset prefix=($root)'/boot/grub'\n`)).toBe(true);
});

it('is in the first sector, which names the sectors of the rest', async () => {
  const [core, boot] = await bootSectors(menu, { firstSector: 34, lastSector: 2047 });
  expect(boot?.offsetBytes).toBe(0);
  // The table of partitions stays.
  expect(boot?.content).toHaveLength(440);
  expect(boot?.content.readBigUInt64LE(0x5c)).toBe(34n);
  expect(boot?.content.toString('hex', 0x66, 0x68)).toBe('9090');
  expect(core?.offsetBytes).toBe(34 * 512);
  const sectors = (core?.content.length ?? 0) / 512;
  expect(sectors).toBeLessThanOrEqual(BIOS_IMAGE_SECTORS);
  expect(core?.content.readBigUInt64LE(0x1f4)).toBe(35n);
  expect(core?.content.readUInt16LE(0x1fc)).toBe(sectors - 1);
  expect(core?.content.readUInt16LE(0x1fe)).toBe(0x820);
});

it('is not written where it has no room', async () => {
  await expect(bootSectors(menu, { firstSector: 1, lastSector: 62 })).rejects.toMatchObject({
    code: 'guest.fix-failed',
  });
});

it('comes with its modules, owned by root', async () => {
  const list = await withModules('i386-pc', async (archive) =>
    (await exec('tar', ['--numeric-owner', '-tvf', archive])).stdout.split('\n'),
  );
  expect(list.length).toBeGreaterThan(200);
  expect(list.every((line) => /^-rw-r--r-- 0\/0 .*\.(?:mod|lst)$/.test(line))).toBe(true);
});
