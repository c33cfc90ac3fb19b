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
    unfixed: { cause: 'not-bootable', message: /The firmware found nothing to start from/ },
  },
} as const satisfies Record<string, Server>;
