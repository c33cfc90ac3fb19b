/** VMX and VMSD files; expected values were read from the files by eye. */
import type { SampleRow } from '../row.ts';
import { disk, GIB, MIB } from './vmware-facts.ts';

const twentyOneDisks = [
  ...[0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((unit) => `scsi0:${unit}`),
  ...[0, 1, 2, 3, 4, 5].map((unit) => `scsi1:${unit}`),
].map((id, index) =>
  disk(id, 'pvscsi', {
    label: index === 0 ? 'BZ1308535_21disks.vmdk' : `BZ1308535_21disks_${index}.vmdk`,
    boot: index === 0,
  }),
);

export const vmx: SampleRow[] = [
  {
    file: 'vmware/esxi-hw8-21-disks-two-pvscsi.vmx',
    machine: {
      name: 'BZ1308535_21disks',
      platform: 'vmware',
      sourceId: '564d96af-e646-bd86-5c4d-654e7736ef31',
      guest: { family: 'linux', id: 'rhel6-64', name: null, arch: 'x86_64' },
      cpu: { count: 1, sockets: 1, coresPerSocket: 1 },
      memoryBytes: 2 * GIB,
      firmware: 'bios',
      disks: twentyOneDisks,
      nics: [
        {
          id: 'ethernet0',
          mac: '00:0c:29:36:ef:31',
          model: 'vmxnet3',
          network: 'VM Network',
          connected: true,
        },
      ],
    },
  },
  {
    file: 'vmware/esxi67-hw14-nvme-disk.vmx',
    machine: {
      name: 'esx6.7-rhel8.6-nvme-disk',
      sourceId: '422c176d-0b31-4e16-8297-f0b4990b8609',
      guest: { family: 'linux', id: 'rhel8-64' },
      memoryBytes: 2 * GIB,
      disks: [disk('nvme0:0', null, { label: 'nvme-disk.vmdk', boot: true })],
      nics: [{ mac: '00:50:56:ac:cf:51', model: 'vmxnet3', network: 'VM Network' }],
    },
  },
  {
    file: 'vmware/esxi70-hw17-win2019-uefi-secureboot-scsi-sata.vmx',
    machine: {
      name: 'win2019',
      sourceId: '564d6c27-96ea-1207-6f0b-b11d81469b0b',
      guest: { family: 'windows', id: 'windows2019srv-64', arch: 'x86_64' },
      cpu: { count: 2, sockets: 2, coresPerSocket: 1 },
      memoryBytes: 4 * GIB,
      firmware: 'uefi',
      secureBoot: true,
      tpm: false,
      disks: [
        disk('scsi0:0', 'lsisas1068', { label: 'win2019.vmdk', boot: true }),
        disk('sata0:3', null, { label: 'win2019_1.vmdk', boot: false }),
      ],
      nics: [{ mac: '00:0c:29:46:9b:0b', model: 'vmxnet3', network: 'VM Network' }],
    },
  },
  {
    file: 'vmware/esxi70-hw19-openstack-nsx-opaque-network-annotation.vmx',
    machine: {
      name: 'Test-Mig-VM-1 (01ce57d0-4e20-41a5-8b6c-bcbf49a032ec)',
      guest: { family: 'other', id: 'other-64', arch: 'x86_64' },
      cpu: { count: 1 },
      memoryBytes: GIB,
      firmware: 'bios',
      disks: [
        disk('scsi0:0', 'lsilogic', { label: 'Test-Mig-VM-1 (01ce57d0-4e20-41a5-8b6c-bcbf49a032ec)_2.vmdk' }),
      ],
      nics: [{ mac: 'fa:16:3e:bb:2c:4a', model: 'vmxnet3', network: 'Test' }],
    },
  },
  {
    file: 'vmware/esxi80-hw20-rhel93-uefi-secureboot-empty-cdrom.vmx',
    machine: {
      name: 'Auto-esx8.0-rhell9.3-efi-with-empty-cdrom',
      guest: { family: 'linux', id: 'rhel9-64', name: 'Red Hat Enterprise Linux 9.3 (Plow)' },
      cpu: { count: 1 },
      memoryBytes: 2 * GIB,
      firmware: 'uefi',
      secureBoot: true,
      disks: [disk('scsi0:0', 'pvscsi', { label: 'Auto-esx8.0-rhell9.3-efi-with-empty-cdrom.vmdk' })],
      nics: [{ mac: '00:50:56:a0:cf:2f', model: 'vmxnet3', network: 'VM Network' }],
    },
  },
  {
    file: 'vmware/esxi80-hw20-win-disk-in-subfolder.vmx',
    machine: {
      name: 'esx8.0-win11-with-second-disk-in-subfolder',
      guest: { family: 'windows', id: 'windows2019srvNext-64' },
      cpu: { count: 2 },
      memoryBytes: 4 * GIB,
      firmware: 'bios',
      disks: [
        disk('scsi0:0', 'lsisas1068', { label: 'esx8.0-win11-with-second-disk-in-subfolder.vmdk' }),
        disk('scsi0:1', 'lsisas1068', {
          label: 'subfolder/esx8.0-win11-with-second-disk-in-subfolder_1.vmdk',
        }),
      ],
      nics: [{ mac: '00:50:56:a5:b8:68', model: 'e1000e', network: 'Mgmt Network' }],
    },
  },
  {
    file: 'vmware/fusion-hw9-winxp-buslogic-two-nics.vmx',
    machine: {
      name: 'ATTM_VM',
      guest: { family: 'windows', id: 'winxppro', arch: 'i686' },
      cpu: { count: 2 },
      memoryBytes: 3572 * MIB,
      disks: [disk('scsi0:0', 'buslogic', { label: 'ATTM_VM.vmdk' })],
      nics: [
        { mac: '00:0c:29:3b:64:ea', model: null, network: 'VMnet0' },
        { mac: '00:0c:29:3b:64:f4', model: null, network: 'VMnet0' },
      ],
    },
  },
  {
    file: 'vmware/gsx-hw4-debian-router-blank-lines.vmx',
    machine: {
      name: 'Router',
      guest: { family: 'linux', id: 'other26xlinux' },
      memoryBytes: 32 * MIB,
      disks: [disk('ide0:0', null, { label: 'Debian-System1-0-cl1.vmdk', boot: true })],
      nics: [
        { mac: '00:0c:29:c4:be:5a', network: 'net1' },
        { mac: '00:0c:29:c4:be:64', network: 'net2' },
      ],
    },
  },
  {
    file: 'vmware/manageiq-hw4-multi-disk-ide.vmx',
    machine: {
      name: 'ManageIQ',
      guest: { family: 'linux', id: 'ubuntu' },
      memoryBytes: 768 * MIB,
      disks: ['ManageIQ.vmdk', 'ManageIQ (2).vmdk', 'ManageIQ (3).vmdk', 'ManageIQ (4).vmdk'].map(
        (label, unit) => disk(`scsi0:${unit}`, 'lsilogic', { label, boot: unit === 0 }),
      ),
      nics: [{ mac: '00:0c:29:ef:9b:9b', network: 'nat' }],
    },
  },
  { file: 'vmware/workstation-encrypted-config.vmx', refused: /the VM is encrypted/ },
  {
    file: 'vmware/workstation-hw11-win10-lowercase-keys.vmx',
    machine: {
      name: 'MSEdge - Win10_preview',
      sourceId: '564d5459-5d0c-518d-d340-384ffebfe45d',
      guest: { family: 'windows', id: 'windows9-64' },
      memoryBytes: 2 * GIB,
      disks: [disk('scsi0:0', 'lsisas1068', { label: 'MSEdge-Win10_preview.vmdk' })],
      nics: [{ mac: '00:0c:29:bf:e4:5d', model: 'e1000e', network: 'bridged' }],
    },
  },
  {
    file: 'vmware/workstation16-hw18-gbk-encoding-non-ascii-names.vmx',
    machine: {
      name: 'Ubuntu 64 位',
      guest: { family: 'linux', id: 'ubuntu-64', name: 'Ubuntu 20.04.4 LTS' },
      cpu: { count: 4, sockets: 2, coresPerSocket: 2 },
      memoryBytes: 4 * GIB,
      disks: [disk('scsi0:0', 'lsilogic', { label: 'Ubuntu 64 位-000001.vmdk' })],
      nics: [
        { mac: '00:0c:29:e6:18:2b', model: 'e1000', network: 'nat' },
        { mac: '00:0c:29:e6:18:35', model: 'e1000', network: 'VMnet5' },
      ],
    },
    findings: ['disk.snapshot-open'],
  },
  {
    file: 'vmware/workstation16-hw18-nvme-three-cdroms-gbk.vmx',
    machine: {
      name: 'somachinev4.3',
      guest: { family: 'windows', id: 'windows9-64', name: null },
      cpu: { count: 4, sockets: 2, coresPerSocket: 2 },
      memoryBytes: 8 * GIB,
      firmware: 'bios',
      disks: [disk('nvme0:0', null, { label: 'somachinev4.3-000001.vmdk' })],
      nics: [{ mac: '00:0c:29:c1:3d:cc', model: 'e1000e' }],
    },
    findings: ['disk.snapshot-open'],
  },
  {
    file: 'vmware/workstation17-hw21-korean-windows-949.vmx',
    machine: {
      name: 'Ubuntu 64-bit',
      guest: { family: 'linux', id: 'ubuntu-64', name: 'Ubuntu 22.04.3 LTS' },
      cpu: { count: 4, sockets: 4, coresPerSocket: 1 },
      memoryBytes: 4 * GIB,
      disks: [disk('scsi0:0', 'lsilogic', { label: 'Ubuntu 64-bit.vmdk' })],
      nics: [{ mac: '00:0c:29:b7:34:dd', model: 'e1000', network: 'nat' }],
    },
  },
  { file: 'vmware/esxi-four-snapshot-chain.vmsd', refused: /VMSD file/ },
  {
    file: 'vmware/esxi67-hw14-nvme-disk.vmx',
    together: ['vmware/esxi-four-snapshot-chain.vmsd'],
    machine: { name: 'esx6.7-rhel8.6-nvme-disk' },
    findings: ['machine.snapshots'],
  },
];
