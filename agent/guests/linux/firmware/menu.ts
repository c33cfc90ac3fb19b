/**
 * Where GRUB 2 finds the menu of a guest, read from the menu itself: every entry says by which UUID it looks for the file
 * system of the kernel, and which path that has there. The menu and the kernels lie together in /boot.
 */
import type { BootFile } from '../boot/boot-files.ts';
import { deviceOf, type MountedRoot } from '../storage/devices.ts';
import { parseFstab } from '../storage/fstab.ts';
import type { Menu } from './grub.ts';

const MENUS = ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg'];

/** What other GRUBs do not understand, or what the menu would not be found behind. */
const OBSTACLES: readonly [pattern: RegExp, why: string][] = [
  [
    /^[ \t]*(?:insmod[ \t]+)?blscfg\b/m,
    "its menu is made of Boot Loader Specification entries (blscfg), which only its own distribution's GRUB reads",
  ],
  [/^[ \t]*linux(16|efi)[ \t]/m, 'its menu has commands (linux16, linuxefi) that are for one firmware only'],
  [
    /\bbtrfs_relative_path\b/,
    "its menu has paths that start at btrfs' default subvolume, which only SUSE's GRUB reads",
  ],
  [
    /^[ \t]*(?:insmod[ \t]+(?:cryptodisk|luks2?|zfs|jfs|reiserfs|nilfs2|f2fs)\b|cryptomount\b)/m,
    'its menu is in an encrypted volume, or in a file system that the loader is not prepared for',
  ],
];

export interface MenuFacts {
  bootFiles: readonly BootFile[];
  fstab: string;
  root: MountedRoot;
}

/** Why not, in words, where its place is not certain. */
export function readMenu({ bootFiles, fstab, root }: MenuFacts): Menu | string {
  const file = bootFiles.find(({ path, text }) => MENUS.includes(path) && /^[ \t]*menuentry\b/m.test(text));
  if (file === undefined) return 'it has no menu of GRUB 2 in /boot/grub or /boot/grub2';
  const obstacle = OBSTACLES.find(([pattern]) => pattern.test(file.text));
  if (obstacle) return obstacle[1];
  const first = firstEntry(file.text);
  if (first === undefined) return 'the first entry of its menu does not find its file system by UUID';
  const boot = parseFstab(fstab).find(({ mountPoint }) => mountPoint === '/boot');
  const device = boot ? deviceOf(boot.spec, root) : root.device;
  if (device === undefined || root.uuids.get(device)?.toLowerCase() !== first.uuid.toLowerCase())
    return 'the first entry of its menu starts a kernel that is not in its own /boot';
  const isWhole = boot !== undefined || first.folder.endsWith('/boot');
  if (!isWhole) return 'the first entry of its menu starts a kernel outside /boot';
  const folder = file.path.slice(0, file.path.lastIndexOf('/'));
  const folderInFilesystem = first.folder + folder.slice('/boot'.length);
  return { folder, folderInFilesystem, uuid: first.uuid };
}

interface Entry {
  uuid: string;
  /** Of the kernel; "" for the root of the file system. */
  folder: string;
}

/** Nothing in either may mean anything to the shell of GRUB. */
const SEARCH = /^[ \t]*search[ \t][^\n]*--fs-uuid[^\n]*[ \t]([0-9a-fA-F-]{8,36})[ \t]*$/;
const KERNEL = /^[ \t]*linux[ \t]+(?:\(\$root\))?((?:\/+[\w@.+-]+)*)\/+[\w.+-]+(?:[ \t]|$)/;

function firstEntry(text: string): Entry | undefined {
  let uuid: string | undefined;
  for (const line of text.split('\n')) {
    if (/^[ \t]*menuentry\b/.test(line)) uuid = undefined;
    uuid = SEARCH.exec(line)?.[1] ?? uuid;
    if (!/^[ \t]*linux[ \t]/.test(line)) continue;
    // GRUB takes several slashes for one, and some of its tools write them.
    const folder = KERNEL.exec(line)?.[1]?.replace(/\/+/g, '/');
    return uuid === undefined || folder === undefined ? undefined : { uuid, folder };
  }
  return undefined;
}
