/** The sample in other shapes, for what they cost to mend. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { tcg } from './debian12.ts';

const RELAY = `
  mkdir tree
  cd tree
  zstd -dc ../initrd | cpio --quiet -id
  mv usr/lib/modules/*/kernel "$(echo usr/lib/modules/*)/vendor"
  find . | cpio --quiet -o -H newc | gzip -1 > ../relaid
`;

/**
 * With an initramfs that takes no driver segment: its modules lie where the kernel's own index does not have them.
 * @param disk an overlay over the sample's disk, which is written to
 */
export async function layOtherwise(disk: string): Promise<void> {
  const work = await mkdtemp(path.join(path.dirname(disk), 'relaid-'));
  try {
    await writeFile(path.join(work, 'relay.sh'), RELAY);
    await execa('guestfish', ['--rw', '-a', disk, '-m', '/dev/sda1'], {
      cwd: work,
      env: tcg,
      input: `
        glob download /boot/initrd.img-* initrd
        ! fakeroot sh -eu relay.sh
        glob upload relaid /boot/initrd.img-*
      `,
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Whose next initramfs holds every module, as Debian's own configuration has it.
 * @param disk an overlay over the sample's disk, which is written to
 */
export async function allowEveryModule(disk: string): Promise<void> {
  await execa('guestfish', ['--rw', '-a', disk, '-m', '/dev/sda1'], {
    env: tcg,
    input: 'rm /etc/initramfs-tools/conf.d/driver-policy\n',
  });
}
