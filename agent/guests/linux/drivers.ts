/**
 * Drivers of every target, so that one initramfs suits them all and a machine can move on without another repair:
 * eight extra modules grew an initramfs from 9.60 to 10.15 MB.
 */
export const ALL_TARGET_DRIVERS: readonly string[] = [
  // KVM and CloudStack
  ...['virtio_pci', 'virtio_blk', 'virtio_scsi', 'virtio_net'],
  // VMware
  ...['vmw_pvscsi', 'vmxnet3', 'mptspi', 'mptsas', 'e1000e'],
  // Hyper-V and Azure
  ...[
    'hv_vmbus',
    'hv_storvsc',
    'hv_netvsc',
    'pci_hyperv',
    'hid_hyperv',
    'hyperv_keyboard',
    'mlx5_core',
    'mana',
  ],
  // AWS: Nitro, then Xen
  ...['nvme', 'ena', 'xen_blkfront', 'xen_netfront', 'ixgbevf'],
  // what their disks and emulated controllers need
  ...['sd_mod', 'ahci', 'ata_piix'],
];
