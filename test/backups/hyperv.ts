/** Exports of Hyper-V: their configuration as XML, as VMCX, and as PowerShell prints it. */
import { makeVhdx } from '../../agent/disks/fixtures/vhdx.ts';
import { readDiskHeader } from '../../agent/disks/read-disk-header.ts';
import { openFolder } from '../../agent/repositories/folder-files.ts';
import { configurationOf, vhd, xmlOf } from '../../agent/sources/hyperv/fixtures.ts';
import { writeVmcx } from '../../agent/sources/hyperv/vmcx/fixtures.ts';
import { put, type Builder } from './builder.ts';
import { DISK_BYTES, makeDisk, MIB } from './disk.ts';

const VM_ID = '5B6E0A9C-1D2F-4E3A-9B4C-0F1E2D3C4B5A';
const NIC = '77777777-aaaa-4bbb-8ccc-000000000001';
const SCSI = '11111111-aaaa-4bbb-8ccc-000000000001';
const ethernet = {
  [NIC]: {
    ChannelInstanceGuid: `{${NIC}}`,
    FriendlyName: 'Network Adapter',
    IsConnected: true,
    MacAddress: '00-15-5D-0A-00-01',
    SwitchName: 'Production',
  },
};

/** Generation 1 of Windows Server 2012 R2: XML in UTF-16, and VHD disks on IDE. */
export const xmlExport: Builder = async (folder) => {
  const ide = {
    controller0: { drive0: vhd('C:\\Hyper-V\\web01\\Virtual Hard Disks\\web01.vhd') },
    controller1: { drive0: { type: 'ISO', pathname: 'C:\\iso\\setup.iso' } },
  };
  const tree = configurationOf({ subtype: 0n, ide, ethernet });
  await put(folder, { [`Virtual Machines/${VM_ID}.xml`]: xmlOf(tree) });
  await makeDisk(folder, 'Virtual Hard Disks/web01.vhd', {
    format: 'vpc',
    options: 'subformat=dynamic,force_size=on',
  });
  return '';
};

/** Generation 2 of 2016 and later, with a checkpoint: the machine runs on the top of a chain of VHDX files. */
export const vmcxExport: Builder = async (folder) => {
  const scsi = {
    [SCSI]: {
      ChannelInstanceGuid: `{${SCSI}}`,
      controller0: { drive0: vhd('D:\\web01\\Virtual Hard Disks\\web01_0F1E.avhdx') },
    },
  };
  const tree = configurationOf({ scsi, ethernet, properties: { version: 0x900n, notes: 'the shop' } });
  await put(folder, { [`Virtual Machines/${VM_ID}.vmcx`]: writeVmcx(tree).content });
  await makeDisk(folder, 'Virtual Hard Disks/web01.vhdx', { format: 'vhdx', options: 'subformat=dynamic' });
  const child = makeVhdx({
    sizeBytes: BigInt(DISK_BYTES),
    dataWriteGuid: '0f1e0d0c-0b0a-4908-8706-050403020100',
    parent: {
      parent_linkage: `{${await identityOf(folder, 'Virtual Hard Disks/web01.vhdx')}}`,
      relative_path: '.\\web01.vhdx',
    },
  });
  await put(folder, { 'Virtual Hard Disks/web01_0F1E.avhdx': child });
  return '';
};

/** What a differencing disk knows its parent by. */
async function identityOf(folder: string, name: string): Promise<string> {
  await using files = await openFolder(folder);
  await using reader = await files.open(name);
  return (await readDiskHeader(reader, name)).identity ?? '';
}

const DISK_PATH = 'E:\\VMs\\web01\\web01.vhdx';

/** What Get-VM, Get-VMHardDiskDrive, Get-VMNetworkAdapter, Get-VMFirmware and Get-VHD print by ConvertTo-Json. */
export const powershell: Builder = async (folder) => {
  const id = VM_ID.toLowerCase();
  const own = { VMId: id, VMName: 'web01' };
  await put(folder, {
    'get-vm.json': {
      Id: id,
      VMId: id,
      Name: 'web01',
      VMName: 'web01',
      State: 3,
      Generation: 2,
      ProcessorCount: 2,
      MemoryStartup: 2048 * MIB,
      DynamicMemoryEnabled: false,
      Notes: '',
      ParentSnapshotId: null,
      HardDrives: ['Microsoft.HyperV.PowerShell.HardDiskDrive'],
    },
    'get-vmharddiskdrive.json': [
      {
        ControllerType: 1,
        ControllerNumber: 0,
        ControllerLocation: 0,
        Path: DISK_PATH,
        DiskNumber: null,
        ...own,
      },
    ],
    'get-vmnetworkadapter.json': {
      Id: `Microsoft:${VM_ID}\\${NIC.toUpperCase()}`,
      Name: 'Network Adapter',
      MacAddress: '00155D0A0001',
      SwitchName: 'Production',
      IsLegacy: false,
      IsManagementOs: false,
      Connected: true,
      IPAddresses: [],
      ...own,
    },
    'get-vmfirmware.json': { SecureBoot: 0, SecureBootTemplate: 'MicrosoftWindows', BootOrder: [], ...own },
    'get-vhd.json': { Path: DISK_PATH, VhdFormat: 3, VhdType: 3, FileSize: 4 * MIB, Size: DISK_BYTES },
  });
  await makeDisk(folder, 'web01.vhdx', { format: 'vhdx' });
  return '';
};
