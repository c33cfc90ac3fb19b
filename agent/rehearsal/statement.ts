/** What a rehearsal claims, and no more: in the words that every surface shows. */
import { fidelityOf, type TwinDisk, type TwinHardware, type TwinNic } from './hardware.ts';

export const CONTROLLER_NAMES: Readonly<Record<TwinDisk, string>> = {
  'virtio-blk': 'virtio-blk',
  'virtio-scsi': 'virtio-scsi',
  pvscsi: 'pvscsi',
  'lsi-sas': 'LSI SAS 1068',
  ahci: 'SATA (AHCI)',
  ide: 'IDE',
  nvme: 'NVMe',
};

const NIC_NAMES: Readonly<Record<TwinNic, string>> = {
  'virtio-net': 'virtio-net',
  vmxnet3: 'vmxnet3',
  e1000e: 'e1000e',
  e1000: 'e1000',
};

/** e.g. "boots on QEMU's pvscsi and vmxnet3". A boot proves what was booted on: never the platform itself. */
export function statementOf(hardware: TwinHardware, title: string): string {
  const [disk, nic] = [CONTROLLER_NAMES[hardware.disk], NIC_NAMES[hardware.nic]];
  switch (fidelityOf(hardware)) {
    case 'exact':
      return `QEMU's ${disk} and ${nic}, which are the kinds that ${title} has; nothing was started on ${title} itself.`;
    case 'storage-only':
      return `QEMU's ${disk}, which is the kind that ${title} has, and ${nic}, because QEMU has no card of its own: for the network only the content speaks.`;
    case 'nearest':
      return `QEMU's ${disk} and ${nic}, the nearest to ${title} that QEMU starts from: it shows that the system starts, and for the drivers of ${title} only the content speaks.`;
  }
}
