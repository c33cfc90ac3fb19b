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
