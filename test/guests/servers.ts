/** Servers that are what web01 is not: facts that tests may rely on. All have one disk and one NIC, ens192. */

export interface Server {
  /** The folder beside this file that it is made from. */
  folder: string;
  name: string;
  uefi: boolean;
  address: string;
  backup: string;
  diskId: string;
  diskFile: string;
  diskBytes: number;
  /** What becomes of it on KVM's hardware where nothing is fixed. */
  unfixed: { cause: string; message: RegExp };
}

export const servers = {
  /** UEFI without the fallback path, GPT, /boot apart, root on LVM by name, systemd-networkd, initramfs-tools. */
  db01: {
    folder: 'debian12-uefi-lvm',
    name: 'db01',
    uefi: true,
    address: '10.77.0.20',
    backup: '3f0b8c1e-6a57-4d0e-8a3c-5b7a1f0c9d21',
    diskId: 'scsi0:0',
    diskFile: 'scsi0-0.full.qcow2',
    diskBytes: 1536 * 1024 ** 2,
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
    diskId: 'scsi0:0',
    diskFile: 'scsi0-0.full.qcow2',
    diskBytes: 1536 * 1024 ** 2,
    unfixed: {
      cause: 'root-missing',
      message: /did not find the root disk|waited for the root disk in vain/,
    },
  },
} as const satisfies Record<string, Server>;
