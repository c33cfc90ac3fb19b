import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BootFile } from './boot-files.ts';
import { writeCpio } from '../initramfs/cpio.ts';
import { FolderGuest } from '../fixtures/folder-guest.ts';
import { readKernels } from './kernels.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'ascend-kernels-'));
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

async function has(...files: string[]): Promise<void> {
  for (const file of files) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), writeCpio([], [['conf/initramfs.conf', Buffer.from('x')]]));
  }
}

async function found(...initrds: string[]): Promise<string[][]> {
  const entries = initrds.map((initrd): BootFile => {
    return { path: '/boot/loader/entries/a.conf', kind: 'entry', text: `initrd ${initrd}\n` };
  });
  const kernels = await readKernels(new FolderGuest(root), entries, []);
  return kernels.map(({ version, initramfsPath }) => [version, initramfsPath]);
}

it('reads the initramfs that is made and the copy of it that is started', async () => {
  await has(
    'lib/modules/6.1.0-56/modules.dep',
    'boot/initrd.img-6.1.0-56',
    'boot/efi/abc/6.1.0-56/initrd.img-6.1.0-56',
  );
  expect(await found('/abc/6.1.0-56/initrd.img-6.1.0-56')).toEqual([
    ['6.1.0-56', '/boot/initrd.img-6.1.0-56'],
    ['6.1.0-56', '/boot/efi/abc/6.1.0-56/initrd.img-6.1.0-56'],
  ]);
});

it('takes no kernel for one whose name goes on, and each file once', async () => {
  await has('lib/modules/6.1.0-5/modules.dep', 'lib/modules/6.1.0-56/modules.dep');
  await has('boot/initrd.img-6.1.0-56', 'boot/initramfs-6.1.0-5.img');
  expect(await found('//initrd.img-6.1.0-56', '/boot/initrd.img-6.1.0-56', '/initramfs-6.1.0-5.img')).toEqual(
    [
      ['6.1.0-56', '/boot/initrd.img-6.1.0-56'],
      ['6.1.0-5', '/boot/initramfs-6.1.0-5.img'],
    ],
  );
});

it('leaves out what a removed kernel has left', async () => {
  await has(
    'boot/initrd.img-5.10.0-9',
    'lib/modules/5.10.0-9/kernel/leftover.ko',
    'lib/modules/6.0.0/modules.dep',
  );
  expect(await found('/initrd.img-5.10.0-9')).toEqual([]);
});
