/** What Windows must start before it can read its own disk, per controller. */
import type { StorageController } from '../../requirements.ts';

export interface BootDriver {
  service: string;
  vendor: string;
  /** Names of PCI devices as in DeviceIds, without "PCI\"; none: those of the driver's INF file. */
  pciIds: readonly string[];
  /** False: only a Windows without a driver of its own for the controller needs it. */
  isNeeded: boolean;
}

/**
 * Drivers that come with Windows. `required`: one of them must be there, e.g. msahci up to Windows 7, storahci since.
 * Source: Microsoft Learn, "Prepare a Windows VHD for Azure" and "Boot from NVMe"; AWS EC2 User Guide, "Windows NVMe drivers".
 */
export const INBOX: Readonly<Partial<Record<StorageController, { required: string[]; also: string[] }>>> = {
  ahci: { required: ['storahci', 'msahci'], also: [] },
  ide: { required: ['intelide'], also: ['atapi', 'pciide'] },
  nvme: { required: ['stornvme'], also: [] },
  'lsi-sas': { required: ['LSI_SAS'], also: [] },
  // A machine of generation 1 starts from IDE and goes on over VMBus.
  storvsc: { required: ['storvsc'], also: ['vmbus', 'storflt', 'intelide', 'atapi'] },
  'xen-blk': { required: ['xenvbd'], also: ['xenbus'] },
};

/** Drivers that come from elsewhere. Identifiers as virt-v2v registers them; VMware's from pvscsi.inf. */
export const SUPPLIED: Readonly<Partial<Record<StorageController, BootDriver>>> = {
  'virtio-blk': {
    service: 'viostor',
    vendor: 'VEN_1AF4',
    pciIds: ['VEN_1AF4&DEV_1001&REV_00', 'VEN_1AF4&DEV_1042&REV_01'],
    isNeeded: true,
  },
  'virtio-scsi': {
    service: 'vioscsi',
    vendor: 'VEN_1AF4',
    pciIds: ['VEN_1AF4&DEV_1004&REV_00', 'VEN_1AF4&DEV_1048&REV_01'],
    isNeeded: true,
  },
  pvscsi: { service: 'pvscsi', vendor: 'VEN_15AD', pciIds: ['VEN_15AD&DEV_07C0'], isNeeded: true },
  // AWS' own, for its own devices alone: Windows 7 and Server 2008 R2 to 2012 have none for NVMe.
  nvme: { service: 'awsnvme', vendor: 'VEN_1D0F', pciIds: [], isNeeded: false },
};

/** Where a driver for a controller is to be had. */
export const WHERE_TO_GET: Readonly<Partial<Record<StorageController, string>>> = {
  'virtio-blk':
    'Download virtio-win.iso of the virtio-win project and name it (or its unpacked folder) with --drivers.',
  'virtio-scsi':
    'Download virtio-win.iso of the virtio-win project and name it (or its unpacked folder) with --drivers.',
  pvscsi:
    'Name the folder of drivers of VMware Tools with --drivers, or let the target use another controller: --option controller=lsi-sas.',
  nvme: 'Windows has its own NVMe driver since 8.1 and Server 2012 R2: update the original machine, or choose a machine with another controller.',
  'xen-blk':
    "Install the target's Xen drivers in the original machine and back it up again, or choose a type of machine with NVMe disks.",
};

export const SUPPLIED_SERVICES: ReadonlySet<string> = new Set(
  Object.values(SUPPLIED).map(({ service }) => service),
);
