import { DISK_BYTES, MIB } from '../../backups/disk.ts';
import { machineWith, type LayoutRow } from './row.ts';

const CONFIGURATION = 'Virtual Machines/5B6E0A9C-1D2F-4E3A-9B4C-0F1E2D3C4B5A';
const disk = { sizeBytes: DISK_BYTES, controller: { kind: 'scsi', model: 'hyperv-scsi', bus: 0, unit: 0 } };
const web01 = {
  name: 'web01',
  platform: 'hyperv',
  sourceId: '5b6e0a9c-1d2f-4e3a-9b4c-0f1e2d3c4b5a',
  cpu: { count: 2 },
  memoryBytes: 2048 * MIB,
  firmware: 'uefi' as const,
  secureBoot: true,
  nics: [{ id: 'nic0', mac: '00:15:5d:0a:00:01', model: 'netvsc', network: 'Production', connected: true }],
};

export const hyperv: LayoutRow[] = [
  {
    layout: 'a Hyper-V export with XML',
    machine: machineWith({
      ...web01,
      firmware: 'bios',
      secureBoot: false,
      disks: [
        {
          ...disk,
          id: 'ide0:0',
          label: 'web01.vhd',
          controller: { kind: 'ide', model: null, bus: 0, unit: 0 },
          file: 'Virtual Hard Disks/web01.vhd',
          format: 'vhd',
        },
      ],
    }),
    chains: { 'ide0:0': ['Virtual Hard Disks/web01.vhd'] },
    metadata: `${CONFIGURATION}.xml`,
  },
  {
    layout: 'a Hyper-V export with VMCX',
    machine: machineWith({
      ...web01,
      notes: 'the shop',
      disks: [
        {
          ...disk,
          id: 'scsi0:0',
          label: 'web01_0F1E.avhdx',
          file: 'Virtual Hard Disks/web01_0F1E.avhdx',
          format: 'vhdx',
        },
      ],
    }),
    chains: { 'scsi0:0': ['Virtual Hard Disks/web01.vhdx', 'Virtual Hard Disks/web01_0F1E.avhdx'] },
    metadata: `${CONFIGURATION}.vmcx`,
  },
  {
    layout: 'PowerShell JSON',
    machine: machineWith({
      ...web01,
      disks: [{ ...disk, id: 'scsi0:0', label: 'web01.vhdx', file: 'web01.vhdx', format: 'vhdx' }],
    }),
    chains: { 'scsi0:0': ['web01.vhdx'] },
  },
];
