/** Real metadata of VMware and of tools that write OVF; expected values were read from the files by eye. */
import type { SampleRow } from '../row.ts';
import { disk, GIB, MIB } from './vmware-facts.ts';
import { ovf } from './vmware-ovf.ts';
import { vmx } from './vmware-vmx.ts';

const photon = {
  name: 'test',
  sourceId: '422ca90b-853b-1101-3350-759f747730cc',
  guest: { family: 'linux', id: 'vmwarePhoton64Guest', name: 'VMware Photon OS (64-bit)', arch: 'x86_64' },
  cpu: { count: 1, sockets: 1, coresPerSocket: 1 },
  memoryBytes: 2 * GIB,
  firmware: 'bios',
  disks: [disk('scsi0:0', 'pvscsi', { label: 'Hard disk 1', sizeBytes: 4 * GIB, boot: true })],
  nics: [{ mac: '00:50:56:ac:4d:ed', model: 'vmxnet3', network: 'VM Network', connected: true }],
  notes: 'Hello, world.',
} satisfies SampleRow['machine'];

const vim25: SampleRow[] = [
  { file: 'vmware/vim25-vminfo-config.json', machine: photon },
  { file: 'vmware/vim25-vminfo-typename-at-end.json', machine: photon },
  {
    file: 'vmware/vim25-vm-full-object-pyvmomi.json',
    machine: {
      name: 'vCLS-8f66678f-3d69-4b58-a4c7-bae62203b573',
      sourceId: '4220824e-c2eb-ed46-47db-8e5746f5bde4',
      guest: { family: 'linux', id: 'other26xLinux64Guest', name: 'Other 2.6.x Linux (64-bit)' },
      cpu: { count: 1, sockets: 1, coresPerSocket: 1 },
      memoryBytes: 128 * MIB,
      firmware: 'bios',
      secureBoot: false,
      tpm: false,
      disks: [disk('scsi0:0', 'pvscsi', { sizeBytes: 2 * GIB })],
      nics: [],
    },
  },
  {
    file: 'vmware/vim25-soap-config-nvme-vsphere67.xml',
    machine: {
      name: 'random14.example.com',
      sourceId: '420da30b-a9da-159d-db36-9a9851556afc',
      guest: { family: 'other', id: 'otherGuest', name: 'Other (32-bit)' },
      cpu: { count: 1, sockets: 1, coresPerSocket: 1 },
      memoryBytes: 2 * GIB,
      firmware: 'bios',
      secureBoot: false,
      disks: [disk('nvme0:0', null, { sizeBytes: 8 * GIB, boot: true })],
      nics: [{ mac: '00:50:56:8d:9b:63', model: 'e1000', network: 'dvportgroup-2719' }],
    },
  },
];

export const rows: SampleRow[] = [...vmx, ...ovf, ...vim25];
