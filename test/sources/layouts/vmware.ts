import { DISK_BYTES, MIB } from '../../backups/disk.ts';
import { machineWith, type LayoutRow } from './row.ts';

const pvscsi = (unit: number) => ({ kind: 'scsi', model: 'pvscsi', bus: 0, unit });
const nic = { id: 'ethernet0', model: 'vmxnet3', network: 'VM Network', connected: true };
const fixedNic = { ...nic, mac: '00:50:56:ab:00:01' };

const ofVmx = {
  name: 'web01',
  platform: 'vmware',
  sourceId: '564da1b2-c3d4-e5f6-0102-030405060708',
  guest: { family: 'linux', id: 'debian11-64', arch: 'x86_64' },
  cpu: { count: 4, sockets: 2, coresPerSocket: 2 },
  memoryBytes: 2048 * MIB,
  firmware: 'uefi',
  secureBoot: true,
  tpm: false,
  nics: [fixedNic],
  notes: 'The shop\nAsk Zoë',
} as const;

const vmxWith = (label: string, file: string, format = 'vmdk') =>
  machineWith({
    ...ofVmx,
    nics: [fixedNic],
    disks: [{ id: 'scsi0:0', label, sizeBytes: DISK_BYTES, controller: pvscsi(0), file, format }],
  });

const ofOvf = {
  name: 'web01',
  platform: 'vmware',
  guest: { family: 'linux', id: 'debian11_64Guest', arch: 'x86_64' },
  cpu: { count: 2 },
  memoryBytes: 2048 * MIB,
  firmware: 'uefi',
  tpm: false,
} as const;

const exported = {
  id: 'scsi0:0',
  label: 'Hard disk 1',
  sizeBytes: DISK_BYTES,
  controller: pvscsi(0),
  file: 'web01-disk1.vmdk',
  format: 'vmdk',
};
const ovf = machineWith({ ...ofOvf, nics: [nic], disks: [exported] });
const ovfChain = { 'scsi0:0': ['web01-disk1.vmdk'] };

export const vmware: LayoutRow[] = [
  {
    layout: 'a backup set',
    machine: vmxWith('web01.vmdk', 'scsi0-0.incr.qcow2', 'qcow2'),
    chains: { 'scsi0:0': ['scsi0-0.full.qcow2', 'scsi0-0.incr.qcow2'] },
  },
  {
    layout: 'a VMX with a sparse VMDK',
    machine: vmxWith('web01.vmdk', 'web01.vmdk'),
    chains: { 'scsi0:0': ['web01.vmdk'] },
    metadata: 'web01.vmx',
  },
  {
    layout: 'a VMX with a flat VMDK',
    machine: vmxWith('web01.vmdk', 'web01.vmdk'),
    chains: { 'scsi0:0': ['web01.vmdk'] },
  },
  {
    layout: 'a VMX with two snapshots',
    machine: vmxWith('web01-000002.vmdk', 'web01-000002.vmdk'),
    chains: { 'scsi0:0': ['web01.vmdk', 'web01-000001.vmdk', 'web01-000002.vmdk'] },
  },
  {
    layout: 'a VMX with converted disks',
    machine: machineWith({
      ...ofVmx,
      nics: [fixedNic],
      disks: [
        {
          id: 'scsi0:0',
          label: 'web01.vmdk',
          sizeBytes: DISK_BYTES,
          controller: pvscsi(0),
          file: 'web01.qcow2',
          format: 'qcow2',
        },
        {
          id: 'scsi0:1',
          label: '/vmfs/volumes/ds2/web01/web01_1.vmdk',
          sizeBytes: 2 * MIB,
          controller: pvscsi(1),
          file: 'web01_1.vmdk.qcow2',
          format: 'qcow2',
        },
      ],
    }),
    chains: { 'scsi0:0': ['web01.qcow2'], 'scsi0:1': ['web01_1.vmdk.qcow2'] },
    metadata: 'web01.vmx',
  },
  { layout: 'an OVF folder', machine: ovf, chains: ovfChain, metadata: 'web01.ovf' },
  { layout: 'an OVA', machine: ovf, chains: ovfChain },
  {
    layout: 'vim25 JSON',
    machine: machineWith({
      name: 'web01',
      platform: 'vmware',
      sourceId: '564da1b2-c3d4-e5f6-0102-030405060708',
      guest: {
        family: 'linux',
        id: 'debian11_64Guest',
        name: 'Debian GNU/Linux 11 (64-bit)',
        arch: 'x86_64',
      },
      cpu: { count: 2, sockets: 2, coresPerSocket: 1 },
      memoryBytes: 1024 * MIB,
      firmware: 'bios',
      secureBoot: false,
      tpm: false,
      disks: [{ ...exported, file: 'web01.vmdk' }],
      nics: [fixedNic],
    }),
    chains: { 'scsi0:0': ['web01.vmdk'] },
    metadata: 'vm.json',
  },
];
