import { DISK_BYTES, MIB } from '../../backups/disk.ts';
import type { SomeFacts } from '../row.ts';
import { machineWith, type LayoutRow } from './row.ts';

const ROOT = 'c0a80a01-0000-4000-8000-0000000d0001.qcow2';
const DATA = 'c0a80a01-0000-4000-8000-0000000d0002.raw';
const scsi = (unit: number) => ({ kind: 'scsi', model: null, bus: null, unit });
const disk = {
  root: { id: 'scsi.0', sizeBytes: DISK_BYTES, controller: scsi(0), file: ROOT, format: 'qcow2' },
  data: { id: 'scsi.1', sizeBytes: 2 * MIB, controller: scsi(1), file: DATA, format: 'raw' },
};
const nic = {
  id: 'c0a80a01-0000-4000-8000-0000000f0001',
  mac: '50:6b:8d:0a:00:01',
  network: 'c0a80a01-0000-4000-8000-0000000e0001',
  connected: true,
  addresses: ['10.30.0.7'],
};
const chains = { 'scsi.0': [ROOT], 'scsi.1': [DATA] };

const db01 = (facts: SomeFacts) =>
  machineWith({
    name: 'db01',
    platform: 'nutanix',
    sourceId: 'c0a80a01-0000-4000-8000-00000000a001',
    memoryBytes: 2048 * MIB,
    firmware: 'uefi',
    disks: [disk.root, disk.data],
    nics: [nic],
    ...facts,
  });

export const nutanix: LayoutRow[] = [
  {
    layout: 'Nutanix v2',
    machine: db01({
      cpu: { count: 4, sockets: 2, coresPerSocket: 2 },
      firmware: 'bios',
      secureBoot: false,
      disks: [
        { ...disk.root, label: 'scsi.0' },
        { ...disk.data, label: 'scsi.1' },
      ],
      nics: [{ ...nic, model: 'virtio' }],
      notes: 'the books',
    }),
    chains,
    metadata: 'vm.json',
  },
  {
    // The subnet beside it names the network, its VLAN and the mask.
    layout: 'Nutanix v3',
    machine: db01({
      cpu: { count: 4, sockets: 2, coresPerSocket: 2 },
      secureBoot: false,
      nics: [{ ...nic, network: 'servers', vlan: 30, addresses: ['10.30.0.7/24'] }],
      tags: { Environment: 'Production' },
    }),
    chains,
    metadata: 'vm.json',
  },
  {
    layout: 'Nutanix v4',
    machine: db01({
      cpu: { count: 4, sockets: 1, coresPerSocket: 4 },
      secureBoot: true,
      tpm: true,
    }),
    chains,
    metadata: 'vm.json',
  },
];
