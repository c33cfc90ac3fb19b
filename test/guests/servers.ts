/** Servers that are what web01 is not: facts that tests may rely on. All have one NIC, ens192. */

export interface Server {
  /** The folder beside this file that it is made from. */
  folder: string;
  name: string;
  uefi: boolean;
  address: string;
  backup: string;
  /** In the machine's order. */
  disks: readonly ServerDisk[];
  /** What becomes of it on KVM's hardware where nothing is fixed. */
  unfixed: { cause: string; message: RegExp };
}

interface ServerDisk {
  id: string;
  file: string;
  sizeBytes: number;
}

export const servers = {
  /** UEFI by shim, without the fallback path, GPT, /boot apart, root on LVM by name, netplan, initramfs-tools. */
  db01: {
    folder: 'debian12-uefi-lvm',
    name: 'db01',
    uefi: true,
    address: '10.77.0.20',
    backup: '3f0b8c1e-6a57-4d0e-8a3c-5b7a1f0c9d21',
    disks: [{ id: 'scsi0:0', file: 'scsi0-0.full.qcow2', sizeBytes: 1536 * 1024 ** 2 }],
    unfixed: {
      cause: 'not-bootable',
      message:
        /The firmware found nothing to start from .*The cause: nothing is at \\EFI\\BOOT\\BOOTX64\.EFI/,
    },
  },
  /** BIOS, root in a btrfs subvolume, dracut for its own hardware only, NetworkManager by interface name. */
  app01: {
    folder: 'debian12-dracut-nm',
    name: 'app01',
    uefi: false,
    address: '10.77.0.30',
    backup: '8c1d5e92-0f4b-4a6d-b7e3-2d9f6a1c0b31',
    disks: [{ id: 'scsi0:0', file: 'scsi0-0.full.qcow2', sizeBytes: 1536 * 1024 ** 2 }],
    unfixed: {
      cause: 'root-missing',
      // dracut waits for minutes and, started quietly, says nothing meanwhile: the content says why.
      message:
        /The cause: the initramfs of kernel 6\.\S+ lacks a driver for virtio-blk: virtio_pci, virtio_blk\./,
    },
  },
  /**
   * BIOS, /boot and a root of XFS on mirrored disks (md), GRUB 2 on both, swap and a data disk by their device names, the
   * data disk on a controller of its own, ifupdown with a DHCP client.
   */
  raid01: {
    folder: 'debian12-raid-xfs',
    name: 'raid01',
    uefi: false,
    address: '10.77.0.40',
    backup: '5a2e7b90-3c18-4f6d-9d04-6e1c8f2a7b41',
    disks: [
      { id: 'scsi0:0', file: 'scsi0-0.full.qcow2', sizeBytes: 1280 * 1024 ** 2 },
      { id: 'scsi0:1', file: 'scsi0-1.full.qcow2', sizeBytes: 1280 * 1024 ** 2 },
      { id: 'scsi1:0', file: 'scsi1-0.full.qcow2', sizeBytes: 64 * 1024 ** 2 },
    ],
    unfixed: {
      cause: 'root-missing',
      message:
        /did not find the root disk \(\/dev\/md1\)\. The cause: the initramfs of kernel 6\.\S+ lacks a driver/,
    },
  },
  /** UEFI, systemd-boot with entries and copies of the initramfs on the EFI system partition, systemd-networkd. */
  boot01: {
    folder: 'debian12-systemd-boot',
    name: 'boot01',
    uefi: true,
    address: '10.77.0.50',
    backup: '7d4c1b86-5e29-4a03-8f6b-2c9e0d7a3b51',
    disks: [{ id: 'scsi0:0', file: 'scsi0-0.full.qcow2', sizeBytes: 1280 * 1024 ** 2 }],
    unfixed: {
      cause: 'root-missing',
      message:
        // OVMF's screen is not read far enough for more.
        /(did not find the root disk \(\/dev\/sda2\)|has no way to find its root disk)\. The cause: the initramfs of kernel 6\.\S+ lacks a driver for virtio-blk/,
    },
  },
} as const satisfies Record<string, Server>;
