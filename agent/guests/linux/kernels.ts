/** The kernels of a guest: what their initramfs hold, and what drivers they have at all. */
import type { GuestFiles } from '../files.ts';
import { initrdPaths, type BootFile } from './boot-files.ts';
import { readInitramfs, type Initramfs } from './initramfs.ts';
import { parseModuleIndex, type ModuleIndex } from './modules.ts';

export interface KernelFacts {
  version: string;
  /** In the guest. */
  moduleDir: string;
  initramfsPath: string;
  /** Undefined where its compression is not read here. */
  initramfs: Initramfs | undefined;
  index: ModuleIndex;
  /** The index files of depmod that the guest has. */
  indexFiles: readonly string[];
  /** Whether the kernel unpacks gzip: one without it still takes an uncompressed archive. */
  gunzips: boolean;
}

// What kmod reads when it loads a module by name or by alias. The rest of the index stays as the initramfs has it.
const INDEX_FILES = ['modules.dep.bin', 'modules.alias.bin', 'modules.softdep'];
const MAX_INITRAMFS_BYTES = 512 * 1024 * 1024;
// Each takes some seconds; a machine keeps two or three.
const MAX_KERNELS = 16;

/** Newest first. */
export async function readKernels(files: GuestFiles, bootFiles: readonly BootFile[]): Promise<KernelFacts[]> {
  const named = bootFiles.flatMap(initrdPaths);
  const versions = (await files.list('/lib/modules')).sort((a, b) =>
    b.localeCompare(a, 'en', { numeric: true }),
  );
  const kernels: KernelFacts[] = [];
  for (const version of versions.slice(0, MAX_KERNELS)) {
    const kernel = await readKernel(files, version, named);
    if (kernel) kernels.push(kernel);
  }
  return kernels;
}

/** Undefined for the leftovers of a kernel that was removed. */
async function readKernel(
  files: GuestFiles,
  version: string,
  named: readonly string[],
): Promise<KernelFacts | undefined> {
  const moduleDir = `/lib/modules/${version}`;
  const there = new Set(await files.list(moduleDir));
  const dep = there.has('modules.dep') ? await files.readText(`${moduleDir}/modules.dep`) : undefined;
  if (dep === undefined) return undefined;
  const initramfsPath = await findInitramfs(files, version, named);
  if (initramfsPath === undefined) return undefined;
  const builtin = (await files.readText(`${moduleDir}/modules.builtin`)) ?? '';
  const config =
    (await files.readText(`/boot/config-${version}`)) ?? (await files.readText(`${moduleDir}/config`)) ?? '';
  const local = await files.download(initramfsPath, MAX_INITRAMFS_BYTES);
  return {
    version,
    moduleDir,
    initramfsPath,
    initramfs: local === undefined ? undefined : await readInitramfs(local),
    index: parseModuleIndex(dep, builtin, config),
    indexFiles: INDEX_FILES.filter((name) => there.has(name)),
    gunzips: /^CONFIG_RD_GZIP=y$/m.test(config),
  };
}

/** As Debian, Red Hat and SUSE name it, and Red Hat before dracut; else as a boot entry or Arch's package names it. */
async function findInitramfs(
  files: GuestFiles,
  version: string,
  named: readonly string[],
): Promise<string | undefined> {
  const usual = [
    `/boot/initrd.img-${version}`,
    `/boot/initramfs-${version}.img`,
    `/boot/initrd-${version}`,
    `/boot/initrd-${version}.img`,
  ];
  const found = await firstFile(files, usual);
  if (found !== undefined) return found;
  const entries = named.filter((path) => path.includes(version)).flatMap(placesOf);
  const pkgbase = (await files.readText(`/lib/modules/${version}/pkgbase`))?.trim();
  return firstFile(files, [...entries, ...(pkgbase ? [`/boot/initramfs-${pkgbase}.img`] : [])]);
}

/** A boot loader's path starts at its own file system. */
function placesOf(path: string): string[] {
  const inSubvolume = path.replace(/^\/@[^/]*(?=\/)/, '');
  return [`/boot${path}`, inSubvolume, `/boot/efi${path}`, `/efi${path}`];
}

async function firstFile(files: GuestFiles, candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) if (await files.test('is-file', candidate)) return candidate;
  return undefined;
}
