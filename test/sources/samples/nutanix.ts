/** Real metadata of Nutanix AHV; expected values were read from the files by eye. */
import type { SampleRow } from '../row.ts';

const LIST = 'nutanix/v4-vms-list-26-real.json';
const SYNTHETIC = 'nutanix/v3-vms-list-secureboot-q35-synthetic.json';
const UNPROTECTED = 'nutanix/v2-protection-domain-unprotected-vms.json';

/** The VM of the two cassettes of prism-go-client; the list was recorded without vtpm_config. */
const testVm = {
  name: 'test-vm',
  platform: 'nutanix',
  sourceId: 'bdbbad7a-a401-4f9a-a789-2b8406905b56',
  guest: { family: null, id: null, name: null, arch: null },
  cpu: { count: 1, sockets: 1, coresPerSocket: 1 },
  memoryBytes: 1024 * 2 ** 20,
  firmware: 'uefi' as const,
  secureBoot: false,
  disks: [
    {
      id: 'scsi.0',
      sizeBytes: 8_589_934_592,
      controller: { kind: 'scsi', model: null, bus: null, unit: 0 },
      boot: true,
    },
  ],
  nics: [
    {
      id: '22a6684a-c8be-49f8-b679-5fca3ac1d4ae',
      mac: '50:6b:8d:24:19:54',
      network: 'vlan173',
      vlan: null,
      connected: true,
      addresses: ['10.23.129.96'],
    },
  ],
  notes: 'test-vm-description',
  tags: {},
};

const prismCentral = {
  name: 'PC-NameOption-1',
  sourceId: '69a6d1c5-79b6-4178-a529-46238569eeb2',
  cpu: { count: 4, sockets: 4, coresPerSocket: 1 },
  memoryBytes: 19_327_352_832,
  firmware: 'bios' as const,
  secureBoot: false,
  tpm: false,
  // Not in the order of the file, where scsi.6 comes third.
  disks: [
    { id: 'scsi.0', sizeBytes: 15_728_640, boot: true },
    { id: 'scsi.1', sizeBytes: 75_161_927_680, boot: false },
    { id: 'scsi.3', sizeBytes: 107_374_182_400, boot: false },
    { id: 'scsi.4', sizeBytes: 15_338_569_728, boot: false },
    { id: 'scsi.5', sizeBytes: 107_374_182_400, boot: false },
    { id: 'scsi.6', sizeBytes: 32_212_254_720, boot: false },
    { id: 'scsi.7', sizeBytes: 289_910_292_480, boot: false },
  ],
  nics: [
    {
      mac: '50:6b:8d:c3:f1:67',
      network: '38639cab-28c8-415a-8008-269e69307b60',
      connected: true,
      addresses: ['192.168.1.150'],
    },
  ],
  notes: 'NutanixPrismCentral',
};

const windows2022 = {
  name: 'test-windows-2022',
  sourceId: '4f764dd7-bc5a-4d85-82ad-a270a2b56631',
  cpu: { count: 8, sockets: 8, coresPerSocket: 1 },
  memoryBytes: 10_737_418_240,
  firmware: 'uefi' as const,
  secureBoot: false,
  tpm: false,
  disks: [{ id: 'scsi.0', sizeBytes: 107_374_182_400, boot: true }],
  nics: [{ mac: '50:6b:8d:bc:d1:73', connected: true, addresses: [] }],
  notes: null,
};

export const rows: SampleRow[] = [
  {
    file: 'nutanix/v2-vm-entity-no-disk-config.json',
    machine: {
      name: 'CentOS7_Test',
      platform: 'nutanix',
      sourceId: '16c3d845-dc54-4fb1-bfc8-7671dd230967',
      cpu: { count: 4, sockets: 2, coresPerSocket: 2 },
      memoryBytes: 4096 * 2 ** 20,
      firmware: 'bios',
      secureBoot: false,
      tpm: null,
      disks: [],
      nics: [],
    },
    findings: ['machine.disks-unlisted', 'machine.nics-unlisted'],
  },
  {
    file: UNPROTECTED,
    machines: [
      'Nutanix-test-2',
      'Nutanix-test-4',
      'test-user',
      'windowsvm',
      'pc-3',
      'ssr-ubuntu',
      '4.7.1-test-vm',
      'licensing-pc',
      'other_vm',
    ],
  },
  {
    file: UNPROTECTED,
    vm: 'Nutanix-test-2',
    machine: {
      guest: {
        family: 'windows',
        id: null,
        name: 'Microsoft Windows Server 2012 (64-bit)',
        arch: 'x86_64',
      },
      cpu: { count: 1, sockets: null, coresPerSocket: null },
      memoryBytes: 4_294_967_296,
      firmware: null,
      // Beside the disk lies an ISO image.
      disks: [{ id: 'test.vmdk', sizeBytes: 42_949_672_960, controller: null, boot: true }],
      nics: [{ mac: null, addresses: [] }],
    },
    findings: ['machine.summary-only', 'machine.other-hypervisor'],
  },
  {
    file: UNPROTECTED,
    vm: 'windowsvm',
    machine: { cpu: { count: 4 }, memoryBytes: 4_294_967_296, disks: [], nics: [] },
    findings: ['nic.addresses-unassigned', 'machine.other-hypervisor'],
  },
  {
    file: 'nutanix/v3-calm-vm-spec-gpu-serial-volumegroup.json',
    machine: {
      name: 'MyAhvVm',
      sourceId: null,
      cpu: { count: 2, sockets: 2, coresPerSocket: 1 },
      memoryBytes: 4096 * 2 ** 20,
      firmware: null,
      secureBoot: null,
      // boot_device says SCSI 2; sizes of 0 come from an image and are not known.
      disks: [
        { id: 'scsi.2', sizeBytes: null, boot: true },
        { id: 'scsi.0', sizeBytes: null, boot: false },
        { id: 'scsi.1', sizeBytes: null, boot: false },
        {
          id: 'pci.0',
          sizeBytes: 12_288 * 2 ** 20,
          controller: { kind: 'virtio', model: null, bus: null, unit: 0 },
        },
      ],
      nics: [
        { id: 'nic0', mac: null, network: 'vlan.0', connected: null },
        { id: 'nic1', mac: null, network: 'vlan.0', connected: null },
      ],
      tags: { AppFamily: 'Backup', AppType: 'Default' },
    },
    findings: ['machine.host-devices', 'machine.serial-ports', 'nic.special'],
  },
  { file: 'nutanix/v3-vm-get-uefi.json', machine: { ...testVm, tpm: false } },
  { file: 'nutanix/v3-vm-list.json', machine: { ...testVm, tpm: null } },
  {
    file: 'nutanix/v3-vm-spec-ansible-disks-cdrom.json',
    machine: {
      name: 'VM with Ubuntu image',
      sourceId: null,
      cpu: { count: 1, sockets: 1, coresPerSocket: 1 },
      memoryBytes: 1024 * 2 ** 20,
      firmware: 'bios',
      secureBoot: false,
      disks: [
        {
          id: 'sata.0',
          sizeBytes: 32_212_254_720,
          controller: { kind: 'sata', model: null, bus: null, unit: 0 },
          boot: true,
        },
      ],
      nics: [{ mac: '50:6b:8d:f9:06:68', network: 'vlan.800', connected: true, addresses: [] }],
    },
  },
  {
    file: SYNTHETIC,
    machines: [
      'web-server-rhel8',
      'db-server-rhel9',
      'win2022-app-server',
      'ubuntu-test-vm',
      'powered-off-vm',
      'secure-boot-vm',
    ],
  },
  {
    file: SYNTHETIC,
    vm: 'secure-boot-vm',
    machine: {
      sourceId: 'vm-0005a123-4567-89ab-cdef-000000000006',
      cpu: { count: 4, sockets: 2, coresPerSocket: 2 },
      memoryBytes: 8192 * 2 ** 20,
      firmware: 'uefi',
      secureBoot: true,
      disks: [{ id: 'scsi.0', sizeBytes: 107_374_182_400, boot: true }],
      nics: [{ mac: '50:6b:8d:ab:cd:ef', model: 'virtio', vlan: null, addresses: ['192.168.100.120'] }],
      tags: { Environment: 'Production', Security: 'High' },
    },
  },
  {
    file: SYNTHETIC,
    vm: 'ubuntu-test-vm',
    machine: { cpu: { count: 2, sockets: 1, coresPerSocket: 2 }, firmware: 'bios', secureBoot: false },
  },
  {
    // The mask and the VLAN are in the subnets.
    file: SYNTHETIC,
    together: ['nutanix/v3-subnets-list-synthetic.json'],
    vm: 'win2022-app-server',
    machine: {
      cpu: { count: 8, sockets: 2, coresPerSocket: 4 },
      memoryBytes: 32_768 * 2 ** 20,
      disks: [
        { id: 'scsi.0', sizeBytes: 214_748_364_800, boot: true },
        { id: 'scsi.1', sizeBytes: 322_122_547_200, boot: false },
      ],
      nics: [
        { id: 'nic-003-1', network: 'Production-VLAN-100', vlan: 100, addresses: ['192.168.100.110/24'] },
        { id: 'nic-003-2', network: 'Production-VLAN-200', vlan: 200, addresses: ['192.168.200.110/24'] },
      ],
    },
    findings: ['disk.boot-assumed'],
  },
  {
    // The VM names its subnet by its identifier only.
    file: SYNTHETIC,
    together: ['nutanix/v3-subnets-list-synthetic.json'],
    vm: 'powered-off-vm',
    machine: { nics: [{ network: 'Dev-Network', vlan: 10, connected: false, addresses: [] }] },
  },
  {
    file: LIST,
    machines: [
      'PC-NameOption-1',
      'test-windows-2022',
      'Acme-VM1',
      'Acme-VM2',
      'vm-test01',
      'GLPI-CMP',
      'GI-ELK',
      'Acme-UAT-HRMS',
      'Acme-CMP-dev',
      'Acme-K8S-1',
      'Acme-K8S-2',
      'Acme-K8S-3',
      'Acme-k8s-4',
      'Acme-CMP-New',
      'Acme-CMP-Img',
      'Acme-Files-UAT',
      'Acme-Opennebula',
      'Acme-Kali',
      'Acme-UAT-Chat',
      'Acme-CMP-quinteros',
      'Acme-OpenOffice',
      'Acme-UAT-R-3',
      'Acme-UAT-R-1',
      'Acme-UAT-R-2',
      'Acme-CMP-QD',
      'Acme-CMP-Q-Nut',
    ],
  },
  { file: LIST, vm: 'PC-NameOption-1', machine: prismCentral },
  { file: LIST, vm: 'test-windows-2022', machine: windows2022 },
  {
    file: LIST,
    vm: 'Acme-UAT-R-3',
    machine: {
      sourceId: '0f5d512f-1ddb-4ef0-ab64-684c858dc30f',
      cpu: { count: 4, sockets: 4, coresPerSocket: 1 },
      memoryBytes: 8_589_934_592,
      firmware: 'uefi',
      secureBoot: false,
      disks: [
        { id: 'scsi.0', sizeBytes: 80_530_636_800, boot: true },
        { id: 'scsi.1', sizeBytes: 53_687_091_200, boot: false },
        { id: 'scsi.2', sizeBytes: 53_687_091_200, boot: false },
      ],
      nics: [
        { mac: '50:6b:8d:ec:aa:bf', addresses: ['192.168.2.207'] },
        { mac: '50:6b:8d:d8:1d:19', addresses: ['192.168.2.25'] },
      ],
    },
  },
  {
    file: LIST,
    vm: 'vm-test01',
    machine: {
      sourceId: '7850e856-3010-4cc2-8f05-c3491be29e69',
      cpu: { count: 2, sockets: 2, coresPerSocket: 1 },
      memoryBytes: 4_294_967_296,
      firmware: 'bios',
      disks: [{ id: 'scsi.0', sizeBytes: 53_687_091_200, boot: true }],
      nics: [{ mac: '50:6b:8d:df:9d:9f', addresses: ['192.168.2.148'] }],
    },
  },
  {
    file: 'nutanix/v4-vm-prism-central-seven-scsi-disks.json',
    machine: prismCentral,
    findings: ['disk.boot-assumed'],
  },
  // UEFI on the machine type PC, and two CD-ROMs that are no disks.
  { file: 'nutanix/v4-vm-windows2022-uefi-two-sata-cdroms.json', machine: windows2022 },
  {
    file: 'nutanix/v4-ova-vm-config.json',
    machine: {
      name: 'HuuzuTMvSlsZansible-agvm',
      sourceId: 'ae577c01-f7ce-4fed-772e-dc012fcbb5ea',
      cpu: { count: 2, sockets: 2, coresPerSocket: 1 },
      memoryBytes: 1_073_741_824,
      firmware: 'bios',
      tpm: false,
      disks: [],
      nics: [
        {
          id: '009a3dac-f658-41fc-8def-7aaba6f46248',
          mac: '50:6b:8d:f5:3b:de',
          model: null,
          network: '99a0e219-ac21-4ba5-93dd-a4f2ac889d27',
          connected: true,
        },
      ],
      notes: 'ansible test ova',
    },
  },
  { file: 'nutanix/v3-recovery-plan-get.json', refused: /a Nutanix recovery plan/ },
  { file: 'nutanix/v3-subnet-get-vlan.json', refused: /a Nutanix subnet/ },
  { file: 'nutanix/v3-subnets-list-synthetic.json', refused: /4 Nutanix subnets/ },
  { file: 'nutanix/v4-recovery-point-vm.json', refused: /a Nutanix recovery point/ },
  { file: 'nutanix/v4-template-list.json', refused: /a Nutanix VM template/ },
];
