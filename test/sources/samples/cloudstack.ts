/** Expected by reading the files, not by running the code. */
import type { SampleRow } from '../row.ts';

const ceph: SampleRow = {
  file: 'cloudstack/domain-ceph-rbd-hugepages-vhostuser.xml',
  machine: {
    name: 'i-2-33-VM',
    platform: 'cloudstack',
    sourceId: '14c5c052-46cb-4301-a00a-28f6cc1dc605',
    guest: { family: null, id: null, name: 'Other PV (64-bit)', arch: 'x86_64' },
    cpu: { count: 2, sockets: null, coresPerSocket: null },
    memoryBytes: 9437184 * 1024,
    firmware: 'bios',
    secureBoot: false,
    tpm: false,
    disks: [
      {
        id: 'vda',
        label: 'cloudstack/afb1d2e4-01fe-4694-940b-fcf052afa279',
        controller: { kind: 'virtio', model: null, bus: null, unit: null },
        sizeBytes: null,
        boot: true,
      },
    ],
    nics: [
      { id: 'net0', mac: '02:00:18:91:00:10', model: 'virtio', network: null, vlan: null, connected: true },
    ],
    notes: null,
  },
};

const backingChain: SampleRow = {
  file: 'cloudstack/domain-i440fx-qcow2-backing-chain.xml',
  machine: {
    name: 'i-6-6-VM',
    sourceId: 'f197b32b-8da2-4a57-bb8a-d01bacc5cd33',
    guest: { family: null, name: 'Other PV (64-bit)' },
    cpu: { count: 1 },
    memoryBytes: 268_435_456,
    disks: [
      {
        id: 'vda',
        label: '/mnt/812ea6a3-7ad0-30f4-9cab-01e3f2985b98/4650a2f7-fce5-48e2-beaa-bcdf063194e6',
        boot: true,
      },
    ],
    nics: [{ mac: '06:fe:b4:00:00:06', model: 'virtio', network: 'breth0-50', vlan: 50 }],
  },
  findings: ['disk.differencing'],
};

const ideRoot: SampleRow = {
  file: 'cloudstack/domain-rhel66-ide-root-virtio-data.xml',
  machine: {
    name: 'i-2-3-VM',
    guest: { family: 'other', name: 'Apple Mac OS X 10.6 (32-bit)', arch: 'x86_64' },
    memoryBytes: 536_870_912,
    disks: [
      { id: 'hda', controller: { kind: 'ide', model: null, bus: 0, unit: 0 }, boot: true },
      { id: 'vdb', controller: { kind: 'virtio', model: null, bus: null, unit: null }, boot: false },
    ],
    nics: [{ mac: '02:00:4c:5f:00:01', model: 'e1000', network: 'breth1-511', vlan: 511 }],
  },
};

const powerflex: SampleRow = {
  file: 'cloudstack/domain-powerflex-block-two-disks.xml',
  machine: {
    name: 'i-2-27-VM',
    guest: { family: 'linux', name: 'Ubuntu 18.04 LTS' },
    cpu: { count: 1 },
    memoryBytes: 536_870_912,
    firmware: 'bios',
    disks: [
      { id: 'vda', label: '/dev/disk/by-id/emc-vol-610204d03e3ad60f-bec108c400000018', boot: true },
      { id: 'vdb', label: '/dev/disk/by-id/emc-vol-7332760565f6340f-01b381820000001c', boot: false },
    ],
    nics: [{ mac: '02:00:23:fd:00:17', network: 'breth1-1640', vlan: 1640, connected: true }],
  },
};

const DRIVER_DOMAINS = [
  'test',
  'test-arm-kernel',
  'test-many-devices',
  'test-alternate-devs',
  'test-clone-simple',
  'test-clone',
  'test-clone-full',
  'test-state-shutoff',
  'test-state-paused',
  'test-state-crashed',
  'test-state-pmsuspended',
  'test-state-transient',
  'test-state-managedsave',
  'test-snapshots',
];

const file = 'cloudstack/libvirt-all-devices-testdriver.xml';
const testDriver: SampleRow[] = [
  { file, machines: DRIVER_DOMAINS },
  {
    file,
    vm: 'test',
    machine: { name: 'test', cpu: { count: 2 }, memoryBytes: 8_589_934_592, disks: [], nics: [] },
    findings: ['machine.platform-assumed'],
  },
  { file, vm: 'test-arm-kernel', machine: { disks: [] }, findings: ['machine.kernel-outside'] },
  {
    file,
    vm: 'test-many-devices',
    machine: {
      sourceId: '12345678-12f4-1234-1234-a23456a89012',
      guest: { family: 'linux', id: 'http://fedoraproject.org/fedora/unknown', name: null, arch: 'i686' },
      cpu: { count: 9, sockets: 9, coresPerSocket: 1 },
      memoryBytes: null,
      firmware: 'uefi',
      secureBoot: false,
      tpm: true,
      disks: [
        { id: 'sda', controller: { kind: 'scsi', model: 'virtio-scsi', bus: 9, unit: 0 }, boot: true },
        { id: 'hda', label: '/tmp/virt-manager-uitests/tmp1', boot: false },
        { id: 'hdc', label: '/dev/null' },
        { id: 'sdc', label: '/dev/szz', controller: { kind: 'scsi', model: null, bus: null, unit: null } },
        { id: 'vdb', label: 'vol1', controller: { kind: 'virtio', model: null, bus: null, unit: null } },
        { id: 'vdc', label: 'vol1' },
        { id: 'vdaa', label: '/my-file.img' },
        { id: 'vdab', label: null },
        { id: 'vdac', label: 'pool/image' },
        { id: 'vdad', label: 'test-volume/test-gluster2.raw' },
        { id: 'vdae', label: null },
        { id: 'sdd', label: 'overlay.img', controller: null },
        { id: 'xvdc', controller: { kind: 'xen', model: null, bus: null, unit: null } },
      ],
      nics: [
        { mac: '22:22:33:54:32:10', model: 'e1000', network: 'default' },
        { mac: '22:11:11:11:11:11', model: 'Am79C970A', network: 'idontexistfool' },
        { mac: '22:22:33:54:32:11', model: null, network: 'dupmac' },
        { mac: '22:22:00:54:32:11', network: 'plainbridge-portgroups' },
        { mac: '22:22:33:44:aa:bb', network: 'brempty' },
        { mac: '22:00:00:44:aa:bf', network: 'br0' },
        { mac: '00:11:7f:33:44:55', network: null },
        { mac: 'f0:11:22:33:44:5f', network: 'eth0.1', vlan: null },
        { mac: '00:11:22:33:44:66', network: null },
      ],
    },
    findings: ['machine.host-devices', 'disk.shared'],
  },
  {
    file,
    vm: 'test-alternate-devs',
    machine: {
      guest: { family: 'other', id: 'http://microsoft.com/msdos/6.22' },
      memoryBytes: 137_438_953_472,
      firmware: 'uefi',
      secureBoot: true,
      notes:
        "Test alternate devices that can't be crammed in\ntest-many-devices, like an alternate RNG, EOL OS ID, title field",
    },
  },
];

const uefi: SampleRow[] = [
  {
    file: 'cloudstack/libvirt-uefi-secure-boot-firmware-features.xml',
    machine: {
      name: 'vm1',
      memoryBytes: 67_108_864,
      firmware: 'uefi',
      secureBoot: true,
      tpm: true,
      disks: [],
      nics: [{ mac: '00:11:22:33:44:55', model: 'e1000', network: 'testsuitebr0', vlan: null }],
    },
    findings: ['machine.platform-assumed'],
  },
  {
    file: 'cloudstack/libvirt-win11-uefi-tpm-two-documents.xml',
    machine: {
      name: 'win11',
      guest: { family: 'windows', id: 'http://microsoft.com/win/11', name: null, arch: 'x86_64' },
      cpu: { count: 4 },
      memoryBytes: 67_108_864,
      firmware: 'uefi',
      secureBoot: null,
      tpm: true,
      disks: [
        {
          id: 'sda',
          label: '/var/lib/libvirt/images/win11.qcow2',
          controller: { kind: 'sata', model: null, bus: null, unit: null },
          boot: true,
        },
      ],
      nics: [{ mac: '00:11:22:33:44:55', model: 'e1000e' }],
    },
    findings: ['machine.described-twice', 'machine.platform-assumed'],
  },
];

const answers: SampleRow[] = [
  {
    file: 'cloudstack/go-list-virtual-machines-415.json',
    machine: {
      name: 'testDummyVM',
      sourceId: '915653c4-298b-4d74-bdee-4ced282114f1',
      guest: {
        family: 'linux',
        id: 'e53f7606-5fdf-11ea-9a56-1e006800018c',
        name: 'CentOS 5.6 (64-bit)',
        arch: null,
      },
      cpu: { count: 1 },
      memoryBytes: 268_435_456,
      firmware: null,
      secureBoot: null,
      tpm: null,
      disks: [],
      nics: [
        {
          id: '47d79da1-2fe1-4a44-a503-523055714a72',
          mac: '02:00:34:fb:00:01',
          model: null,
          network: 'test',
          vlan: 1994,
          addresses: ['10.1.1.62/24'],
        },
      ],
      tags: {},
    },
    findings: ['machine.other-hypervisor', 'machine.disks-unlisted'],
  },
  {
    file: 'cloudstack/go-add-nic-two-nics-async.json',
    machine: {
      name: 'testDummyVM',
      cpu: { count: null },
      memoryBytes: null,
      firmware: 'bios',
      secureBoot: false,
      nics: [
        { network: 'test-network-2', mac: '02:00:13:a4:00:21', vlan: 1955, addresses: ['10.1.2.102/24'] },
        { network: 'test', mac: '02:00:34:fb:00:01', vlan: 1850, addresses: ['10.1.1.62/24'] },
      ],
    },
  },
  {
    file: 'cloudstack/libcloud-list-virtual-machines-numeric-ids.json',
    machines: ['test', 'test'],
  },
  {
    file: 'cloudstack/jclouds-list-virtual-machines-3x.json',
    machine: {
      name: 'cloudstack-r-611',
      sourceId: 'fee2ccb3-c1f2-4e7b-8465-42b390e10dff',
      guest: { family: null, id: '6dcd58ce-1ec6-432c-af0b-9ab4ca9207d9', name: null },
      cpu: { count: 1 },
      memoryBytes: 268_435_456,
      nics: [{ mac: null, vlan: null, addresses: ['10.1.1.227/24'] }],
      tags: { 'some-tag': 'some-value' },
    },
  },
  { file: 'cloudstack/csui-vms-kvm-2018.json', machines: ['vm1', 'vm2', 'vm3'] },
  {
    file: 'cloudstack/csui-vms-kvm-2018.json',
    vm: 'vm3',
    machine: {
      sourceId: 'e28d6023-3c58-42e3-a2e8-4217a461d059',
      memoryBytes: 536_870_912,
      nics: [{ network: '23439a1d-b48b-4f9b-ba1d-ab8e696124c2', addresses: [] }],
    },
    findings: ['machine.disks-unlisted'],
  },
  { file: 'cloudstack/csui-volumes-thin-tags-object.json', refused: /CloudStack volumes \(listVolumes\)/ },
  { file: 'cloudstack/libcloud-list-volumes-root-only.json', refused: /CloudStack volumes \(listVolumes\)/ },
  { file: 'cloudstack/libcloud-list-snapshots.json', refused: /CloudStack volume snapshots/ },
  { file: 'cloudstack/libcloud-list-templates.json', refused: /CloudStack templates/ },
];

export const rows: SampleRow[] = [
  ceph,
  backingChain,
  ideRoot,
  powerflex,
  {
    file: 'cloudstack/domain-virtual-router-rbd-three-nics.xml',
    refused: /CloudStack system VM \(virtual router\)/,
  },
  ...testDriver,
  ...uefi,
  ...answers,
  // The router beside a user's VM does not stand in its way.
  {
    file: 'cloudstack/domain-powerflex-block-two-disks.xml',
    together: [
      'cloudstack/domain-virtual-router-rbd-three-nics.xml',
      'cloudstack/csui-volumes-thin-tags-object.json',
    ],
    machine: {
      name: 'i-2-27-VM',
      disks: [
        { id: 'vda', sizeBytes: null },
        { id: 'vdb', sizeBytes: null },
      ],
    },
  },
];
