import { describe, expect, it } from 'vitest';
import { openDocument } from '../../documents/document.ts';
import { Firmware, GuestFamily } from '../../../proto/gen/ascend/v1/machine.ts';
import {
  bytesOf,
  codes,
  configurationOf,
  decodedOf,
  machineOf,
  machinesOf,
  vhd,
  VM_ID,
  xmlOf,
} from './fixtures.ts';
import { hyperv } from './index.ts';
import { writeVmcx, type PlainNode } from './vmcx/fixtures.ts';

const scsi = { '11111111-aaaa-4bbb-8ccc-000000000001': { controller0: { drive0: vhd('C:\\os.vhdx') } } };
const tree = configurationOf({ scsi });
const checkpoint = configurationOf({ scsi, properties: { name: 'before the update' } });

function recognise(path: string, content: string | Buffer | object) {
  return hyperv.recognise(openDocument(path, bytesOf(content)));
}

describe('recognising', () => {
  it.each<[string, string, string | Buffer | object, string, RegExp]>([
    ['XML', 'vm.xml', xmlOf(tree), 'machine', /^a Hyper-V configuration \(XML\)$/],
    ['VMCX', 'vm.bin', writeVmcx(tree).content, 'machine', /^a Hyper-V configuration \(VMCX\)$/],
    ['a decoded VMCX', 'vm.json', decodedOf(tree), 'machine', /decoded/],
    ['a VMCX cut off', 'vm.vmcx', writeVmcx(tree).content.subarray(0, 5000), 'machine', /damaged/],
    ['a checkpoint by its folder', 'Snapshots/a.vmcx', writeVmcx(checkpoint).content, 'part', /checkpoint/],
    [
      'a checkpoint by its type',
      'a.xml',
      xmlOf(configurationOf({ properties: { type_id: 'Snapshots' } })),
      'part',
      /checkpoint/,
    ],
    [
      "a host's registry",
      'data.vmcx',
      writeVmcx({ Configurations: { FormatVersion: 2n, VirtualMachines: {} } }).content,
      'other',
      /host's list of its machines/,
    ],
    [
      'another file of the format',
      'a.vmrs',
      writeVmcx({ savedstate: {} }).content,
      'other',
      /no configuration/,
    ],
  ])('%s', (_what, path, content, role, what) => {
    const recognition = recognise(path, content);
    expect(recognition?.role).toBe(role);
    expect(recognition?.what).toMatch(what);
  });

  it.each<[string, string | Buffer | object]>([
    ['a libvirt domain', '<domain type="kvm"><name>a</name></domain>'],
    ['a configuration of something else', '<configuration><appSettings/></configuration>'],
    ['EC2 instances', { Reservations: [{ Instances: [{ InstanceId: 'i-1' }] }] }],
    ['a VM of Nutanix', { spec: { name: 'a' }, metadata: { kind: 'vm' } }],
    ["an object of which one member looks like Forklift's", { a: { Disks: [], HasCheckpoint: true }, b: {} }],
    ['an empty object', {}],
    ['a list of numbers', [1, 2, 3]],
    ['broken JSON', '{"VMName": '],
    ['nothing', ''],
    ['random bytes', Buffer.from([0x14, 0x20, 0x28, 0x02, 0, 0, 0, 0])],
  ])('leaves %s to others', (_what, content) => {
    expect(recognise('file', content)).toBeUndefined();
  });
});

describe('files together', () => {
  it('a damaged VMCX is refused with its offset', () => {
    const damaged = writeVmcx(tree).content.subarray(0, 0x3100);
    expect(() => machinesOf({ 'vm.vmcx': damaged })).toThrow(/^vm\.vmcx, offset 0x[0-9a-f]+: /);
  });

  it('a checkpoint beside its machine is no second machine', () => {
    const { machine, findings } = machineOf({
      'Snapshots/C.vmcx': writeVmcx(checkpoint).content,
      'Virtual Machines/V.vmcx': writeVmcx(tree).content,
    });
    expect(machine.name).toBe('web01');
    expect(codes(findings)).toEqual(['machine.snapshots']);
  });

  it('a decoded copy adds nothing to its VMCX', () => {
    const { from, findings } = machineOf({ 'a.json': decodedOf(tree), 'v.vmcx': writeVmcx(tree).content });
    expect(from).toBe('v.vmcx');
    expect(findings).toEqual([]);
  });

  it('a configuration learns sizes and addresses from PowerShell, and says where they do not agree', () => {
    const { machine, from, origins, findings } = machineOf({
      'get-vm.json': {
        VMId: VM_ID.toLowerCase(),
        Name: 'web01',
        Generation: 2,
        ProcessorCount: 8,
        MemoryStartup: 2048 * 1024 * 1024,
        HardDrives: [
          { ControllerType: 1, ControllerNumber: 0, ControllerLocation: 0, Path: 'C:\\os.vhdx' },
          { ControllerType: 1, ControllerNumber: 0, ControllerLocation: 1, Path: 'C:\\new.vhdx' },
        ],
      },
      'get-vhd.json': { Path: 'C:\\OS.vhdx', VhdType: 3, VhdFormat: 3, Size: 1024 },
      'vm.xml': xmlOf(tree),
    });
    expect(from).toBe('vm.xml');
    expect(machine).toMatchObject({ cpu: { count: 2 }, disks: [{ id: 'scsi0:0', sizeBytes: 1024n }] });
    expect(origins.of('disks.scsi0:0.sizeBytes')?.file).toBe('get-vhd.json');
    expect(codes(findings)).toEqual(['disk.contradiction', 'machine.contradiction']);
    expect(findings.map(({ message }) => message).join('\n')).toMatch(
      /vm\.xml and get-vm\.json do not agree .* the number of processors is 2 in the first and 8 in the second/,
    );
  });
});

describe('SCVMM', () => {
  const vm = {
    Name: 'app01',
    ID: 'aaaaaaaa-0000-4000-8000-000000000001',
    VMCPath: `D:\\app01\\Virtual Machines\\${VM_ID}.xml`,
    CPUCount: 2,
    Memory: 4096,
    Generation: 1,
    StatusString: 'Saved',
    OperatingSystem: { Name: 'Windows Server 2016 Datacenter', Architecture: 1 },
    VirtualHardDisks: [
      { Name: 'data', Location: 'D:\\data.vhdx', MaximumSize: 2048, Size: 9, VHDType: 2, ParentDisk: null },
      { Name: 'os', Location: 'D:\\os_1.avhdx', MaximumSize: 1024, Size: 4, VHDType: 3, ParentDisk: 'os' },
    ],
    VirtualDiskDrives: [
      { BusType: 'SCSI', Bus: 0, Lun: 1, VirtualHardDisk: 'data' },
      { BusType: 1, Bus: 0, Lun: 0, VirtualHardDisk: { Name: 'os' } },
    ],
    VirtualNetworkAdapters: [
      {
        MACAddress: '00:1D:D8:B7:1C:8F',
        VirtualNetwork: null,
        VMNetwork: 'tenant',
        VLanEnabled: true,
        VLanID: 7,
        VirtualNetworkAdapterType: 2,
        IPv4Addresses: '10.1.2.3 10.1.2.4',
        IPv6Addresses: '',
      },
    ],
    VMCheckpoints: [{ Name: 'one' }],
  };

  it('counts memory in MiB, and names the VM by the id of its configuration', () => {
    const { machine, findings } = machineOf({ 'scvmm.json': { vms: [vm] } });
    expect(machine).toMatchObject({
      name: 'app01',
      sourceId: VM_ID.toLowerCase(),
      guest: { family: GuestFamily.WINDOWS, name: 'Windows Server 2016 Datacenter', arch: 'x86_64' },
      memoryBytes: 4096n * 1024n * 1024n,
      firmware: Firmware.BIOS,
      disks: [
        { id: 'ide0:0', label: 'os_1.avhdx', sizeBytes: 1024n, boot: true },
        { id: 'scsi0:1', label: 'data.vhdx', sizeBytes: 2048n, boot: false },
      ],
      nics: [{ model: 'netvsc', network: 'tenant', vlan: 7, addresses: ['10.1.2.3', '10.1.2.4'] }],
    });
    expect(codes(findings)).toEqual(['disk.snapshot-open', 'machine.snapshots', 'machine.state-saved']);
  });

  it('does not say which disk boots where it does not say how disks are attached', () => {
    const { machine, findings } = machineOf({
      'scvmm.json': { ...vm, VirtualDiskDrives: undefined, StatusString: 'PowerOff', VMCheckpoints: [] },
    });
    expect(machine.disks).toMatchObject([
      { id: 'disk0', controller: undefined, boot: true },
      { id: 'disk1', boot: false },
    ]);
    expect(codes(findings)).toEqual(['disk.boot-assumed', 'disk.snapshot-open']);
  });

  it('knows a disk with a parent for one that holds differences', () => {
    const [data] = vm.VirtualHardDisks;
    const { findings } = machineOf({
      'scvmm.json': {
        ...vm,
        StatusString: '',
        VMCheckpoints: [],
        VirtualHardDisks: [{ ...data, ParentDisk: 'base' }],
      },
    });
    expect(codes(findings)).toEqual(['disk.boot-assumed', 'disk.differencing']);
  });

  it('leaves numbers out that no real file explains', () => {
    const [nic] = vm.VirtualNetworkAdapters;
    const { machine } = machineOf({
      'scvmm.json': {
        ...vm,
        OperatingSystem: { Name: 'Unknown', Architecture: 9 },
        VirtualNetworkAdapters: [{ ...nic, VirtualNetworkAdapterType: 5 }],
        VirtualDiskDrives: [{ BusType: 4, Bus: 0, Lun: 0, VirtualHardDisk: 'os' }],
      },
    });
    expect(machine.guest).toEqual({ family: GuestFamily.UNSPECIFIED, name: undefined, arch: undefined });
    expect(machine.nics[0]?.model).toBeUndefined();
    expect(machine.disks.every(({ controller }) => controller === undefined)).toBe(true);
  });
});

describe("Forklift's details", () => {
  const details: PlainNode | object = {
    web01: {
      Security: { TpmEnabled: true, SecureBoot: true },
      HasCheckpoint: true,
      Disks: [{ Path: 'C:\\os.vhdx', Capacity: 4096 }],
      GuestOS: 'Debian GNU/Linux 12',
      GuestNetworks: [
        { MAC: '00155D010101', IPs: ['192.168.1.10', 'fe80::1'], Subnets: ['255.255.252.0', '64'] },
      ],
    },
    web02: { Security: null, HasCheckpoint: false, Disks: [] },
  };

  it('describe machines by name', () => {
    const [first, second] = machinesOf({ 'details.json': details });
    expect(first?.machine).toMatchObject({
      name: 'web01',
      firmware: Firmware.UEFI,
      secureBoot: true,
      tpm: true,
      guest: { family: GuestFamily.LINUX },
      disks: [{ id: 'disk0', sizeBytes: 4096n }],
      nics: [{ mac: '00:15:5d:01:01:01', addresses: ['192.168.1.10/22', 'fe80::1/64'] }],
    });
    expect(codes(first?.findings ?? [])).toEqual(['machine.snapshots']);
    expect(second?.machine).toMatchObject({
      name: 'web02',
      firmware: Firmware.UNSPECIFIED,
      disks: [],
      nics: [],
    });
  });

  it('add to the configuration of the same name', () => {
    const [first, second] = machinesOf({ 'details.json': details, 'vm.xml': xmlOf(tree) });
    expect(first).toMatchObject({
      from: 'vm.xml',
      machine: { tpm: true, disks: [{ id: 'scsi0:0', sizeBytes: 4096n }] },
    });
    expect(second?.machine.name).toBe('web02');
  });
});
