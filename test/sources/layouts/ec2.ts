import { DISK_BYTES, MIB } from '../../backups/disk.ts';
import { machineWith, type LayoutRow } from './row.ts';

const GIB = 1024 * MIB;
const ROOT = 'vol-0b00000000000001a';
const DATA = 'vol-0b00000000000002b';
const nvme = { kind: 'nvme', model: null, bus: null, unit: null };
const web01 = {
  name: 'web01',
  platform: 'ec2',
  sourceId: 'i-0b00000000000000f',
  guest: { family: 'linux', id: 'Linux/UNIX', arch: 'x86_64' },
  cpu: { count: 2 },
  firmware: 'bios',
  tags: { Name: 'web01' },
} as const;
const nic = {
  id: 'eni-0b000000000000001',
  mac: '0a:0b:00:00:00:01',
  model: 'ena',
  network: 'subnet-0b00000000000001',
  connected: true,
  addresses: ['10.20.1.5'],
};

/** m5.large; the data volume stands first in the file. */
const ofJson = {
  machine: machineWith({
    ...web01,
    memoryBytes: 8 * GIB,
    disks: [
      {
        id: '/dev/xvda',
        label: ROOT,
        sizeBytes: GIB,
        controller: nvme,
        file: `${ROOT}.qcow2`,
        format: 'qcow2',
      },
      {
        id: '/dev/sdf',
        label: DATA,
        sizeBytes: 2 * GIB,
        controller: nvme,
        file: `${DATA}.qcow2`,
        format: 'qcow2',
      },
    ],
    nics: [nic],
  }),
  chains: { '/dev/xvda': [`${ROOT}.qcow2`], '/dev/sdf': [`${DATA}.qcow2`] },
};

export const ec2: LayoutRow[] = [
  { layout: 'EC2 JSON of the CLI', ...ofJson, metadata: 'describe-instances.json' },
  { layout: 'EC2 JSON of an SDK', ...ofJson, metadata: 'instance.json' },
  {
    layout: 'EC2 Query XML',
    machine: machineWith({
      ...web01,
      memoryBytes: 512 * MIB,
      disks: [
        {
          id: '/dev/sda1',
          label: ROOT,
          sizeBytes: DISK_BYTES,
          controller: nvme,
          file: `${ROOT}.raw`,
          format: 'raw',
        },
      ],
      nics: [nic],
    }),
    chains: { '/dev/sda1': [`${ROOT}.raw`] },
    metadata: 'describe-instances.xml',
  },
];
