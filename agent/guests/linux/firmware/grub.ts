/**
 * GRUB as this host has it, built for a guest: an image that finds the file system of the guest's menu by its UUID, and
 * for BIOS the sectors in front of the first partition. No code of the guest is used.
 * Source: GRUB 2.06, docs/grub.texi "Embedded configuration" and "BIOS installation"; include/grub/i386/pc/boot.h and
 * util/setup.c for what is patched where.
 */
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AscendError } from '../../../../proto/errors.ts';
import { exec } from '../../../exec.ts';
import { SECTOR, type DiskWrite, type Extent } from './partition-table.ts';

export type GrubPlatform = 'x86_64-efi' | 'i386-pc';

/** Where the menu of a guest is. */
export interface Menu {
  /** The folder of grub.cfg, in the guest. */
  folder: string;
  /** The same, from the root of its own file system. */
  folderInFilesystem: string;
  /** Of that file system. */
  uuid: string;
}

/** Debian's packages, for what a person is told. */
export const GRUB_PACKAGES: Readonly<Record<GrubPlatform, string>> = {
  'x86_64-efi': 'grub-efi-amd64-bin',
  'i386-pc': 'grub-pc-bin',
};

const folderOf = (platform: GrubPlatform) => `/usr/lib/grub/${platform}`;

/** What this host can build. */
export async function grubOnHost(): Promise<ReadonlySet<GrubPlatform>> {
  const found = new Set<GrubPlatform>();
  for (const platform of ['x86_64-efi', 'i386-pc'] as const) {
    const isThere = await access(`${folderOf(platform)}/kernel.img`).then(
      () => true,
      () => false,
    );
    if (isThere) found.add(platform);
  }
  return found;
}

/** What it takes to read the file systems and volumes that roots are on; the rest is loaded from there. */
const MODULES = 'part_msdos part_gpt ext2 xfs btrfs lvm mdraid09 mdraid1x search_fs_uuid'.split(' ');
const OWN_MODULES: Readonly<Record<GrubPlatform, string>> = { 'x86_64-efi': 'fat', 'i386-pc': 'biosdisk' };
/** Of the image for BIOS: 84 KB were measured with these modules (GRUB 2.06), 165 sectors. */
export const BIOS_IMAGE_SECTORS = 256;

/** @throws host.tool-missing, host.command-failed */
export async function grubImage(platform: GrubPlatform, menu: Menu): Promise<Buffer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ascend-grub-'));
  try {
    const config = path.join(folder, 'early.cfg');
    const image = path.join(folder, 'image');
    // Both are checked where they are read: neither can hold a quote or a line's end.
    await writeFile(
      config,
      `search.fs_uuid ${menu.uuid} root\nset prefix=($root)'${menu.folderInFilesystem}'\n`,
    );
    const modules = [...MODULES, OWN_MODULES[platform]];
    await exec('grub-mkimage', [
      ...['-d', folderOf(platform), '-O', platform, '-p', menu.folderInFilesystem],
      ...['-c', config, '-o', image, ...modules],
    ]);
    return await readFile(image);
  } finally {
    await rm(folder, { recursive: true });
  }
}

// Offsets in the boot sector. Source: include/grub/i386/pc/boot.h.
const KERNEL_SECTOR = 0x5c;
const DRIVE_CHECK = 0x66;
/** Behind it, the sector belongs to the table of partitions. */
const BOOT_CODE_BYTES = 440;
// The list of blocks in the image's own first sector grows downwards from its end: start (64 bits), length, segment.
const FIRST_BLOCK = SECTOR - 12;
const NOTHING = Buffer.from('9090', 'hex');

/** What a disk that starts by BIOS has in its first sector, and the image in its own, which comes first. */
export async function bootSectors(menu: Menu, at: Extent): Promise<DiskWrite[]> {
  const boot = await readFile(`${folderOf('i386-pc')}/boot.img`);
  const image = await grubImage('i386-pc', menu);
  const sectors = Math.ceil(image.length / SECTOR);
  const room = at.lastSector - at.firstSector + 1;
  if (boot.length !== SECTOR || sectors > room)
    throw new AscendError(
      'guest.fix-failed',
      `GRUB of this host takes ${sectors} sectors; there are ${room}.`,
      {
        hint: `Install ${GRUB_PACKAGES['i386-pc']} of Debian 12 on this host.`,
      },
    );
  boot.writeBigUInt64LE(BigInt(at.firstSector), KERNEL_SECTOR);
  // As grub-bios-setup does for hard disks: some BIOSes say that they start from a floppy.
  NOTHING.copy(boot, DRIVE_CHECK);
  const core = Buffer.alloc(sectors * SECTOR);
  image.copy(core);
  core.writeBigUInt64LE(BigInt(at.firstSector + 1), FIRST_BLOCK);
  core.writeUInt16LE(sectors - 1, FIRST_BLOCK + 8);
  return [
    { offsetBytes: at.firstSector * SECTOR, content: core },
    { offsetBytes: 0, content: boot.subarray(0, BOOT_CODE_BYTES) },
  ];
}

/** All modules as one archive (tar), which `use` takes from its path. */
export async function withModules<T>(
  platform: GrubPlatform,
  use: (archive: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ascend-grub-'));
  try {
    const archive = path.join(folder, 'modules.tar');
    const names = (await readdir(folderOf(platform))).filter((name) => /\.(?:mod|lst)$/.test(name));
    const asRoot = ['--owner=0', '--group=0', '--mode=u=rw,go=r'];
    await exec('tar', ['-C', folderOf(platform), ...asRoot, '-cf', archive, ...names.sort()]);
    return await use(archive);
  } finally {
    await rm(folder, { recursive: true });
  }
}
