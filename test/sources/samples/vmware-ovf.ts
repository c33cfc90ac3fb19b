/** OVF descriptors of VMware and others; expected values were read from the files by eye. */
import type { SampleRow } from '../row.ts';
import { disk, GIB, MIB } from './vmware-facts.ts';

const windows2008 = {
  name: '2K8R2EESP1_2_Medium',
  guest: {
    family: 'windows',
    id: 'windows7Server64Guest',
    name: 'Microsoft Windows Server 2008 R2 (64-bit)',
    arch: 'x86_64',
  },
  memoryBytes: GIB,
} as const;
const networkOfWindows2008 = [{ model: 'e1000', network: 'PG-VLAN60', connected: true }];

const smallNonAscii = {
  cpu: { count: 1, coresPerSocket: 1 },
  memoryBytes: 40 * MIB,
  disks: [disk('scsi0:0', 'lsisas1068', { sizeBytes: 41_943_040 })],
  nics: [{ model: 'e1000', network: 'VM Network' }],
};

export const ovf: SampleRow[] = [
  { file: 'vmware/ovf-chinese-characters.ovf', machine: { name: '虚拟机', ...smallNonAscii } },
  { file: 'vmware/ovf-high-ascii-characters.ovf', machine: { name: 'ùàçéè', ...smallNonAscii } },
  {
    file: 'vmware/ovf-cisco-iosv-appliance.ovf',
    machine: {
      name: 'Cisco IOSv',
      guest: { family: 'other', id: 'otherGuest', name: 'IOSv' },
      cpu: { count: 1 },
      memoryBytes: 384 * MIB,
      firmware: null,
      disks: [
        disk('ide0:0', 'virtio', { label: 'Hard Disk Drive', sizeBytes: GIB, boot: true }),
        disk('ide0:1', 'virtio', { label: 'flash2', sizeBytes: 128 * MIB, boot: false }),
      ],
      nics: [
        { model: 'e1000', network: 'GigabitEthernet0_0' },
        { model: 'e1000', network: 'GigabitEthernet0_1' },
      ],
      tags: { product: 'Cisco IOSv Virtual Router', vendor: 'Cisco Systems, Inc.', version: '15.4(2.4)T' },
    },
    findings: ['ovf.configurations', 'disk.empty'],
  },
  {
    file: 'vmware/ovf-cisco-iosv-appliance.ovf',
    config: '1CPU-3GB-16NIC',
    machine: {
      memoryBytes: 3 * GIB,
      nics: Array.from({ length: 16 }, (_, index) => ({ network: `GigabitEthernet0_${index}` })),
    },
  },
  {
    file: 'vmware/ovf-cisco-iosv-appliance.ovf',
    config: 'Large',
    refused: /1CPU-384MB-2NIC.*1CPU-1GB-8NIC.*1CPU-3GB-10NIC.*1CPU-3GB-16NIC/,
  },
  {
    file: 'vmware/ovf-configspec-all-devices.ovf',
    machine: {
      name: 'haproxy',
      guest: { family: 'linux', id: 'other3xLinux64Guest' },
      cpu: { count: 2, sockets: 1, coresPerSocket: 2 },
      memoryBytes: 4 * GIB,
      firmware: 'bios',
      secureBoot: false,
      disks: [
        disk('scsi0:0', 'lsilogic', { sizeBytes: 20 * GIB, boot: true }),
        disk('scsi1:0', 'pvscsi', { sizeBytes: 10 * GIB }),
        disk('sata0:0', 'ahci', { sizeBytes: 10 * GIB }),
        disk('sata1:0', 'ahci', { sizeBytes: 10 * GIB }),
        disk('nvme0:0', null, { sizeBytes: 10 * GIB }),
      ],
      nics: [
        { model: 'vmxnet3', network: 'Management' },
        { model: 'vmxnet3', network: 'Workload' },
      ],
      notes: 'HAProxy for the Load Balancer API (v0.2.0)',
    },
    findings: ['ovf.configurations', 'disk.empty'],
  },
  {
    file: 'vmware/ovf-configspec-all-devices.ovf',
    config: 'frontend',
    machine: { nics: [{ network: 'Management' }, { network: 'Workload' }, { network: 'Frontend' }] },
  },
  {
    file: 'vmware/ovf-cot-multi-profile-input.ovf',
    machine: {
      name: 'test',
      guest: { family: 'linux', id: 'other26xLinux64Guest' },
      cpu: { count: 4, sockets: 4, coresPerSocket: 1 },
      memoryBytes: 4 * GIB,
      disks: [disk('scsi0:0', 'lsilogic', { sizeBytes: GIB })],
      nics: [{ model: 'vmxnet3' }, { model: 'vmxnet3' }, { model: 'vmxnet3' }],
    },
    findings: ['ovf.configurations'],
  },
  {
    file: 'vmware/ovf-cot-multi-profile-input.ovf',
    config: '1CPU-1GB-1NIC',
    machine: { cpu: { count: 1 }, memoryBytes: GIB, nics: [{ network: 'VM Network' }] },
  },
  {
    file: 'vmware/ovf-deployment-configurations.ovf',
    machine: {
      name: 'deployment-configs-vm',
      cpu: { count: 8 },
      memoryBytes: 8 * GIB,
      disks: [0, 1, 2].map((unit) => disk(`scsi0:${unit}`, 'lsilogic', { sizeBytes: 4 * GIB })),
      nics: [{ model: 'vmxnet3', network: 'Management' }],
    },
    findings: ['ovf.configurations', 'disk.empty'],
  },
  {
    file: 'vmware/ovf-deployment-configurations.ovf',
    config: 'medium',
    machine: {
      cpu: { count: 4 },
      memoryBytes: 4 * GIB,
      disks: [0, 1].map((unit) => disk(`scsi0:${unit}`, 'lsilogic', { sizeBytes: 2 * GIB })),
    },
  },
  {
    file: 'vmware/ovf-hw21-simplevm-uefi.ovf',
    machine: {
      name: 'SimpleVm',
      guest: { family: 'windows', id: 'windows2019srv_64Guest', arch: 'x86_64' },
      cpu: { count: 2, sockets: null, coresPerSocket: null },
      memoryBytes: GIB,
      firmware: 'uefi',
      secureBoot: true,
      tpm: false,
      disks: [disk('scsi0:0', 'lsisas1068', { sizeBytes: GIB })],
      nics: [{ model: 'e1000e', network: 'VM Network' }],
    },
  },
  {
    file: 'vmware/ovf-secureboot-true-but-firmware-bios.ovf',
    machine: {
      name: 'Nostalgia',
      guest: { family: 'windows', id: 'windows9Guest', arch: 'i686' },
      memoryBytes: 64 * MIB,
      firmware: 'bios',
      secureBoot: false,
      disks: [],
      nics: [],
    },
    findings: ['machine.firmware-contradiction'],
  },
  {
    file: 'vmware/ovf-sugarcrm-parentref-delta-disks-two-vms.ovf',
    machines: ['SugarmCRM Server', 'Database Server'],
    findings: ['ovf.configurations'],
  },
  {
    file: 'vmware/ovf-sugarcrm-parentref-delta-disks-two-vms.ovf',
    vm: 'Database Server',
    machine: {
      name: 'Database Server',
      guest: { family: 'linux', name: 'Ubuntu' },
      cpu: { count: 1 },
      memoryBytes: 256 * MIB,
      disks: [
        disk('scsi0:0', 'lsilogic', { sizeBytes: GIB, boot: true }),
        disk('scsi0:1', 'lsilogic', { sizeBytes: GIB }),
        disk('scsi0:2', 'lsilogic', { sizeBytes: 8 * GIB }),
      ],
      nics: [{ model: 'pcnet32', network: 'Network' }],
    },
    findings: ['disk.differencing', 'disk.empty'],
  },
  {
    // Its item states no unit: that of the item it overrides holds.
    file: 'vmware/ovf-sugarcrm-parentref-delta-disks-two-vms.ovf',
    vm: 'SugarmCRM Server',
    config: 'medium',
    machine: { cpu: { count: 1 }, memoryBytes: 512 * MIB },
  },
  {
    file: 'vmware/ovf-sugarcrm-parentref-delta-disks-two-vms.ovf',
    vm: 'SugarmCRM Server',
    config: 'large',
    machine: { cpu: { count: 2 }, memoryBytes: GIB },
  },
  { file: 'vmware/ovf-two-vm-vapp-eula.ovf', machines: ['ubuntu8.04', 'ubuntu8.04 1'] },
  {
    file: 'vmware/ovf-two-vm-vapp-eula.ovf',
    vm: 'ubuntu8.04 1',
    machine: {
      guest: { family: 'linux', id: 'ubuntuGuest', arch: 'i686' },
      memoryBytes: 256 * MIB,
      disks: [disk('scsi0:0', 'lsilogic', { sizeBytes: 2 * GIB })],
      nics: [{ model: 'pcnet32', network: 'ubuntu8.04 1 Network 1' }],
    },
  },
  {
    file: 'vmware/ovf-v2v-snapshots.ovf',
    machine: {
      ...windows2008,
      firmware: 'uefi',
      secureBoot: null,
      disks: [disk('scsi0:0', 'lsisas1068', { sizeBytes: 50 * GIB })],
      nics: networkOfWindows2008,
    },
  },
  {
    file: 'vmware/ovf-v2v-two-disks.ovf',
    machine: {
      ...windows2008,
      firmware: 'bios',
      disks: [
        disk('scsi0:0', 'lsisas1068', { sizeBytes: 50 * GIB, boot: true }),
        disk('scsi0:1', 'lsisas1068', { sizeBytes: 450 * GIB, boot: false }),
      ],
      nics: networkOfWindows2008,
    },
  },
  { file: 'vmware/ovf-vcenter-nested-vapp.ovf', machines: ['grandVm', 'childVm', 'nestedRootVm'] },
  {
    file: 'vmware/ovf-vcenter-nested-vapp.ovf',
    vm: 'childVm',
    machine: {
      name: 'childVm',
      guest: { family: 'windows', id: 'windows7Guest', arch: 'i686' },
      memoryBytes: 512 * MIB,
      firmware: 'bios',
      disks: [disk('scsi0:0', 'lsisas1068', { sizeBytes: 512 * MIB })],
      nics: [{ model: 'e1000', network: 'VM Network', connected: false }],
    },
  },
  {
    file: 'vmware/ovf-vcenter-sas-plus-pvscsi.ovf',
    machine: {
      name: 'Vm1',
      guest: { family: 'linux', id: 'rhel6Guest' },
      cpu: { count: 1, sockets: 1, coresPerSocket: 1 },
      memoryBytes: 256 * MIB,
      firmware: 'bios',
      disks: [
        disk('scsi0:1', 'pvscsi', { sizeBytes: 8 * MIB, boot: true }),
        disk('scsi1:0', 'lsisas1068', { sizeBytes: 8 * MIB }),
      ],
      nics: [
        { mac: '00:50:56:0e:00:fa', model: 'pcnet32', network: 'VappNetworks', addresses: ['192.168.2.100'] },
      ],
    },
  },
  {
    file: 'vmware/ovf-virtualbox-all-storage-controllers.ovf',
    machine: {
      name: 'vbox5',
      guest: { family: 'linux', id: '93', name: 'Ubuntu' },
      memoryBytes: 384 * MIB,
      firmware: null,
      disks: [
        disk('ide1:0', 'ich6', { sizeBytes: 4 * MIB, boot: true }),
        disk('sata0:1', 'ahci', { sizeBytes: 10 * GIB }),
      ],
      nics: [{ mac: null, model: 'pcnet32', network: 'NAT' }],
    },
  },
  {
    file: 'vmware/ovf-virtualbox-gce-testdata.ovf',
    machine: {
      name: 'ubuntu-xenial-16.04-cloudimg-20190909',
      sourceId: 'dc77c962-ad6e-4801-9278-ce87f0754e46',
      guest: { family: 'linux', id: 'Ubuntu' },
      cpu: { count: 2 },
      memoryBytes: 923 * MIB,
      firmware: 'bios',
      disks: [disk('scsi0:0', 'lsilogic', { sizeBytes: 10 * GIB })],
      nics: [{ mac: '08:00:27:70:1a:a4', model: 'e1000', network: 'Bridged' }],
    },
  },
  {
    file: 'vmware/ovf-vtpm-with-nvram-file.ovf',
    machine: {
      name: 'vtpm-spec-with-nvram',
      guest: { family: 'linux', id: 'centos8_64Guest' },
      memoryBytes: GIB,
      firmware: 'uefi',
      secureBoot: true,
      tpm: true,
      disks: [disk('scsi0:0', 'pvscsi', { sizeBytes: GIB })],
      nics: [{ model: 'vmxnet3' }],
    },
  },
  {
    file: 'vmware/ovf-win2019-uefi-secureboot-vtpm.ovf',
    machine: {
      name: 'win19',
      cpu: { count: 2, sockets: 1, coresPerSocket: 2 },
      memoryBytes: 4 * MIB,
      firmware: 'uefi',
      secureBoot: true,
      tpm: true,
      disks: [disk('scsi0:0', 'lsisas1068', { sizeBytes: 90 * MIB })],
      nics: [{ model: 'e1000e', network: 'VM Network' }],
    },
  },
  {
    file: 'vmware/ovf-xp-three-disks-two-nics-vcenter2010.ovf',
    machine: {
      name: 'xp_deltaDisk',
      guest: { family: 'windows', id: 'winXPProGuest', arch: 'i686' },
      cpu: { count: 2 },
      memoryBytes: 512 * MIB,
      disks: [1536 * MIB, 2 * GIB, GIB].map((sizeBytes, unit) =>
        disk(`scsi0:${unit}`, 'lsilogic', { sizeBytes }),
      ),
      nics: [
        { model: 'pcnet32', network: 'dvportgroup-4590', connected: false },
        { model: 'pcnet32', network: 'dvportgroup-4591', connected: false },
      ],
    },
  },
  {
    file: 'vmware/ovf09-envelope.ovf',
    machine: {
      name: 'CentOS 6 JeOS - Minimal',
      guest: { family: 'linux', id: 'centosGuest', name: 'CentOS Linux 6.0' },
      cpu: { count: 1 },
      memoryBytes: 512 * MIB,
      disks: [disk('scsi0:0', 'lsilogic', { sizeBytes: 2 * GIB })],
      nics: [{ model: 'pcnet32', network: 'Network 1' }],
    },
  },
  {
    file: 'vmware/ovf20-virtualbox-ubuntu.ovf',
    machine: {
      name: 'ubuntu',
      sourceId: '39a69c87-0433-4945-8e25-b89431544a28',
      guest: { family: 'linux', id: 'Ubuntu_64', arch: 'x86_64' },
      memoryBytes: 512 * MIB,
      firmware: 'bios',
      disks: [disk('sata0:0', 'ahci', { sizeBytes: 8 * GIB })],
      nics: [{ mac: '08:00:27:2a:fb:4e', model: 'e1000', network: 'NAT' }],
    },
  },
];
