/** Real metadata of Hyper-V. Expected values were read from the files by eye. */
import type { SampleRow, SomeFacts } from '../row.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

const gen1Disk = {
  id: 'ide0:0',
  label: 'Default Generation 1.vhdx',
  sizeBytes: null,
  controller: { kind: 'ide', model: null, bus: 0, unit: 0 },
  boot: true,
};
const gen2Disk = {
  id: 'scsi0:0',
  label: 'Default Generation 2.vhdx',
  sizeBytes: null,
  controller: { kind: 'scsi', model: 'hyperv-scsi', bus: 0, unit: 0 },
  boot: true,
};
/** Never started: no MAC address yet. */
const freshNic = {
  id: 'nic0',
  mac: null,
  model: 'netvsc',
  network: null,
  vlan: null,
  connected: false,
  addresses: [],
};

const gen1Ws2019: SomeFacts = {
  name: 'Default Generation 1',
  platform: 'hyperv',
  sourceId: 'ec04f346-db96-4700-af5b-77b3c56c38bd',
  guest: { family: null, id: null, name: null, arch: null },
  cpu: { count: 1, sockets: null, coresPerSocket: null },
  memoryBytes: 1024 * MIB,
  firmware: 'bios',
  secureBoot: false,
  tpm: null,
  disks: [gen1Disk],
  nics: [freshNic],
  notes: null,
  tags: {},
};

const gen2Ws2019: SomeFacts = {
  ...gen1Ws2019,
  name: 'Default Generation 2',
  sourceId: '993f7b33-6057-4d1e-a1fe-a1a1d77be974',
  firmware: 'uefi',
  secureBoot: true,
  disks: [gen2Disk],
};

const getVm = 'hyperv/get-vm-gen1-gen2.json';
const parts = [
  'hyperv/get-vhd-three-dynamic.json',
  'hyperv/get-vmbios-gen1-startuporder.json',
  'hyperv/get-vmfirmware-gen2-bootorder.json',
  'hyperv/get-vmharddiskdrive-nested-array.json',
  'hyperv/get-vmnetworkadapter-dynamic-mac.json',
];
const forklift = 'hyperv/forklift-batch-security-disks-guestnet.json';

export const rows: SampleRow[] = [
  {
    file: 'hyperv/gen1-ws2012r2-export-utf16.xml',
    machine: {
      ...gen1Ws2019,
      sourceId: 'b90ac31b-c6f8-479f-9b91-07b894a6a3f6',
      memoryBytes: 512 * MIB,
    },
  },
  {
    file: 'hyperv/gen2-ws2012r2-export-utf16-secureboot.xml',
    machine: {
      ...gen2Ws2019,
      sourceId: 'd351c151-dac7-4042-b434-b72d522c1e4a',
      memoryBytes: 512 * MIB,
    },
    findings: ['machine.boots-from-network'],
  },
  { file: 'hyperv/gen1-ws2019-v9.vmcx', machine: gen1Ws2019 },
  { file: 'hyperv/gen2-ws2019-v9.vmcx', machine: gen2Ws2019 },
  { file: 'hyperv/gen1-ws2019-v9.vmcx.decoded.json', machine: gen1Ws2019 },
  { file: 'hyperv/gen2-ws2019-v9.vmcx.decoded.json', machine: gen2Ws2019 },
  {
    file: 'hyperv/gen2-ws2019-v9.vmcx',
    together: ['hyperv/gen2-ws2019-v9.vmcx.decoded.json', 'hyperv/host-data-vmcx-vm-registry.vmcx'],
    machine: gen2Ws2019,
  },
  { file: 'hyperv/host-data-vmcx-vm-registry.vmcx', refused: /Hyper-V host's list of its machines/ },
  { file: getVm, machines: ['mockvm1', 'mockvm2'] },
  {
    file: getVm,
    vm: 'mockvm1',
    machine: {
      name: 'mockvm1',
      sourceId: '416e49fd-28dd-413c-9743-aa3e69e4807d',
      cpu: { count: 4, sockets: null, coresPerSocket: null },
      memoryBytes: 4 * GIB,
      firmware: 'bios',
      secureBoot: null,
      tpm: null,
      disks: [],
      nics: [],
      notes: null,
    },
    findings: ['machine.memory-dynamic'],
  },
  {
    file: getVm,
    vm: 'mockvm2',
    machine: {
      name: 'mockvm2',
      sourceId: '20ff7fe3-fd54-425c-aa97-fbf3c2e7a868',
      cpu: { count: 4 },
      memoryBytes: 4 * GIB,
      firmware: 'uefi',
    },
    findings: ['machine.was-running'],
  },
  {
    file: getVm,
    together: parts,
    vm: 'mockvm1',
    machine: {
      name: 'mockvm1',
      firmware: 'bios',
      secureBoot: null,
      disks: [
        {
          id: 'scsi0:0',
          label: 'mockvm1.vhdx',
          sizeBytes: 136365211648,
          controller: { kind: 'scsi', model: 'hyperv-scsi', bus: 0, unit: 0 },
          boot: true,
        },
      ],
      nics: [
        {
          mac: '00:15:5d:1f:d2:16',
          model: 'netvsc',
          network: 'mock-switch',
          vlan: null,
          connected: true,
          addresses: [],
        },
      ],
    },
    findings: ['disk.boot-assumed', 'machine.boots-from-network'],
  },
  {
    file: getVm,
    together: parts,
    vm: 'mockvm2',
    machine: {
      name: 'mockvm2',
      firmware: 'uefi',
      secureBoot: false,
      disks: [
        {
          id: 'scsi0:0',
          label: 'mockvm21.vhdx',
          sizeBytes: 128849018880,
          controller: { kind: 'scsi', model: 'hyperv-scsi', bus: 0, unit: 0 },
          boot: true,
        },
        {
          id: 'scsi0:1',
          label: 'mockvm22.vhdx',
          sizeBytes: 32212254720,
          controller: { kind: 'scsi', model: 'hyperv-scsi', bus: 0, unit: 1 },
          boot: false,
        },
      ],
      nics: [
        {
          mac: '00:15:5d:1f:d2:15',
          model: 'netvsc',
          network: 'mock-switch',
          vlan: null,
          connected: true,
          addresses: [],
        },
      ],
    },
    findings: ['machine.boots-from-network'],
  },
  { file: parts[0]!, refused: /virtual hard disks \(Get-VHD\)/ },
  { file: parts[1]!, refused: /BIOS settings of Hyper-V machines \(Get-VMBios\)/ },
  { file: parts[2]!, refused: /firmware settings of Hyper-V machines \(Get-VMFirmware\)/ },
  { file: parts[3]!, refused: /hard disk drives of Hyper-V machines \(Get-VMHardDiskDrive\)/ },
  { file: parts[4]!, refused: /network adapters of Hyper-V machines \(Get-VMNetworkAdapter\)/ },
  {
    file: 'hyperv/scvmm-vm-ws2016-three-disks-vhd-vhdx.json',
    machine: {
      name: 'MoVM2',
      sourceId: '8b449ef3-fcc6-468a-bef3-a622c664e105',
      guest: { family: 'windows', id: null, name: 'Windows Server 2016 Datacenter', arch: 'x86_64' },
      cpu: { count: 1 },
      memoryBytes: 4 * GIB,
      firmware: null,
      secureBoot: null,
      disks: [
        { id: 'disk0', label: 'WS16DBase.vhdx', sizeBytes: 32212254720, controller: null, boot: true },
        { id: 'disk1', label: 'MoVM.ReFS.disk4.vhd', sizeBytes: 12884901888, controller: null, boot: false },
        { id: 'disk2', label: 'MoVM.ReFS.disk3.vhdx', sizeBytes: 7516192768, controller: null, boot: false },
      ],
      nics: [
        {
          mac: '00:15:5d:04:2f:5a',
          model: 'netvsc',
          network: 'vswitch',
          vlan: null,
          addresses: ['10.16.7.249', 'fe80::356e:77a9:eb75:22e0', '2620:52:0:1007:356e:77a9:eb75:22e0'],
        },
      ],
    },
    findings: ['disk.boot-assumed'],
  },
  {
    file: 'hyperv/scvmm-vm-centos7-checkpoint-chain.json',
    machine: {
      name: 'centos7min-vm',
      sourceId: '38b89c3d-4611-4f30-a2c5-ddbcb3d63d2f',
      guest: { family: 'linux', name: 'CentOS Linux 7 (64 bit)', arch: 'x86_64' },
      cpu: { count: 1 },
      memoryBytes: 2 * GIB,
      disks: [
        {
          label: 'centos7min-vm_disk_fixed_E13597FD-9F7F-4B45-AB34-CD7FB7648158.avhdx',
          sizeBytes: 2147483648,
          boot: true,
        },
        {
          label: 'centos7min-vm_disk_1_5B4A6ACF-2B28-49DA-A502-B41D81B3E70C.avhdx',
          sizeBytes: 32212254720,
          boot: false,
        },
      ],
      nics: [{ mac: '00:1d:d8:b7:1c:8f', model: 'netvsc', network: 'vswitch-2', addresses: [] }],
    },
    findings: ['machine.snapshots', 'disk.snapshot-open', 'disk.boot-assumed'],
  },
  { file: forklift, machines: ['vm-linux-01', 'vm-win-02'] },
  {
    file: forklift,
    vm: 'vm-linux-01',
    machine: {
      name: 'vm-linux-01',
      sourceId: null,
      guest: { family: 'linux', name: 'Red Hat Enterprise Linux 9', arch: null },
      cpu: { count: null },
      memoryBytes: null,
      firmware: null,
      secureBoot: false,
      tpm: false,
      disks: [
        { id: 'disk0', label: 'disk0.vhdx', sizeBytes: 42949672960, controller: null, boot: true },
        { id: 'disk1', label: 'disk1.vhdx', sizeBytes: 10737418240, controller: null, boot: false },
      ],
      nics: [
        { id: 'nic0', mac: '00:15:5d:01:01:01', model: null, network: null, addresses: ['192.168.1.10/24'] },
      ],
    },
    findings: ['machine.snapshots'],
  },
  {
    file: forklift,
    vm: 'vm-win-02',
    machine: {
      name: 'vm-win-02',
      guest: { family: 'windows', name: 'Microsoft Windows Server 2022 Standard' },
      firmware: 'uefi',
      secureBoot: true,
      tpm: true,
      disks: [{ id: 'disk0', label: 'os.vhdx', sizeBytes: 107374182400, boot: true }],
      nics: [],
    },
  },
];
