/** Backups of CloudStack, and of a libvirt domain that is nobody's. */
import { put, type Builder } from './builder.ts';
import { makeDelta, makeDisk, MIB } from './disk.ts';

const UUID = '2f1c7a90-4b6d-4e0a-8c55-7d9e3b1f0a42';
const ROOT = 'b7d1c0de-0001-4000-8000-0000000a0001';
const DATA = 'b7d1c0de-0002-4000-8000-0000000a0002';
const POINT = 'i-2-42-VM/2026.05.01.02.00.00';
const NEXT_POINT = 'i-2-42-VM/2026.05.02.02.00.00';

const DOMAIN = `<domain type='kvm'>
  <name>i-2-42-VM</name>
  <uuid>${UUID}</uuid>
  <description>Debian GNU/Linux 12 (64-bit)</description>
  <memory unit='KiB'>1048576</memory>
  <currentMemory unit='KiB'>1048576</currentMemory>
  <vcpu placement='static'>2</vcpu>
  <sysinfo type='smbios'><system>
    <entry name='manufacturer'>Apache Software Foundation</entry>
    <entry name='product'>CloudStack KVM Hypervisor</entry>
    <entry name='uuid'>${UUID}</entry>
  </system></sysinfo>
  <os>
    <type arch='x86_64' machine='pc-i440fx-8.2'>hvm</type>
    <boot dev='cdrom'/><boot dev='hd'/>
  </os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none'/>
      <source file='/mnt/3f1a/${ROOT}'/><target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none'/>
      <source file='/mnt/3f1a/${DATA}'/><target dev='vdb' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'><target dev='hdc' bus='ide'/><readonly/></disk>
    <interface type='bridge'>
      <mac address='02:01:00:cb:00:07'/><source bridge='brbond0-204'/><target dev='vnet4'/><model type='virtio'/>
      <link state='up'/><alias name='net0'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x03' function='0x0'/>
    </interface>
    <graphics type='vnc' port='-1' passwd='not-to-be-shown'/>
  </devices>
</domain>
`;

const DOMINFO = `Id:             12
Name:           i-2-42-VM
UUID:           ${UUID}
OS Type:        hvm
State:          running
CPU(s):         2
CPU time:       88.1s
Max memory:     1048576 KiB
Used memory:    1048576 KiB
Persistent:     no

`;

const DOMIFLIST = ` Interface   Type     Source        Model    MAC
----------------------------------------------------------------
 vnet4       bridge   brbond0-204   virtio   02:01:00:cb:00:07

`;

const DOMBLKLIST = ` Target   Source
-----------------------------------------------------------
 vda      /mnt/3f1a/${ROOT}
 vdb      /mnt/3f1a/${DATA}
 hdc      -

`;

const metadata = (point: string) => ({
  [`${point}/domain-config.xml`]: DOMAIN,
  [`${point}/dominfo.xml`]: DOMINFO,
  [`${point}/domiflist.xml`]: DOMIFLIST,
  [`${point}/domblklist.xml`]: DOMBLKLIST,
});

async function fullDisks(folder: string): Promise<void> {
  await makeDisk(folder, `${POINT}/root.${ROOT}.qcow2`, { format: 'qcow2' });
  await makeDisk(folder, `${POINT}/datadisk.${DATA}.qcow2`, { format: 'qcow2', sizeBytes: 2 * MIB });
}

export const nasBackup: Builder = async (folder) => {
  await put(folder, metadata(POINT));
  await fullDisks(folder);
  return POINT;
};

/** Of a VM that was stopped: CloudStack has nothing to ask libvirt about it. */
export const nasBackupOfStopped: Builder = async (folder) => {
  await fullDisks(folder);
  return POINT;
};

/** Since 4.23: layers name those of the day before by a relative path. */
export const nasIncrement: Builder = async (folder) => {
  await fullDisks(folder);
  await put(folder, { ...metadata(POINT), ...metadata(NEXT_POINT) });
  for (const disk of [`root.${ROOT}.qcow2`, `datadisk.${DATA}.qcow2`])
    await makeDelta(folder, `${NEXT_POINT}/${disk}`, `../${POINT.split('/')[1]}/${disk}`, 'qcow2');
  return NEXT_POINT;
};

/** As libvirt shows a domain that virt-install has set up with UEFI. */
export const libvirtDomain: Builder = async (folder) => {
  await put(folder, { 'build01.xml': LIBVIRT });
  await makeDisk(folder, 'build01.qcow2', { format: 'qcow2', options: 'compat=0.10' });
  return '';
};

const LIBVIRT = `<domain type='kvm'>
  <name>build01</name>
  <uuid>6a2f3c1d-7e4b-4f8a-9b0c-1d2e3f4a5b6c</uuid>
  <memory unit='MiB'>768</memory>
  <vcpu>3</vcpu>
  <os firmware='efi'>
    <type arch='x86_64' machine='q35'>hvm</type>
    <loader readonly='yes' secure='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.ms.fd</loader>
    <nvram template='/usr/share/OVMF/OVMF_VARS_4M.ms.fd'>/var/lib/libvirt/qemu/nvram/build01_VARS.fd</nvram>
  </os>
  <devices>
    <disk type='file' device='disk'>
      <source file='/var/lib/libvirt/images/build01.qcow2'/><target dev='sda' bus='sata'/>
      <boot order='1'/><address type='drive' controller='0' bus='0' target='0' unit='0'/>
    </disk>
    <interface type='network'><mac address='52:54:00:0b:00:01'/><source network='default'/><model type='e1000e'/></interface>
    <tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
  </devices>
</domain>
`;
