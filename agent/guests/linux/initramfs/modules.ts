/** The kernel's own index of its modules. Source: modules.dep(5), depmod(8). */
import { moduleName } from './initramfs.ts';

export interface ModuleIndex {
  /** Files, relative to the module directory, that loading a module takes: its dependencies, then itself. */
  filesOf(name: string): string[] | undefined;
  /** Every module's file, with those of its dependencies as modules.dep has them. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  isBuiltIn(name: string): boolean;
}

/** `dep`, `builtin` and `config`: text of modules.dep, modules.builtin and the kernel's configuration. */
export function parseModuleIndex(dep: string, builtin: string, config = ''): ModuleIndex {
  const closure = new Map<string, string[]>();
  const dependencies = new Map<string, readonly string[]>();
  for (const line of dep.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const file = line.slice(0, colon);
    const needs = line
      .slice(colon + 1)
      .split(' ')
      .filter(Boolean);
    dependencies.set(file, needs);
    // modules.dep lists all dependencies, the direct ones first: loading goes backwards.
    closure.set(moduleName(file), [...needs.toReversed(), file]);
  }
  const builtIn = new Set(builtin.split('\n').filter(Boolean).map(moduleName));
  const compiledIn = new Set([...config.matchAll(/^(CONFIG_\w+)=y$/gm)].map((match) => match[1] ?? ''));
  return {
    filesOf: (name) => closure.get(name),
    dependencies,
    isBuiltIn: (name) => builtIn.has(name) || compiledIn.has(OPTIONS[name] ?? ''),
  };
}

/** Kernels before 2.6.33 have no modules.builtin. Source: the Kconfig files of Linux 6.1. */
const OPTIONS: Readonly<Record<string, string>> = {
  virtio_pci: 'CONFIG_VIRTIO_PCI',
  virtio_blk: 'CONFIG_VIRTIO_BLK',
  virtio_scsi: 'CONFIG_SCSI_VIRTIO',
  virtio_net: 'CONFIG_VIRTIO_NET',
  vmw_pvscsi: 'CONFIG_VMWARE_PVSCSI',
  vmxnet3: 'CONFIG_VMXNET3',
  mptspi: 'CONFIG_FUSION_SPI',
  mptsas: 'CONFIG_FUSION_SAS',
  hv_vmbus: 'CONFIG_HYPERV',
  hv_storvsc: 'CONFIG_HYPERV_STORAGE',
  hv_netvsc: 'CONFIG_HYPERV_NET',
  nvme: 'CONFIG_BLK_DEV_NVME',
  ena: 'CONFIG_ENA_ETHERNET',
  e1000e: 'CONFIG_E1000E',
  xen_blkfront: 'CONFIG_XEN_BLKDEV_FRONTEND',
  xen_netfront: 'CONFIG_XEN_NETDEV_FRONTEND',
  sd_mod: 'CONFIG_BLK_DEV_SD',
  ahci: 'CONFIG_SATA_AHCI',
  ata_piix: 'CONFIG_ATA_PIIX',
};
