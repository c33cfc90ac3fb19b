/** The kernels of a guest: what their initramfs hold, and what drivers they have at all. */
import { posix } from 'node:path';
import { AscendError } from '../../../../proto/errors.ts';
import type { GuestFiles } from '../../files.ts';
import { initrdPaths, type BootFile } from './boot-files.ts';
import { readInitramfs, type Initramfs } from '../initramfs/initramfs.ts';
import type { UnifiedKernel } from './unified-kernel.ts';
import { parseModuleIndex, type ModuleIndex } from '../initramfs/modules.ts';

export interface KernelFacts {
  version: string;
  /** In the guest. */
  moduleDir: string;
  initramfsPath: string;
  /** Undefined where it cannot be read. */
  initramfs: Initramfs | undefined;
  /** Why it cannot be read, where more is known than that its compression is not. */
  damage?: string;
  index: ModuleIndex;
  /** The index files of depmod that the guest has. */
  indexFiles: readonly string[];
  /** Whether the kernel unpacks gzip: one without it still takes an uncompressed archive. */
  gunzips: boolean;
  /** Whether firmware of 64 bits can start it; false where it does not say so. */
  startsByUefi: boolean;
  /** Where `initramfsPath` is a unified kernel image. */
  unified?: UnifiedKernel;
}

// What kmod reads when it loads a module by name or by alias. The rest of the index stays as the initramfs has it.
const INDEX_FILES = ['modules.dep.bin', 'modules.alias.bin', 'modules.softdep'];
const MAX_INITRAMFS_BYTES = 512 * 1024 * 1024;
// Each takes some seconds; a machine keeps two or three.
const MAX_KERNELS = 16;

/** Newest first; one for each initramfs of a kernel. */
export async function readKernels(
  files: GuestFiles,
  bootFiles: readonly BootFile[],
  images: readonly UnifiedKernel[],
): Promise<KernelFacts[]> {
  const named = bootFiles.flatMap(initrdPaths);
  const versions = (await files.list('/lib/modules')).sort((a, b) =>
    b.localeCompare(a, 'en', { numeric: true }),
  );
  const kernels: KernelFacts[] = [];
  for (const version of versions.slice(0, MAX_KERNELS)) {
    const own = images.filter((image) => image.version === version);
    kernels.push(...(await readKernel(files, version, named, own)));
  }
  return kernels;
}

/** None for the leftovers of a kernel that was removed. */
async function readKernel(
  files: GuestFiles,
  version: string,
  named: readonly string[],
  images: readonly UnifiedKernel[],
): Promise<KernelFacts[]> {
  const moduleDir = `/lib/modules/${version}`;
  const there = new Set(await files.list(moduleDir));
  const dep = there.has('modules.dep') ? await files.readText(`${moduleDir}/modules.dep`) : undefined;
  if (dep === undefined) return [];
  const paths = await findInitramfs(files, version, named);
  if (paths.length + images.length === 0) return [];
  const builtin = (await files.readText(`${moduleDir}/modules.builtin`)) ?? '';
  const config =
    (await files.readText(`/boot/config-${version}`)) ?? (await files.readText(`${moduleDir}/config`)) ?? '';
  const kernel = {
    version,
    moduleDir,
    index: parseModuleIndex(dep, builtin, config),
    indexFiles: INDEX_FILES.filter((name) => there.has(name)),
    gunzips: /^CONFIG_RD_GZIP=y$/m.test(config),
    startsByUefi: /^CONFIG_EFI_STUB=y$/m.test(config) && /^CONFIG_X86_64=y$/m.test(config),
  };
  const kernels: KernelFacts[] = [];
  for (const initramfsPath of paths) {
    const local = await files.download(initramfsPath, MAX_INITRAMFS_BYTES);
    const read = local === undefined ? { initramfs: undefined } : await readAnyInitramfs(local);
    kernels.push({ ...kernel, initramfsPath, ...read });
  }
  const unified = images.map((image) => {
    return { ...kernel, initramfsPath: image.path, initramfs: image.initramfs, unified: image };
  });
  return [...kernels, ...unified];
}

/** A damaged one is a fact about the guest, and no reason to stop: another can be built. */
async function readAnyInitramfs(file: string): Promise<Pick<KernelFacts, 'initramfs' | 'damage'>> {
  try {
    return { initramfs: await readInitramfs(file) };
  } catch (error) {
    if (!(error instanceof AscendError) || error.code !== 'guest.unsupported') throw error;
    return { initramfs: undefined, damage: error.message.replace(/\.$/, '') };
  }
}

// The one that is made, and a copy of it where the boot loader reads.
const MAX_INITRAMFS = 3;

/**
 * As Debian, Red Hat and SUSE name it, and Red Hat before dracut; and as a boot entry names it: with systemd-boot, Debian
 * makes it in /boot and copies it to the EFI system partition, which is where it is started from. Else as Arch names it.
 */
async function findInitramfs(
  files: GuestFiles,
  version: string,
  named: readonly string[],
): Promise<string[]> {
  const usual = [
    `/boot/initrd.img-${version}`,
    `/boot/initramfs-${version}.img`,
    `/boot/initrd-${version}`,
    `/boot/initrd-${version}.img`,
  ];
  const found = new Set<string>();
  const add = async (candidates: readonly string[]) => {
    const path = await firstFile(files, candidates);
    if (path !== undefined) found.add(path);
  };
  await add(usual);
  for (const path of new Set(named.filter((each) => isOf(version, each)))) await add(placesOf(path));
  const pkgbase = (await files.readText(`/lib/modules/${version}/pkgbase`))?.trim();
  if (found.size === 0 && pkgbase) await add([`/boot/initramfs-${pkgbase}.img`]);
  return [...found].slice(0, MAX_INITRAMFS);
}

/** "6.1.0-5" is not "6.1.0-56". */
function isOf(version: string, path: string): boolean {
  return path
    .split('/')
    .some((name) => [version, `${version}.img`].some((end) => name === end || name.endsWith(`-${end}`)));
}

/** A boot loader's path starts at its own file system. */
function placesOf(path: string): string[] {
  const inSubvolume = path.replace(/^\/@[^/]*(?=\/)/, '');
  const places = [`/boot${path}`, inSubvolume, `/boot/efi${path}`, `/efi${path}`];
  // "//initrd.img" is another name of the same file.
  return places.map((place) => posix.normalize(place));
}

async function firstFile(files: GuestFiles, candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) if (await files.test('is-file', candidate)) return candidate;
  return undefined;
}
