import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AscendError } from '../../../../proto/errors.ts';
import { Severity } from '../../../../proto/gen/ascend/v1/finding.ts';
import { Firmware } from '../../../../proto/gen/ascend/v1/machine.ts';
import { codes, machineOf, machinesOf } from '../fixtures.ts';

const WEB = '6d0a1f6e-53a5-4c43-8d0e-9f6a3d3e0001';
const OTHER = '6d0a1f6e-53a5-4c43-8d0e-9f6a3d3e0002';
const CHECKPOINT = '6d0a1f6e-53a5-4c43-8d0e-9f6a3d3e00cc';
const NIC_ID = '6d0a1f6e-53a5-4c43-8d0e-9f6a3d3e000a';
const GIB = 1024 ** 3;

const web = {
  Id: WEB,
  VMId: WEB,
  Name: 'web01',
  VMName: 'web01',
  State: 3,
  Generation: 2,
  ProcessorCount: 4,
  MemoryStartup: 4 * GIB,
  MemoryAssigned: 0,
  DynamicMemoryEnabled: false,
  Notes: 'shop',
  CreationTime: '/Date(1488869314761)/',
  ParentSnapshotId: null,
  HardDrives: ['Microsoft.HyperV.PowerShell.HardDiskDrive'],
  NetworkAdapters: 'Microsoft.HyperV.PowerShell.VMNetworkAdapter',
};

const noCheckpoint = { VMSnapshotId: '00000000-0000-0000-0000-000000000000', VMSnapshotName: null };

function drive(at: number, path: string, more: object = {}) {
  return {
    ControllerType: 1,
    ControllerNumber: 0,
    ControllerLocation: at,
    Path: path,
    DiskNumber: null,
    SupportPersistentReservations: false,
    VMId: WEB,
    VMName: 'web01',
    ...noCheckpoint,
    ...more,
  };
}

function adapter(more: object = {}) {
  return {
    Id: `Microsoft:${WEB.toUpperCase()}\\${NIC_ID.toUpperCase()}`,
    Name: 'Network Adapter',
    MacAddress: '00155D01020A',
    SwitchName: 'Production',
    IsLegacy: false,
    IsManagementOs: false,
    Connected: true,
    IPAddresses: ['10.0.0.5', 'fe80::1'],
    VMId: WEB,
    VMName: 'web01',
    ...noCheckpoint,
    ...more,
  };
}

describe('Get-VM', () => {
  it('describes a machine, sizes in bytes', () => {
    const { machine, findings, origins } = machineOf({ 'vm.json': web });
    expect(machine).toMatchObject({
      name: 'web01',
      sourceId: WEB,
      cpu: { count: 4 },
      memoryBytes: 4n * 1024n ** 3n,
      firmware: Firmware.UEFI,
      secureBoot: undefined,
      tpm: undefined,
      disks: [],
      nics: [],
      notes: 'shop',
    });
    expect(findings).toEqual([]);
    expect(origins.of('memoryBytes')).toEqual({ file: 'vm.json', key: 'MemoryStartup' });
  });

  it.each([
    ['a list', [web]],
    ['lists in lists', [[web], []]],
    ['the list of Windows PowerShell 5.1', { value: [web], Count: 1 }],
    ["a script's object of lists", { exportedBy: 'nightly', vms: [web], drives: [drive(0, 'C:\\a.vhdx')] }],
  ])('is read from %s', (_what, content) => {
    expect(machineOf({ 'vm.json': content }).machine.name).toBe('web01');
  });

  it('has its disks and adapters in it with a greater -Depth', () => {
    const deep = {
      ...web,
      HardDrives: [drive(1, 'C:\\b.vhdx'), drive(0, 'C:\\a.vhdx')],
      NetworkAdapters: [adapter()],
    };
    const { machine } = machineOf({ 'vm.json': deep });
    expect(machine.disks.map(({ id }) => id)).toEqual(['scsi0:0', 'scsi0:1']);
    expect(machine.nics).toEqual([
      {
        id: 'nic0',
        mac: '00:15:5d:01:02:0a',
        model: 'netvsc',
        network: 'Production',
        vlan: undefined,
        connected: true,
        addresses: ['10.0.0.5', 'fe80::1'],
        guestNames: [],
      },
    ]);
  });

  it.each<[string, unknown, string | undefined]>([
    ['number 2', 2, 'machine.was-running'],
    ['number 3', 3, undefined],
    ['number 6', 6, 'machine.state-saved'],
    ['number 9', 9, 'machine.was-running'],
    ['name', 'Saved', 'machine.state-saved'],
    ['number and name', { value: 6, Value: 'Saved' }, 'machine.state-saved'],
    ['number beyond any', 2 ** 60, undefined],
  ])('tells the state by %s', (_what, State, code) => {
    expect(codes(machineOf({ 'vm.json': { ...web, State } }).findings)).toEqual(code ? [code] : []);
  });

  it('tells of checkpoints', () => {
    const { findings } = machineOf({ 'vm.json': { ...web, ParentSnapshotId: CHECKPOINT } });
    expect(codes(findings)).toEqual(['machine.snapshots']);
  });
});

describe('what other cmdlets say', () => {
  it('is joined by id', () => {
    const other = { ...web, Id: OTHER, VMId: OTHER, Name: 'db01', VMName: 'db01' };
    const [first, second] = machinesOf({
      'a-vhd.json': [{ Path: 'c:\\A.VHDX', VhdFormat: 3, VhdType: 3, FileSize: 4194304, Size: 40 * GIB }],
      'drives.json': [drive(0, 'C:\\a.vhdx'), [drive(0, 'C:\\other.vhdx', { VMId: OTHER, VMName: 'web01' })]],
      'nics.json': [
        adapter(),
        adapter({ IsManagementOs: true, VMId: '00000000-0000-0000-0000-000000000000' }),
      ],
      'security.json': { VMId: WEB, VMName: 'web01', TpmEnabled: true, Shielded: false },
      'vm.json': [web, other],
    });
    expect(first?.machine).toMatchObject({
      name: 'web01',
      tpm: true,
      disks: [{ label: 'a.vhdx', sizeBytes: 40n * 1024n ** 3n }],
      nics: [{ mac: '00:15:5d:01:02:0a' }],
    });
    expect(first?.origins.of('disks.scsi0:0.sizeBytes')).toEqual({ file: 'a-vhd.json', key: '[0].Size' });
    expect(second?.machine).toMatchObject({
      name: 'db01',
      tpm: undefined,
      disks: [{ label: 'other.vhdx' }],
      nics: [],
    });
  });

  it('is joined by name where a script left the id out, unless two machines have the name', () => {
    const noId = { VMId: undefined, VMName: 'WEB01' };
    const twin = { ...web, Id: OTHER, VMId: OTHER };
    expect(machineOf({ 'vm.json': web, 'd.json': drive(0, 'C:\\a.vhdx', noId) }).machine.disks).toHaveLength(
      1,
    );
    const twins = machinesOf({ 'vm.json': [web, twin], 'd.json': drive(0, 'C:\\a.vhdx', noId) });
    expect(twins.flatMap(({ machine }) => machine.disks)).toEqual([]);
  });

  it('of a checkpoint is not of the machine', () => {
    const old = drive(0, 'C:\\old.vhdx', { VMSnapshotId: CHECKPOINT });
    const { machine, findings } = machineOf({
      'vm.json': web,
      'd.json': [old, drive(0, 'C:\\new.avhdx')],
      'checkpoints.json': { ...web, Id: CHECKPOINT, Name: 'before', SnapshotType: 0 },
    });
    expect(machine.disks).toMatchObject([{ label: 'new.avhdx' }]);
    expect(codes(findings)).toEqual(['disk.snapshot-open', 'machine.snapshots']);
  });

  it('about disks of the host, shared disks and differences', () => {
    const { machine, findings, diskReferences } = machineOf({
      'vm.json': web,
      'd.json': [
        drive(0, 'Disk 2 10.00 GB Bus 0 Lun 1 Target 0', { DiskNumber: 2 }),
        drive(1, 'C:\\q.vhdx', { SupportPersistentReservations: true, DiskNumber: 4294967295 }),
        drive(2, 'C:\\child.vhdx'),
        { ...drive(3, 'C:\\w.iso'), Name: 'DVD Drive on SCSI controller number 0 at location 3' },
      ],
      'v.json': {
        Path: 'C:\\child.vhdx',
        VhdFormat: 'VHDX',
        VhdType: 'Differencing',
        ParentPath: 'C:\\p.vhdx',
      },
      'f.json': { VMId: WEB, VMName: 'web01', SecureBoot: 'On', BootOrder: [] },
    });
    expect(machine.disks.map(({ id }) => id)).toEqual(['scsi0:0', 'scsi0:1', 'scsi0:2']);
    expect(machine.secureBoot).toBe(true);
    expect(findings).toMatchObject([
      { code: 'disk.boot-assumed', severity: Severity.INFO },
      { code: 'disk.raw-device', subject: 'scsi0:0', severity: Severity.WARN },
      { code: 'disk.shared', subject: 'scsi0:1' },
      { code: 'disk.differencing', subject: 'scsi0:2' },
    ]);
    expect(diskReferences.get('scsi0:0')).toEqual({ names: [] });
  });

  it.each<[string, object, object]>([
    ['in the adapter', { VlanSetting: { OperationMode: 1, AccessVlanId: 12 } }, {}],
    [
      'as an object of its own',
      {},
      {
        OperationMode: 'Access',
        AccessVlanId: 12,
        ParentAdapter: { Id: `Microsoft:X\\${NIC_ID}`, VMId: WEB },
      },
    ],
    [
      'by the text that names the adapter',
      {},
      {
        OperationMode: 1,
        AccessVlanId: 12,
        ParentAdapter: `VMNetworkAdapter (Name = 'Network Adapter', VMName = 'web01') [VMId = '${WEB}']`,
      },
    ],
  ])('gives the VLAN %s', (_what, more, vlan) => {
    const { machine } = machineOf({ 'vm.json': web, 'n.json': adapter(more), 'a-vlan.json': vlan });
    expect(machine.nics).toMatchObject([{ vlan: 12 }]);
  });

  it('tells of a trunk', () => {
    const VlanSetting = { OperationMode: 2, AccessVlanId: 0, NativeVlanId: 10 };
    const { machine, findings } = machineOf({ 'vm.json': web, 'n.json': adapter({ VlanSetting }) });
    expect(machine.nics[0]?.vlan).toBeUndefined();
    expect(codes(findings)).toEqual(['nic.vlan-trunk']);
  });

  it('about the host is of no machine, not even of one without a name', () => {
    const nameless = { ...web, Name: null, VMName: null };
    const host = adapter({
      IsManagementOs: true,
      VMId: '00000000-0000-0000-0000-000000000000',
      VMName: null,
    });
    expect(machineOf({ 'vm.json': nameless, 'n.json': host }).machine.nics).toEqual([]);
  });

  it('about a drive without a disk is no disk', () => {
    const empty = drive(0, '', { DiskNumber: 4294967295 });
    const { machine, findings } = machineOf({ 'vm.json': web, 'd.json': empty });
    expect(machine.disks).toEqual([]);
    expect(findings).toMatchObject([{ code: 'disk.empty', subject: 'scsi0:0', severity: Severity.INFO }]);
  });

  it('alone describes no machine', () => {
    expect(machinesOf({ 'd.json': [drive(0, 'C:\\a.vhdx')], 'n.json': adapter() })).toEqual([]);
  });
});

describe('the boot order', () => {
  const firmware = (BootOrder: object[]) => ({ VMId: WEB, VMName: 'web01', SecureBoot: 1, BootOrder });
  const venHw = (channel: string) =>
    `VenHw(9B17E5A2-0891-42DD-B653-80B5C22809BA,${'AB'.repeat(16)}${channel})`;
  const scsi = (channel: string, unit: number) => ({
    BootType: 1,
    FirmwarePath: `\\AcpiEx(VMBus,0,0)\\${venHw(channel)}\\Scsi(0,${unit})`,
    Device: 'Microsoft.HyperV.PowerShell.HardDiskDrive',
  });
  const disks = [drive(0, 'C:\\a.vhdx'), drive(1, 'C:\\b.vhdx')];

  it('of generation 2 puts the named disk first, and secure boot 1 is off', () => {
    const { machine, findings } = machineOf({
      'vm.json': web,
      'd.json': disks,
      'f.json': [firmware([scsi('00'.repeat(16), 1), { BootType: 2, FirmwarePath: '\\MAC(00155D01020A)' }])],
    });
    expect(machine.disks).toMatchObject([
      { id: 'scsi0:1', boot: true },
      { id: 'scsi0:0', boot: false },
    ]);
    expect(machine.secureBoot).toBe(false);
    expect(findings).toEqual([]);
  });

  it('of generation 2 is unclear where two controllers have a disk in that place', () => {
    const second = drive(1, 'C:\\c.vhdx', { ControllerNumber: 1 });
    const files = { 'vm.json': web, 'd.json': [...disks, second] };
    const unclear = machineOf({ ...files, 'f.json': firmware([scsi('00'.repeat(16), 1)]) });
    expect(unclear.machine.disks[0]?.id).toBe('scsi0:0');
    expect(codes(unclear.findings)).toEqual(['disk.boot-assumed']);
    const Device = { ControllerType: 1, ControllerNumber: 1, ControllerLocation: 1, Path: 'C:\\c.vhdx' };
    const clear = machineOf({ ...files, 'f.json': firmware([{ BootType: 'Drive', Device }]) });
    expect(clear.machine.disks[0]?.id).toBe('scsi1:1');
  });

  it('of generation 1 says whether the network comes first', () => {
    const bios = (StartupOrder: unknown[]) => ({ VMId: WEB, VMName: 'web01', StartupOrder });
    const files = {
      'vm.json': { ...web, Generation: 1 },
      'd.json': drive(0, 'C:\\a.vhd', { ControllerType: 'IDE' }),
    };
    const disk = machineOf({ ...files, 'b.json': bios([1, 2, 3, 0]) });
    expect(disk.machine).toMatchObject({ firmware: Firmware.BIOS, disks: [{ id: 'ide0:0' }] });
    expect(disk.findings).toEqual([]);
    const network = machineOf({ ...files, 'b.json': bios(['CD', 'LegacyNetworkAdapter', 'IDE']) });
    expect(codes(network.findings)).toEqual(['machine.boots-from-network']);
  });
});

describe('hostile PowerShell JSON', () => {
  it('with more disks than Hyper-V allows is refused', () => {
    const drives = Array.from({ length: 2000 }, (_, index) => drive(index, `C:\\${index}.vhdx`));
    expect(() => machinesOf({ 'vm.json': web, 'd.json': drives })).toThrow(/more than 1024 disks/);
  });

  it('gives machines or an error of ours, whatever its values are', () => {
    const value = fc.oneof(
      fc.constantFrom(
        null,
        '',
        'IDE',
        'SCSI',
        '\\Scsi(0,99999)',
        '/Date(1)/',
        -1,
        2 ** 63,
        1.5,
        '00155D01020A',
      ),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const record = (fields: object) =>
      fc.record(Object.fromEntries(Object.keys(fields).map((name) => [name, value])));
    const files = fc.record({
      'vm.json': fc.oneof(record(web), fc.constant<object>(web)),
      'd.json': fc.array(record(drive(0, '')), { maxLength: 4 }),
      'n.json': record(adapter()),
      'f.json': record({ VMName: 1, SecureBoot: 1, BootOrder: 1 }),
      'v.json': record({ Path: 1, VhdType: 1, VhdFormat: 1, Size: 1 }),
    });
    fc.assert(
      fc.property(files, (contents) => {
        try {
          machinesOf(contents);
        } catch (error) {
          if (!(error instanceof AscendError)) throw error;
        }
      }),
      { numRuns: 100 },
    );
  });
});
