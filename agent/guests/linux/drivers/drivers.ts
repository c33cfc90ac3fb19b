import type { GuestRequirements, NetworkCard, StorageController } from '../../requirements.ts';

/**
 * Drivers of every target, so that one initramfs suits them all and a machine can move on without another repair:
 * eight extra modules grew an initramfs from 9.60 to 10.15 MB. Large network drivers (mlx5_core alone is 4 MB) are
 * left to the root file system, which every kernel of the guest has them on: only what finds the root is urgent.
 */
export const ALL_TARGET_DRIVERS: readonly string[] = [
  // KVM and CloudStack
  ...['virtio_pci', 'virtio_blk', 'virtio_scsi', 'virtio_net'],
  // VMware
  ...['vmw_pvscsi', 'vmxnet3', 'mptspi', 'mptsas'],
  // Hyper-V and Azure
  ...['hv_vmbus', 'hv_storvsc', 'hv_netvsc', 'pci_hyperv', 'hid_hyperv', 'hyperv_keyboard'],
  // AWS: Nitro, then Xen
  ...['nvme', 'ena', 'xen_blkfront', 'xen_netfront'],
  // what their disks and emulated controllers need
  ...['sd_mod', 'ahci', 'ata_piix'],
];

/** Without these the guest does not find its disks. */
const STORAGE_DRIVERS: Readonly<Record<StorageController, readonly string[]>> = {
  'virtio-blk': ['virtio_pci', 'virtio_blk'],
  'virtio-scsi': ['virtio_pci', 'virtio_scsi', 'sd_mod'],
  pvscsi: ['vmw_pvscsi', 'sd_mod'],
  'lsi-sas': ['mptsas', 'sd_mod'],
  ahci: ['ahci', 'sd_mod'],
  ide: ['ata_piix', 'sd_mod'],
  nvme: ['nvme'],
  storvsc: ['hv_vmbus', 'hv_storvsc', 'sd_mod'],
  'xen-blk': ['xen_blkfront'],
};

const NETWORK_DRIVERS: Readonly<Record<NetworkCard, readonly string[]>> = {
  'virtio-net': ['virtio_net'],
  vmxnet3: ['vmxnet3'],
  e1000e: ['e1000e'],
  netvsc: ['hv_netvsc'],
  ena: ['ena'],
  'xen-net': ['xen_netfront'],
};

export function bootDriversOf({ storage }: Pick<GuestRequirements, 'storage'>): readonly string[] {
  return STORAGE_DRIVERS[storage];
}

export function networkDriversOf({ network }: Pick<GuestRequirements, 'network'>): readonly string[] {
  return NETWORK_DRIVERS[network];
}
