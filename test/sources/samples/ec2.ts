/** Answers of EC2 recorded by other projects. Values were read off the files, memory off the table that ships with the agent. */
import type { SampleRow } from '../row.ts';

const GiB = 2 ** 30;
const MiB = 2 ** 20;
const nvme = { kind: 'nvme', model: null, bus: null, unit: null };
const xen = { kind: 'xen', model: null, bus: null, unit: null };

export const rows: SampleRow[] = [
  {
    file: 'ec2/awscli-describe-instances-t3-nano.json',
    machine: {
      name: 'my-instance',
      platform: 'ec2',
      sourceId: 'i-1234567890abcdef0',
      guest: { family: 'linux', id: 'Linux/UNIX', name: null, arch: 'x86_64' },
      cpu: { count: 2 },
      memoryBytes: 512 * MiB,
      firmware: 'bios',
      disks: [
        { id: '/dev/xvda', label: 'vol-02e6ccdca7de29cf2', sizeBytes: null, controller: nvme, boot: true },
      ],
      nics: [
        {
          id: 'eni-1234567890abcdefg',
          mac: '00:11:22:33:44:55',
          model: 'ena',
          network: 'subnet-1234567890abcdefg',
          connected: true,
          addresses: [],
        },
      ],
      tags: { Name: 'my-instance' },
    },
    findings: ['nic.address-invalid'],
  },
  {
    file: 'ec2/backup-set-describe-instances-three-disks.json',
    machine: {
      name: 'Foo',
      cpu: { count: 2 },
      disks: [
        { id: '/dev/sda1', sizeBytes: null, boot: true },
        { id: '/dev/sdb', sizeBytes: null, boot: false },
        { id: '/dev/sdc', sizeBytes: null, boot: false },
      ],
    },
  },
  {
    file: 'ec2/backup-set-describe-instances-three-disks.json',
    together: ['ec2/backup-set-describe-snapshots-three-disks.json', 'ec2/instance-types-subset.json'],
    machine: {
      name: 'Foo',
      sourceId: 'i-063c6794763254b51',
      guest: { family: null, arch: 'x86_64' },
      cpu: { count: 2 },
      memoryBytes: 2 * GiB,
      firmware: 'bios',
      disks: [
        {
          id: '/dev/sda1',
          label: 'vol-0caf24c45a8aa4b11',
          sizeBytes: 8 * GiB,
          controller: nvme,
          boot: true,
        },
        {
          id: '/dev/sdb',
          label: 'vol-0188a91cfcb95c342',
          sizeBytes: 8 * GiB,
          controller: nvme,
          boot: false,
        },
        {
          id: '/dev/sdc',
          label: 'vol-05117418b3ad30481',
          sizeBytes: 8 * GiB,
          controller: nvme,
          boot: false,
        },
      ],
      nics: [
        {
          id: 'eni-00eb9a1bebb7a0d0c',
          mac: '0a:9f:f7:9f:2d:24',
          network: 'subnet-914763e7',
          addresses: ['172.31.11.37'],
        },
      ],
      tags: { App: 'DevX', Stage: 'Dev', Name: 'Foo' },
    },
  },
  {
    file: 'ec2/backup-set-describe-snapshots-three-disks.json',
    refused: /EC2 snapshots \(DescribeSnapshots\)/,
  },
  {
    file: 'ec2/describe-instances-arm64-uefi-two-volumes.json',
    machines: ['samltesting', 'appdiscovery-agent-test', 'i-0fdc8cff63616a335'],
  },
  {
    file: 'ec2/describe-instances-arm64-uefi-two-volumes.json',
    vm: 'samltesting',
    machine: {
      sourceId: 'i-00d3f85ef9622b0e2',
      guest: { family: 'linux', arch: 'aarch64' },
      cpu: { count: 2 },
      memoryBytes: GiB,
      firmware: 'uefi',
      disks: [
        { id: '/dev/xvda', label: 'vol-07561130d3a555dc7', controller: nvme, boot: true },
        { id: '/dev/sdb', label: 'vol-011c7805addba4274', controller: nvme, boot: false },
      ],
      nics: [{ mac: '06:b9:73:6d:85:b4', model: 'ena', addresses: ['10.0.12.106'] }],
    },
  },
  {
    file: 'ec2/describe-instances-arm64-uefi-two-volumes.json',
    vm: 'appdiscovery-agent-test',
    machine: {
      sourceId: 'i-0f10da6b1d974db98',
      guest: { arch: 'x86_64' },
      cpu: { count: 1 },
      memoryBytes: GiB,
      firmware: 'bios',
      tpm: false,
      disks: [{ id: '/dev/xvda', label: 'vol-0fad53c0a1ad70418', controller: xen, boot: true }],
      nics: [{ mac: '06:d7:ad:5a:4c:5f', model: 'vif', addresses: ['10.0.2.68'] }],
    },
  },
  { file: 'ec2/describe-instances-two-enis.json', machines: ['sas-cc-test', 'sas-cc-test-2'] },
  {
    file: 'ec2/describe-instances-two-enis.json',
    vm: 'sas-cc-test-2',
    machine: {
      sourceId: 'i-0feb6dd62cea504f5',
      firmware: 'bios',
      nics: [
        {
          id: 'eni-0bac220f35c9a304e',
          mac: '12:50:d3:f0:42:83',
          network: 'subnet-0e307f2214f524f96',
          addresses: ['10.146.96.6'],
        },
        {
          id: 'eni-0605e38e04785b878',
          mac: '12:51:7c:b6:48:c3',
          network: 'subnet-0897a33a30b9945ed',
          addresses: ['10.146.96.42'],
        },
      ],
    },
  },
  {
    file: 'ec2/describe-instances-windows-and-linux-mixed.json',
    machines: [
      'keyc-Envi-RMB7RVXA37P6',
      'keyc-Envi-RMB7RVXA37P6',
      'devopsbot-workstation',
      'Custodian_test_instance-2',
    ],
  },
  {
    file: 'ec2/describe-instances-windows-and-linux-mixed.json',
    vm: 'devopsbot-workstation',
    machine: {
      sourceId: 'i-02357547fb91718be',
      guest: { family: 'windows', id: 'Windows', arch: 'x86_64' },
      cpu: { count: 4 },
      memoryBytes: 16 * GiB,
      firmware: 'bios',
      disks: [{ id: '/dev/sda1', label: 'vol-04e8a23dca2b39cdd', controller: nvme, boot: true }],
      nics: [{ mac: '16:1f:5b:36:65:41', model: 'ena', addresses: ['172.31.69.54'] }],
    },
  },
  {
    file: 'ec2/describe-instances-windows-and-linux-mixed.json',
    vm: 'i-0c7db0ff839a70f81',
    machine: {
      name: 'keyc-Envi-RMB7RVXA37P6',
      guest: { family: 'linux' },
      cpu: { count: 2 },
      memoryBytes: 2 * GiB,
      disks: [
        { id: '/dev/xvda', label: 'vol-049749eb9fd7e80da', boot: true },
        { id: '/dev/xvdcz', label: 'vol-040932b3eb9cdef47', boot: false },
      ],
    },
  },
  {
    file: 'ec2/describe-instances-instance-store-root.json',
    machine: {
      name: 'i-0a3e363a5366795dd',
      cpu: { count: 4 },
      memoryBytes: 31232 * MiB,
      disks: [],
      nics: [{ id: 'eni-caa070b4', mac: '02:75:ee:9d:a1:49', addresses: ['172.31.26.53'] }],
      tags: { Name: '' },
    },
    findings: ['disk.root-on-instance-store'],
  },
  {
    file: 'ec2/describe-instances-terminated-paravirtual.json',
    machines: ['Packer Builder', 'Spinnaker', 'CompileLambda'],
  },
  {
    file: 'ec2/describe-instances-terminated-paravirtual.json',
    vm: 'Packer Builder',
    machine: { sourceId: 'i-b2d2a876', memoryBytes: 3840 * MiB, disks: [], nics: [] },
    findings: ['machine.terminated', 'machine.paravirtual'],
  },
  {
    file: 'ec2/describe-instances-terminated-paravirtual.json',
    vm: 'CompileLambda',
    machine: {
      sourceId: 'i-1aebf7c0',
      cpu: { count: 1 },
      memoryBytes: 3840 * MiB,
      disks: [{ id: '/dev/xvda', label: 'vol-2b047792', controller: xen, boot: true }],
      nics: [{ mac: '0a:d4:67:1f:58:03', addresses: ['172.31.8.154'] }],
    },
    findings: ['disk.instance-store'],
  },
  { file: 'ec2/query-xml-describe-instances-2010.xml', machines: ['i-4382922a', 'Test Server 2'] },
  {
    file: 'ec2/query-xml-describe-instances-2010.xml',
    vm: 'Test Server 2',
    machine: {
      sourceId: 'i-8474834a',
      cpu: { count: 1 },
      memoryBytes: 627 * MiB,
      disks: [{ id: '/dev/sda1', label: 'vol-60124921', controller: xen, boot: true }],
      nics: [
        {
          id: 'eni-c5dffd83',
          mac: '0e:27:72:16:52:ab',
          network: 'subnet-5fd9d412',
          connected: true,
          addresses: ['172.16.9.139', '172.16.4.139'],
        },
      ],
      tags: { Name: 'Test Server 2', Group: 'VPC Test' },
    },
    findings: ['machine.paravirtual', 'machine.contradiction'],
  },
  {
    file: 'ec2/query-xml-describe-instances-2010.xml',
    vm: 'i-4382922a',
    machine: {
      memoryBytes: 1740 * MiB,
      disks: [{ id: '/dev/sda1', label: 'vol-5e312311' }],
      nics: [{ id: 'eth0', mac: null, network: null, addresses: ['10.211.11.211'] }],
      tags: {},
    },
    findings: ['machine.paravirtual'],
  },
  {
    file: 'ec2/query-xml-describe-instances-ebs-xen.xml',
    machine: {
      name: 'i-e564438d',
      guest: { arch: null },
      memoryBytes: 1740 * MiB,
      disks: [{ id: '/dev/sda1', label: 'vol-dc6ca8b5', controller: xen, boot: true }],
      nics: [{ id: 'eth0', addresses: ['10.210.209.157'] }],
    },
    findings: ['machine.kernel-outside'],
  },
  { file: 'ec2/describe-volumes-gp2-io1-mixed.json', refused: /EC2 volumes \(DescribeVolumes\)/ },
  { file: 'ec2/describe-volumes-gp3-encrypted.json', refused: /EC2 volumes \(DescribeVolumes\)/ },
  { file: 'ec2/describe-images-paravirtual.json', refused: /EC2 images \(DescribeImages\)/ },
  { file: 'ec2/describe-images-three-mappings-and-arm64.json', refused: /EC2 images \(DescribeImages\)/ },
  { file: 'ec2/describe-images-uefi-preferred.json', refused: /EC2 images \(DescribeImages\)/ },
  { file: 'ec2/query-xml-describe-images.xml', refused: /EC2 images \(DescribeImages\)/ },
  { file: 'ec2/describe-instance-attribute-rootdevicename.json', refused: /\(DescribeInstanceAttribute\)/ },
  {
    file: 'ec2/awscli-describe-instance-types.json',
    refused: /EC2 instance types \(DescribeInstanceTypes\)/,
  },
  { file: 'ec2/instance-types-subset.json', refused: /EC2 instance types \(DescribeInstanceTypes\)/ },
  { file: 'ec2/awscli-import-image-task-unparsable.txt', refused: /not valid JSON.*line 11 column 21/ },
];
