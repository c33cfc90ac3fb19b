/** What is read of a Linux guest, once, before anything is planned. */
import type { GuestFiles } from '../files.ts';
import { readAgents, type AgentFacts } from './agents/agents.ts';
import { readBootFiles, type BootFile } from './boot/boot-files.ts';
import { readCloudInit, type CloudInitFacts } from './cloud-init.ts';
import { CRYPTTAB } from './storage/crypttab.ts';
import type { MountedRoot } from './storage/devices.ts';
import type { DiskStarts } from './firmware/disk-starts.ts';
import { readFirmware, type FirmwareFacts } from './firmware/loaders.ts';
import { readInit, type Init } from './agents/init.ts';
import { readKernels, type KernelFacts } from './boot/kernels.ts';
import { readLvm, type LvmFacts } from './storage/lvm.ts';
import { readTools, type ToolFacts } from './drivers/next-initramfs.ts';
import { readNetwork, type NetworkFacts } from './nics/network-facts.ts';
import { readPackages, type PackageFacts } from './agents/packages/install.ts';
import type { SuppliedPackages } from './agents/packages/supply.ts';
import { readBuilders, type Builder } from './drivers/rebuild.ts';
import { readRelease, type Release } from './release.ts';
import { readSelinux, type SelinuxFacts } from './selinux.ts';
import { readUnifiedKernels, type UnifiedKernel } from './boot/unified-kernel.ts';

export interface LinuxFacts {
  release: Release;
  init: Init;
  root: MountedRoot;
  fstab: string;
  crypttab: string | undefined;
  bootFiles: readonly BootFile[];
  kernels: readonly KernelFacts[];
  unifiedKernels: readonly UnifiedKernel[];
  tools: readonly ToolFacts[];
  builders: readonly Builder[];
  lvm: LvmFacts;
  network: NetworkFacts;
  agents: AgentFacts;
  packages: PackageFacts;
  cloudInit: CloudInitFacts;
  selinux: SelinuxFacts;
  firmware: FirmwareFacts;
}

export async function readFacts(
  files: GuestFiles,
  root: MountedRoot,
  starts: DiskStarts,
  supplied?: SuppliedPackages,
): Promise<LinuxFacts> {
  const bootFiles = await readBootFiles(files);
  const init = await readInit(files);
  const unifiedKernels = await readUnifiedKernels(files);
  return {
    release: await readRelease(files),
    init,
    root,
    fstab: (await files.readText('/etc/fstab')) ?? '',
    crypttab: await files.readText(CRYPTTAB),
    bootFiles,
    kernels: await readKernels(files, bootFiles, unifiedKernels),
    unifiedKernels,
    tools: await readTools(files),
    builders: await readBuilders(files),
    lvm: await readLvm(files),
    network: await readNetwork(files),
    agents: await readAgents(files, init),
    packages: await readPackages(files, supplied),
    cloudInit: await readCloudInit(files),
    selinux: await readSelinux(files),
    firmware: await readFirmware(files, starts),
  };
}
