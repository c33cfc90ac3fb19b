/** Backups of VMware: VMX, OVF, OVA, and VMs as the vSphere API shows them. */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { exec } from '../../agent/exec.ts';
import { put, type Builder } from './builder.ts';
import { DISK_BYTES, makeDelta, makeDisk, MIB } from './disk.ts';
import { openSystem, ovf } from './ovf.ts';

/** A server of Debian with its disks on one controller; `disks` are the files of scsi0:0, scsi0:1 and so on. */
export function vmx(...disks: string[]): string {
  const attached = disks.flatMap((file, unit) => [
    `scsi0:${unit}.present = "TRUE"`,
    `scsi0:${unit}.fileName = "${file}"`,
  ]);
  return [
    '#!/usr/bin/vmware',
    '.encoding = "UTF-8"',
    'config.version = "8"',
    'virtualHW.version = "19"',
    'displayName = "web01"',
    'annotation = "The shop|0AAsk Zoë"',
    'guestOS = "debian11-64"',
    'uuid.bios = "56 4d a1 b2 c3 d4 e5 f6-01 02 03 04 05 06 07 08"',
    'firmware = "efi"',
    'uefi.secureBoot.enabled = "TRUE"',
    'numvcpus = "4"',
    'cpuid.coresPerSocket = "2"',
    'memSize = "2048"',
    'scsi0.present = "TRUE"',
    'scsi0.virtualDev = "pvscsi"',
    ...attached,
    'ide1:0.present = "TRUE"',
    'ide1:0.deviceType = "cdrom-image"',
    'ide1:0.fileName = "/isos/tools.iso"',
    'ethernet0.present = "TRUE"',
    'ethernet0.virtualDev = "vmxnet3"',
    'ethernet0.networkName = "VM Network"',
    'ethernet0.addressType = "vpx"',
    'ethernet0.generatedAddress = "00:50:56:AB:00:01"',
    'ethernet0.pciSlotNumber = "192"',
    '',
  ].join('\r\n');
}

export const vmxSparse: Builder = async (folder) => {
  await put(folder, { 'web01.vmx': vmx('web01.vmdk') });
  await makeDisk(folder, 'web01.vmdk', { format: 'vmdk', options: 'subformat=monolithicSparse' });
  return '';
};

export const vmxFlat: Builder = async (folder) => {
  await put(folder, { 'web01.vmx': vmx('web01.vmdk') });
  await makeDisk(folder, 'web01.vmdk', { format: 'vmdk', options: 'subformat=monolithicFlat' });
  return '';
};

/** Two snapshots are open: the VMX names the newest layer, and each layer its parent. */
export const vmxSnapshots: Builder = async (folder) => {
  await put(folder, { 'web01.vmx': vmx('web01-000002.vmdk'), 'web01.vmsd': VMSD });
  await makeDisk(folder, 'web01.vmdk', { format: 'vmdk', options: 'subformat=monolithicSparse' });
  await makeDelta(folder, 'web01-000001.vmdk', 'web01.vmdk', 'vmdk');
  await makeDelta(folder, 'web01-000002.vmdk', 'web01-000001.vmdk', 'vmdk');
  return '';
};

/** A backup tool has converted the disks, and kept the metadata as it was. */
export const vmxConverted: Builder = async (folder) => {
  await put(folder, { 'web01.vmx': vmx('web01.vmdk', '/vmfs/volumes/ds2/web01/web01_1.vmdk') });
  await makeDisk(folder, 'web01.qcow2', { format: 'qcow2' });
  await makeDisk(folder, 'web01_1.vmdk.qcow2', { format: 'qcow2', sizeBytes: 2 * MIB });
  return '';
};

const VMSD = `.encoding = "UTF-8"
snapshot.lastUID = "2"
snapshot.current = "2"
snapshot.numSnapshots = "2"
snapshot0.uid = "1"
snapshot0.displayName = "before the update"
snapshot1.uid = "2"
snapshot1.parent = "1"
snapshot1.displayName = "after the update"
`;

const STREAM = { format: 'vmdk', options: 'subformat=streamOptimized' } as const;

export const ovfFolder: Builder = async (folder) => {
  await put(folder, { 'web01.ovf': ovf({ capacityMib: DISK_BYTES / MIB }) });
  await makeDisk(folder, 'web01-disk1.vmdk', STREAM);
  await put(folder, { 'web01.mf': await manifestOf(folder, 'web01.ovf', 'web01-disk1.vmdk') });
  return '';
};

export const ovaArchive: Builder = async (folder) => {
  await ovfFolder(folder);
  const members = ['web01.ovf', 'web01.mf', 'web01-disk1.vmdk'];
  await exec('tar', ['--format=ustar', '-cf', 'web01.ova', ...members], { cwd: folder });
  for (const member of members) await rm(path.join(folder, member));
  return 'web01.ova';
};

/** Two deployment configurations, none of them the default by mark. */
export const ovfConfigurations: Builder = async (folder) => {
  const configurations = { small: { cpus: 1, memoryMib: 512 }, large: { cpus: 8, memoryMib: 16384 } };
  await put(folder, { 'web01.ovf': ovf({ capacityMib: DISK_BYTES / MIB, configurations }) });
  await makeDisk(folder, 'web01-disk1.vmdk', STREAM);
  return '';
};

/** As ovftool writes it. */
async function manifestOf(folder: string, ...names: string[]): Promise<string> {
  const lines = names.map(async (name) => {
    const digest = createHash('sha256').update(await readFile(path.join(folder, name)));
    return `SHA256(${name})= ${digest.digest('hex')}\n`;
  });
  return (await Promise.all(lines)).join('');
}

/** The appliance `openSystem` with a second VM in one document. */
export const ovfTwoMachines: Builder = async (folder) => {
  await put(folder, {
    'app.ovf': ovf({ capacityMib: DISK_BYTES / MIB, more: openSystem('db01', 1, 1024) }),
  });
  await makeDisk(folder, 'web01-disk1.vmdk', STREAM);
  return '';
};

export const vim25: Builder = async (folder) => {
  await put(folder, { 'vm.json': VIM25 });
  await makeDisk(folder, 'web01.vmdk', { format: 'vmdk' });
  return '';
};

const VIM25 = {
  _typeName: 'VirtualMachineConfigInfo',
  changeVersion: '2026-05-01T02:00:00.000000Z',
  name: 'web01',
  guestFullName: 'Debian GNU/Linux 11 (64-bit)',
  version: 'vmx-19',
  uuid: '564da1b2-c3d4-e5f6-0102-030405060708',
  instanceUuid: '500ba1b2-c3d4-e5f6-0102-030405060708',
  guestId: 'debian11_64Guest',
  annotation: '',
  firmware: 'bios',
  bootOptions: { efiSecureBootEnabled: false },
  hardware: {
    _typeName: 'VirtualHardware',
    numCPU: 2,
    numCoresPerSocket: 1,
    memoryMB: 1024,
    device: [
      { _typeName: 'ParaVirtualSCSIController', key: 1000, busNumber: 0, device: [2000] },
      {
        _typeName: 'VirtualDisk',
        key: 2000,
        deviceInfo: { label: 'Hard disk 1' },
        backing: {
          _typeName: 'VirtualDiskFlatVer2BackingInfo',
          fileName: '[datastore1] web01/web01.vmdk',
          diskMode: 'persistent',
        },
        controllerKey: 1000,
        unitNumber: 0,
        capacityInKB: DISK_BYTES / 1024,
        capacityInBytes: DISK_BYTES,
      },
      {
        _typeName: 'VirtualVmxnet3',
        key: 4000,
        deviceInfo: { label: 'Network adapter 1' },
        backing: { _typeName: 'VirtualEthernetCardNetworkBackingInfo', deviceName: 'VM Network' },
        connectable: { startConnected: true, connected: true },
        slotInfo: { _typeName: 'VirtualDevicePciBusSlotInfo', pciSlotNumber: 192 },
        macAddress: '00:50:56:ab:00:01',
      },
    ],
  },
};
