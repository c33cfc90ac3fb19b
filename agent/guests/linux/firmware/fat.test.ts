import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { exec } from '../../../exec.ts';
import { emptyFat, MAX_FAT_SECTORS, MIN_FAT_SECTORS, volumeName } from './fat.ts';

it.each([MIN_FAT_SECTORS, 40 * 2048 - 1, MAX_FAT_SECTORS])(
  'is a FAT32 of %i sectors to fsck, and takes files',
  async (sectors) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'ascend-fat-'));
    try {
      const file = path.join(folder, 'esp');
      {
        await using handle = await open(file, 'w');
        // Whatever was there before does not matter.
        await handle.write(Buffer.alloc(4 * 1024 ** 2, 0xa5));
        await handle.truncate(sectors * 512);
        const image = emptyFat(sectors, 2048, 0x5a1db0a8);
        await handle.write(image, 0, image.length, 0);
      }
      const sbin = { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } };
      expect((await exec('fsck.vfat', ['-n', '-v', file], sbin)).stdout).toMatch(
        /32 bit entries[^]* 1\/\d+ clusters/,
      );
      await exec('mmd', ['-i', file, '::/EFI', '::/EFI/BOOT']);
      await exec('mcopy', ['-i', file, import.meta.filename, '::/EFI/BOOT/BOOTX64.EFI']);
      await exec('fsck.vfat', ['-n', file], sbin);
      expect((await exec('mdir', ['-i', file, '::/'])).stdout).toContain('Volume Serial Number is 5A1D-B0A8');
      const { stdout } = await exec('blkid', ['-p', '-o', 'export', file], sbin);
      expect(stdout).toContain(`UUID=${volumeName(0x5a1db0a8)}`);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

it('is not made where it would be another FAT', () => {
  expect(() => emptyFat(MIN_FAT_SECTORS / 2, 0, 1)).toThrow(RangeError);
  expect(() => emptyFat(MAX_FAT_SECTORS * 2, 0, 1)).toThrow(RangeError);
});
