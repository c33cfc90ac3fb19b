import { DISK_BYTES, MIB } from '../../backups/disk.ts';
import { machineWith, type LayoutRow } from './row.ts';

const ROOT = 'b7d1c0de-0001-4000-8000-0000000a0001';
const DATA = 'b7d1c0de-0002-4000-8000-0000000a0002';
// Increments name files of the day before, so what is read is the folder of both.
const FIRST = '2026.05.01.02.00.00';
const SECOND = '2026.05.02.02.00.00';
const root = (point: string) => `${point}/root.${ROOT}.qcow2`;
const data = (point: string) => `${point}/datadisk.${DATA}.qcow2`;

const virtio = { kind: 'virtio', model: null, bus: null, unit: null };

const at = (point: string) =>
  machineWith({
    name: 'i-2-42-VM',
    platform: 'cloudstack',
    sourceId: '2f1c7a90-4b6d-4e0a-8c55-7d9e3b1f0a42',
    guest: { family: 'linux', name: 'Debian GNU/Linux 12 (64-bit)', arch: 'x86_64' },
    cpu: { count: 2 },
    memoryBytes: 1024 * MIB,
    firmware: 'bios',
    secureBoot: false,
    tpm: false,
    disks: [
      {
        id: 'vda',
        label: `/mnt/3f1a/${ROOT}`,
        sizeBytes: DISK_BYTES,
        controller: virtio,
        file: root(point),
        format: 'qcow2',
      },
      {
        id: 'vdb',
        label: `/mnt/3f1a/${DATA}`,
        sizeBytes: 2 * MIB,
        controller: virtio,
        file: data(point),
        format: 'qcow2',
      },
    ],
    nics: [
      {
        id: 'net0',
        mac: '02:01:00:cb:00:07',
        model: 'virtio',
        network: 'brbond0-204',
        vlan: 204,
        connected: true,
      },
    ],
  });

export const cloudstack: LayoutRow[] = [
  {
    layout: 'a CloudStack NAS backup',
    machine: at(FIRST),
    chains: { vda: [root(FIRST)], vdb: [data(FIRST)] },
    metadata: 'i-2-42-VM/2026.05.01.02.00.00/domain-config.xml',
  },
  {
    layout: 'a CloudStack NAS increment',
    machine: at(SECOND),
    chains: { vda: [root(FIRST), root(SECOND)], vdb: [data(FIRST), data(SECOND)] },
  },
  {
    layout: 'a CloudStack NAS backup without XML',
    machine: machineWith({
      name: 'i-2-42-VM',
      platform: 'cloudstack',
      disks: [
        { id: 'root', label: ROOT, sizeBytes: DISK_BYTES, file: root(FIRST), format: 'qcow2' },
        { id: 'datadisk1', label: DATA, sizeBytes: 2 * MIB, file: data(FIRST), format: 'qcow2' },
      ],
    }),
    chains: { root: [root(FIRST)], datadisk1: [data(FIRST)] },
    weighty: ['machine.undescribed'],
  },
  {
    layout: 'a libvirt domain',
    machine: machineWith({
      name: 'build01',
      platform: 'cloudstack',
      sourceId: '6a2f3c1d-7e4b-4f8a-9b0c-1d2e3f4a5b6c',
      guest: { arch: 'x86_64' },
      cpu: { count: 3 },
      memoryBytes: 768 * MIB,
      firmware: 'uefi',
      secureBoot: true,
      tpm: true,
      disks: [
        {
          id: 'sda',
          label: '/var/lib/libvirt/images/build01.qcow2',
          sizeBytes: DISK_BYTES,
          controller: { kind: 'sata', model: null, bus: 0, unit: 0 },
          file: 'build01.qcow2',
          format: 'qcow2',
        },
      ],
      nics: [{ id: 'net0', mac: '52:54:00:0b:00:01', model: 'e1000e', network: 'default', connected: true }],
    }),
    chains: { sda: ['build01.qcow2'] },
    metadata: 'build01.xml',
  },
];
