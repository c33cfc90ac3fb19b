/** The facts of a Linux guest in words. */
import type { GuestFact } from '../description.ts';
import type { BootFile } from './boot/boot-files.ts';
import { deviceOf } from './storage/devices.ts';
import type { LinuxFacts } from './facts.ts';
import { parseFstab } from './storage/fstab.ts';
import type { KernelFacts } from './boot/kernels.ts';
import { configuredNics } from './network/index.ts';
import { stackText } from './storage/storage-stack.ts';

export function describeLinux(facts: LinuxFacts): GuestFact[] {
  const { release, init, bootFiles, firmware, kernels, tools, root, agents, selinux, cloudInit } = facts;
  const fact = (name: string, title: string, values: readonly string[]): GuestFact => ({
    name,
    title,
    values,
  });
  return [
    fact('distribution', 'Distribution', [[release.id, release.version].filter(Boolean).join(' ')]),
    fact('init', 'Init', [init]),
    fact('kernels', 'Kernels', kernels.map(kernelText)),
    fact('initramfsTools', 'Initramfs tools', [...new Set(tools.map(({ tool }) => tool))]),
    fact(
      'bootLoader',
      'Boot loader',
      bootLoaders(bootFiles, firmware.loaders, facts.unifiedKernels.length > 0),
    ),
    fact('firmware', 'Starts by', firmwares(facts)),
    fact('root', 'Root', [rootText(root)]),
    fact('mounts', 'Also mounted', mounts(facts)),
    fact('network', 'Network', networkTexts(facts)),
    fact(
      'agents',
      'Agents',
      agents.init === 'systemd'
        ? [...agents.present].map((unit) => (agents.masked.has(unit) ? `${unit} (masked)` : unit))
        : agents.scripts.map(({ path }) => path),
    ),
    fact(
      'selinux',
      'SELinux',
      selinux.mode === 'disabled'
        ? []
        : [`${selinux.mode}${selinux.isLabelled ? '' : ', files without labels'}`],
    ),
    fact('cloudInit', 'cloud-init', cloudInit.isThere ? ['installed'] : []),
  ];
}

function kernelText({ version, initramfsPath, initramfs }: KernelFacts): string {
  const builder =
    initramfs === undefined
      ? 'compression not known'
      : initramfs.builtBy === 'other'
        ? undefined
        : initramfs.builtBy;
  return `${version} with ${initramfsPath}${builder ? ` (${builder})` : ''}`;
}

/** By what starts a kernel, not by what is installed: a package leaves nothing behind that a firmware would start. */
function bootLoaders(files: readonly BootFile[], loaders: readonly string[], hasImages: boolean): string[] {
  const has = (kind: BootFile['kind']) => files.some((file) => file.kind === kind);
  const isSystemdBoot = loaders.some((path) => /\/systemd-boot[^/]*\.efi$/i.test(path));
  const readsEntries = files.some(({ kind, text }) => kind === 'grub' && /^[ \t]*blscfg\b/m.test(text));
  return [
    ...(has('grub') ? [readsEntries ? 'GRUB 2 with Boot Loader Specification entries' : 'GRUB 2'] : []),
    ...(has('grub-legacy') ? ['GRUB legacy'] : []),
    ...(isSystemdBoot ? ['systemd-boot'] : []),
    ...(has('entry') && !readsEntries && !isSystemdBoot ? ['Boot Loader Specification entries'] : []),
    ...(has('extlinux') ? ['extlinux'] : []),
    ...(hasImages ? ['unified kernel images'] : []),
  ];
}

function firmwares({ firmware: { loaders, startsByBios, esp } }: LinuxFacts): string[] {
  return [
    ...(startsByBios ? ['BIOS (code in the first sector of a disk)'] : []),
    ...(loaders.length > 0 ? [`UEFI (${loaders.map((path) => `${esp ?? ''}${path}`).join(', ')})`] : []),
  ];
}

function rootText({ device, layout }: LinuxFacts['root']): string {
  if (layout === undefined) return device;
  const { type, subvolume, layers } = layout;
  return `${type}${subvolume === undefined ? '' : ` (subvolume ${subvolume})`} on ${stackText(layers)}`;
}

// What decides how a machine starts, and swap areas.
const TOLD_MOUNTS = /^(\/boot|\/boot\/efi|\/efi|\/usr|\/var)$/;

function mounts({ fstab, root }: LinuxFacts): string[] {
  return parseFstab(fstab)
    .filter(({ mountPoint, type }) => TOLD_MOUNTS.test(mountPoint) || type === 'swap')
    .map(({ spec, mountPoint, type }) => {
      const found = deviceOf(spec, root) === undefined ? ', not found' : '';
      return type === 'swap' ? `swap (${spec}${found})` : `${mountPoint} (${type}, ${spec}${found})`;
    });
}

function networkTexts({ network }: LinuxFacts): string[] {
  const byStack = new Map<string, string[]>();
  for (const { file, name, mac } of configuredNics(network.files)) {
    const nics = byStack.get(file.stack.title) ?? [];
    byStack.set(file.stack.title, [...nics, name ?? mac ?? 'any']);
  }
  return [...byStack].map(([title, nics]) => `${title}: ${[...new Set(nics)].join(', ')}`);
}
