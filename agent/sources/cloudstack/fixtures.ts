/** Metadata of one imagined machine, written by hand: as its host, CloudStack's API and virsh describe it. */
import { openDocument, type Document } from '../../documents/document.ts';
import type { Reading } from '../source.ts';
import { read } from './read.ts';

export const UUID = '3b9f6c1e-5d7a-4c40-9a52-0f6e8d2b7a11';
export const ROOT = 'a1b2c3d4-0001-4000-8000-00000000c0de';
export const DATA = 'a1b2c3d4-0002-4000-8000-00000000c0de';

export const SYSINFO = `<sysinfo type='smbios'><system>
  <entry name='manufacturer'>Apache Software Foundation</entry>
  <entry name='product'>CloudStack KVM Hypervisor</entry>
</system></sysinfo>`;

export const OS = `<os><type arch='x86_64' machine='pc-i440fx-8.2'>hvm</type><boot dev='cdrom'/><boot dev='hd'/></os>`;

export const DEVICES = `
  <disk type='file' device='cdrom'><target dev='hdc' bus='ide'/><readonly/></disk>
  <disk type='file' device='disk'>
    <source file='/mnt/pool/${ROOT}'/><target dev='vda' bus='virtio'/><serial>a1b2c3d4000140008000</serial>
  </disk>
  <disk type='network' device='disk'>
    <source protocol='rbd' name='cloudstack/${DATA}'/><target dev='sda' bus='scsi'/>
    <address type='drive' controller='0' bus='0' target='0' unit='1'/>
  </disk>
  <controller type='scsi' index='0' model='virtio-scsi'/>
  <interface type='bridge'>
    <mac address='02:00:4C:5F:00:01'/><source bridge='breth1-511'/><model type='virtio'/><alias name='net0'/>
    <address type='pci' domain='0x0000' bus='0x00' slot='0x0a' function='0x0'/>
  </interface>
  <graphics type='vnc' port='5900' passwd='s3cr3t-vnc'/>`;

interface Parts {
  name?: string;
  uuid?: string;
  memory?: string;
  vcpu?: string;
  os?: string;
  devices?: string;
  more?: string;
}

/** `more`: further children of the domain; CloudStack's sysinfo unless given. */
export function domainXml(parts: Parts = {}): string {
  const { name = 'i-2-33-VM', uuid = UUID, os = OS, devices = DEVICES, more = SYSINFO } = parts;
  const { memory = `<memory unit='KiB'>4194304</memory>`, vcpu = '<vcpu>4</vcpu>' } = parts;
  return `<domain type='kvm'><name>${name}</name><uuid>${uuid}</uuid><description>Debian GNU/Linux 12 (64-bit)</description>
    ${memory}${vcpu}${os}${more}<devices>${devices}</devices></domain>`;
}

export const VIRTUAL_MACHINE = {
  id: UUID,
  name: 'web01',
  displayname: 'web01',
  instancename: 'i-2-33-VM',
  account: 'ops',
  haenable: false,
  hypervisor: 'KVM',
  cpunumber: 4,
  cpuused: '0,03%',
  memory: 4096,
  guestosid: 'b2f0a2de-0000-4000-8000-000000000126',
  osdisplayname: 'Debian GNU/Linux 12 (64-bit)',
  details: { UEFI: 'SECURE', rootDiskController: 'scsi', dataDiskController: 'virtio', nicAdapter: 'virtio' },
  nic: [
    {
      id: 'nic-b',
      deviceid: '1',
      networkid: 'n2',
      macaddress: '02:00:4c:5f:00:02',
      isolationuri: 'vxlan://4000',
      isdefault: false,
    },
    {
      id: 'nic-a',
      deviceid: '0',
      networkid: 'n1',
      networkname: 'prod',
      macaddress: '02:00:4C:5F:00:01',
      isolationuri: 'vlan://511',
      ipaddress: '10.1.1.20',
      netmask: '255.255.254.0',
      ip6address: 'fd00::20',
      ip6cidr: 'fd00::/64',
      secondaryip: [
        { id: 's1', ipaddress: '10.1.1.21' },
        { id: 's2', ipaddress: 'not an address' },
      ],
      isdefault: true,
    },
  ],
  tags: [
    { key: 'owner', value: 'ops' },
    { key: '__proto__', value: 'kept' },
  ],
};

export const VOLUMES = [
  {
    id: DATA,
    path: DATA,
    name: 'DATA-33',
    type: 'DATADISK',
    deviceid: 1,
    size: 21474836480,
    virtualmachineid: UUID,
    zoneid: 'z',
    storagetype: 'shared',
  },
  {
    id: ROOT,
    name: 'ROOT-33',
    type: 'ROOT',
    deviceid: 0,
    size: 10737418240,
    virtualmachineid: UUID,
    zoneid: 'z',
  },
  {
    id: 'other',
    name: 'ROOT-34',
    type: 'ROOT',
    deviceid: 0,
    size: 1024,
    virtualmachineid: 'another',
    zoneid: 'z',
  },
];

export const DOMINFO = `Id:             7
Name:           i-2-33-VM
UUID:           ${UUID}
OS Type:        hvm
State:          running
CPU(s):         4
CPU time:       1532.4s
Max memory:     4194304 KiB
Used memory:    4194304 KiB
Persistent:     no
Security model: none

`;

export const DOMIFLIST = ` Interface   Type     Source       Model    MAC
---------------------------------------------------------------
 vnet6       bridge   breth1-511   virtio   02:00:4c:5f:00:01

`;

export const DOMBLKLIST = ` Target   Source
--------------------------------------------
 vda      /mnt/pool/${ROOT}
 sda      cloudstack/${DATA}
 hdc      -
 hdd      /mnt/secondary/tools.iso

`;

export function documents(files: Record<string, string | object>): Document[] {
  return Object.entries(files).map(([path, content]) =>
    openDocument(path, Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))),
  );
}

/** `paths`: further files of the backup. */
export function readAll(files: Record<string, string | object>, paths: readonly string[] = []): Reading {
  return read({ documents: documents(files), paths: [...Object.keys(files), ...paths] });
}
