import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AscendError } from '../../../../proto/errors.ts';
import { Severity } from '../../../../proto/gen/ascend/v1/finding.ts';
import { Firmware } from '../../../../proto/gen/ascend/v1/machine.ts';
import { codes, configurationOf, decodedOf, machineOf, machinesOf, vhd, VM_ID, xmlOf } from '../fixtures.ts';
import { writeLog, writeVmcx, type PlainNode } from '../vmcx/fixtures.ts';

const SCSI_A = '11111111-aaaa-4bbb-8ccc-000000000001';
const SCSI_B = '11111111-aaaa-4bbb-8ccc-000000000002';
const NIC = '22222222-aaaa-4bbb-8ccc-000000000001';

const gen2 = configurationOf({
  scsi: {
    [SCSI_B]: {
      ChannelInstanceGuid: '{33333333-AAAA-4BBB-8CCC-00000000000B}',
      controller0: { drive0: vhd('D:\\b.vhdx') },
    },
    [SCSI_A]: {
      ChannelInstanceGuid: '{33333333-AAAA-4BBB-8CCC-00000000000A}',
      controller0: {
        drive10: vhd('D:\\a10.vhdx'),
        drive2: vhd('D:\\a2.vhdx'),
        drive0: { type: 'ISO', pathname: 'x.iso' },
      },
    },
  },
  ethernet: {
    [NIC]: {
      ChannelInstanceGuid: '{44444444-AAAA-4BBB-8CCC-000000000001}',
      FriendlyName: 'Network Adapter',
      MacAddress: '00-15-5D-01-02-0A',
      IsConnected: true,
      SwitchName: 'Production',
    },
  },
});

function xml(tree: PlainNode) {
  return machineOf({ 'Virtual Machines/vm.xml': xmlOf(tree) });
}

describe('a configuration', () => {
  it('is the same machine as XML, as VMCX and decoded', () => {
    const { machine, from, diskReferences } = xml(gen2);
    expect(machine).toMatchObject({
      name: 'web01',
      platform: 'hyperv',
      sourceId: VM_ID.toLowerCase(),
      cpu: { count: 2 },
      memoryBytes: 2048n * 1024n * 1024n,
      firmware: Firmware.UEFI,
      secureBoot: true,
      disks: [
        {
          id: 'scsi0:0',
          label: 'b.vhdx',
          controller: { kind: 'scsi', model: 'hyperv-scsi', bus: 0, unit: 0 },
          boot: true,
        },
        { id: 'scsi1:2', label: 'a2.vhdx', boot: false },
        { id: 'scsi1:10', label: 'a10.vhdx', boot: false },
      ],
      nics: [
        { id: 'nic0', mac: '00:15:5d:01:02:0a', model: 'netvsc', network: 'Production', connected: true },
      ],
      notes: undefined,
      tpm: undefined,
    });
    expect(from).toBe('Virtual Machines/vm.xml');
    expect(diskReferences.get('scsi1:2')).toEqual({ names: ['D:\\a2.vhdx'] });
    expect(machineOf({ 'vm.vmcx': writeVmcx(gen2).content }).machine).toEqual(machine);
    expect(machineOf({ 'vm.json': decodedOf(gen2) }).machine).toEqual(machine);
  });

  it('says where each fact came from', () => {
    const { origins } = xml(gen2);
    const file = 'Virtual Machines/vm.xml';
    expect(origins.of('memoryBytes')).toEqual({ file, key: 'configuration/settings/memory/bank/size' });
    expect(origins.of('firmware')).toEqual({ file, key: 'configuration/properties/subtype' });
    expect(origins.of('disks.scsi0:0.label')).toEqual({
      file,
      key: `configuration/_${SCSI_B}_/controller0/drive0/pathname`,
    });
    expect(origins.of('nics.nic0.mac')?.key).toBe(`configuration/_${NIC}_/MacAddress`);
    expect(origins.of('notes')).toBeUndefined();
  });

  it('of generation 1 has its IDE disks first, and boots the first of them', () => {
    const { machine, findings } = xml(
      configurationOf({
        subtype: 0n,
        firmware: {
          boot: { device0: 'Optical', device1: 'HardDrive', device2: 'Network', device3: 'Floppy' },
        },
        ide: {
          controller1: { drive1: vhd('C:\\third.vhd'), drive0: { type: 'ISO', pathname: '' } },
          controller0: { drive1: vhd('C:\\second.vhd'), drive0: vhd('C:\\first.vhd') },
        },
        scsi: { [SCSI_A]: { controller0: { drive0: vhd('C:\\fourth.vhdx') } } },
        more: {
          '_8f0d2762-0b00-4e04-af4f-19010527cb93_': {
            controller0: { drive0: { type: 'VFD', pathname: '' } },
          },
        },
      }),
    );
    expect(machine.firmware).toBe(Firmware.BIOS);
    expect(machine.secureBoot).toBe(false);
    expect(machine.disks.map(({ id, label, boot }) => [id, label, boot])).toEqual([
      ['ide0:0', 'first.vhd', true],
      ['ide0:1', 'second.vhd', false],
      ['ide1:1', 'third.vhd', false],
      ['scsi0:0', 'fourth.vhdx', false],
    ]);
    expect(machine.disks[2]?.controller).toEqual({ kind: 'ide', model: undefined, bus: 1, unit: 1 });
    expect(findings).toEqual([]);
  });

  it('of 2008 R2 names no generation, and had but one', () => {
    const tree = configurationOf({ subtype: 0n, properties: { version: 512n, subtype: '' } });
    expect(xml(tree).machine.firmware).toBe(Firmware.BIOS);
  });

  it('of generation 1 without a disk on IDE boots what nobody knows', () => {
    const { machine, findings } = xml(
      configurationOf({ subtype: 0n, scsi: { [SCSI_A]: { controller0: { drive0: vhd('C:\\data.vhdx') } } } }),
    );
    expect(machine.disks).toMatchObject([{ id: 'scsi0:0', boot: true }]);
    expect(findings).toMatchObject([{ code: 'disk.boot-assumed', severity: Severity.WARN }]);
  });

  it('keeps unused drives and empty ones out of the disks', () => {
    const { machine, findings } = xml(
      configurationOf({ subtype: 0n, ide: { controller0: { drive0: vhd('C:\\a.vhd'), drive1: vhd('') } } }),
    );
    expect(machine.disks).toHaveLength(1);
    expect(codes(findings)).toEqual(['disk.empty']);
  });
});

/** A load option for a SCSI disk on the controller with this channel (bytes of its GUID). */
function loadOption(channel: Buffer, unit: number): Buffer {
  const vendor = Buffer.concat([Buffer.from([1, 4, 52, 0]), Buffer.alloc(32), channel]);
  const scsi = Buffer.from([3, 2, 8, 0, 0, 0, unit, 0]);
  const description = Buffer.from('EFI SCSI Device\0', 'utf16le');
  return Buffer.concat([
    Buffer.from([1, 0, 0, 0, 68, 0]),
    description,
    vendor,
    scsi,
    Buffer.from([0x7f, 0xff, 4, 0]),
  ]);
}

const NETWORK = Buffer.concat([
  Buffer.from([1, 0, 0, 0, 37, 0, 0x4e, 0, 0, 0]),
  Buffer.from([3, 11, 37, 0]),
  Buffer.alloc(33),
]);
const VARIABLE = '_8BE4DF61-93CA-11D2-AA0D-00E098032B8C';
const CHANNEL_A = Buffer.from('33333333aaaabb4b8ccc00000000000a', 'hex');

function withBootOrder(order: number[], options: Record<string, Buffer>): PlainNode {
  const nvram: PlainNode = {
    [`${VARIABLE}BootOrder`]: { data: Buffer.from(Uint16Array.from(order).buffer) },
  };
  for (const [number, data] of Object.entries(options)) nvram[`${VARIABLE}Boot${number}`] = { data };
  return configurationOf({
    firmware: { nvram },
    scsi: {
      [SCSI_A]: {
        ChannelInstanceGuid: '{33333333-AAAA-4BBB-8CCC-00000000000A}',
        controller0: { drive0: vhd('a0.vhdx'), drive1: vhd('a1.vhdx') },
      },
      [SCSI_B]: {
        ChannelInstanceGuid: '{33333333-AAAA-4BBB-8CCC-00000000000B}',
        controller0: { drive1: vhd('b1.vhdx') },
      },
    },
  });
}

describe('the boot entries of a generation 2 configuration', () => {
  it('put the disk first that they name by channel and unit', () => {
    // 4bbb is little endian in the bytes: bb 4b.
    const { machine, findings, origins } = xml(
      withBootOrder([2, 10], { '0002': loadOption(CHANNEL_A, 1), '000A': NETWORK }),
    );
    expect(machine.disks.map(({ label }) => label)).toEqual(['a1.vhdx', 'a0.vhdx', 'b1.vhdx']);
    expect(findings).toEqual([]);
    expect(origins.of('disks.scsi0:1.boot')?.key).toContain('BootOrder/data');
  });

  it('are told where the network comes first', () => {
    const { findings } = xml(withBootOrder([10, 2], { '0002': loadOption(CHANNEL_A, 0), '000A': NETWORK }));
    expect(codes(findings)).toEqual(['machine.boots-from-network']);
  });

  it('that lead nowhere leave the first disk, with a finding', () => {
    const { machine, findings } = xml(withBootOrder([7, 9], { '0007': loadOption(Buffer.alloc(16, 9), 0) }));
    expect(machine.disks[0]).toMatchObject({ label: 'a0.vhdx', boot: true });
    expect(codes(findings)).toEqual(['disk.boot-assumed']);
  });

  it('may be any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(xml(withBootOrder([1], { '0001': Buffer.from(bytes) })).machine.disks).toHaveLength(3);
      }),
      { numRuns: 60 },
    );
  });
});

describe('network adapters of a configuration', () => {
  it('are legacy where they have no VMBus channel, and have no address before the first start', () => {
    const { machine, findings } = xml(
      configurationOf({
        subtype: 0n,
        ethernet: {
          [NIC]: { ChannelInstanceGuid: `{${SCSI_A}}`, MacAddress: '00-00-00-00-00-00', SwitchName: '' },
        },
        more: {
          '_55555555-aaaa-4bbb-8ccc-000000000001_': {
            MacAddress: '00155D01020B',
            SwitchName: 'Lab',
            IsConnected: true,
          },
        },
      }),
    );
    expect(machine.nics).toMatchObject([
      { id: 'nic0', mac: undefined, model: 'netvsc', network: undefined },
      { id: 'nic1', mac: '00:15:5d:01:02:0b', model: 'tulip', network: 'Lab' },
    ]);
    expect(findings).toEqual([]);
  });

  it('with VLAN settings say so, though not which', () => {
    const Connection = { 'Feature_952C5004-4465-451C-8CB8-FA9AB382B773': { Flags: 0n } };
    const { machine, findings } = xml(
      configurationOf({ ethernet: { [NIC]: { MacAddress: '', Connection } } }),
    );
    expect(machine.nics[0]?.vlan).toBeUndefined();
    expect(findings).toMatchObject([{ code: 'nic.vlan-unclear', subject: 'nic0', severity: Severity.INFO }]);
  });
});

describe('what a restore should know of a configuration', () => {
  const drive = (node: PlainNode) =>
    configurationOf({
      scsi: { [SCSI_A]: { ChannelInstanceGuid: `{${SCSI_A}}`, controller0: { drive0: node } } },
    });

  it.each<[string, PlainNode, string, Severity]>([
    [
      'a disk of the host',
      { type: 'PhysicalDrive', pathname: '\\\\.\\PHYSICALDRIVE2' },
      'disk.raw-device',
      Severity.WARN,
    ],
    [
      'a disk of the host that calls itself VHD',
      vhd('\\\\?\\PhysicalDrive2'),
      'disk.raw-device',
      Severity.WARN,
    ],
    [
      'a shared disk',
      vhd('C:\\q.vhdx', { persistent_reservations_supported: true }),
      'disk.shared',
      Severity.WARN,
    ],
    ['a VHD set', vhd('C:\\q.vhds'), 'disk.shared', Severity.WARN],
    ['an open checkpoint', vhd('C:\\q_6D1F.avhdx'), 'disk.snapshot-open', Severity.INFO],
    ['an open checkpoint of 2008 R2', vhd('C:\\q_6D1F.AVHD'), 'disk.snapshot-open', Severity.INFO],
  ])('%s', (_what, node, code, severity) => {
    const { machine, findings, diskReferences } = xml(drive(node));
    expect(machine.disks).toMatchObject([{ id: 'scsi0:0' }]);
    expect(findings).toMatchObject([{ code, severity, subject: 'scsi0:0' }]);
    const names = code === 'disk.raw-device' ? [] : [node.pathname];
    expect(diskReferences.get('scsi0:0')).toEqual({ names });
  });

  it.each<[string, PlainNode, string]>([
    [
      'checkpoints',
      configurationOf({ more: { global_settings: { snapshots: { list: { size: 2n } } } } }),
      'machine.snapshots',
    ],
    [
      'an unfinished merge',
      configurationOf({ more: { global_settings: { disk_merge_pending: true } } }),
      'disk.merge-pending',
    ],
    [
      'a saved state',
      configurationOf({ more: { savedstate: { vsvlocation: 'C:\\vm.vsv' } } }),
      'machine.state-saved',
    ],
    [
      'dynamic memory',
      configurationOf({ memory: { dynamic_memory_enabled: true } }),
      'machine.memory-dynamic',
    ],
    [
      'secure boot without UEFI',
      configurationOf({ subtype: 0n, firmware: { secure_boot_enabled: true } }),
      'machine.firmware-contradiction',
    ],
  ])('%s', (_what, tree, code) => {
    expect(codes(xml(tree).findings)).toEqual([code]);
  });

  it('a file with the saved state of this VM, and of no other', () => {
    const files = { 'vm.xml': xmlOf(gen2), 'web01/AAAAAAAA-1D2F-4E3A-9B4C-0F1E2D3C4B5A.vsv': 'x' };
    expect(codes(machineOf(files).findings)).not.toContain('machine.state-saved');
    const saved = machineOf({ ...files, [`web01/${VM_ID}.vsv`]: 'x' });
    expect(codes(saved.findings)).toContain('machine.state-saved');
  });

  it('changes that were in the log of the VMCX alone', () => {
    const { content, logOffset } = writeVmcx(configurationOf({}));
    writeLog(content, logOffset, 1);
    expect(codes(machineOf({ 'vm.vmcx': content }).findings)).toEqual(['machine.changes-pending']);
  });
});

describe('a hostile configuration', () => {
  it('with a name of 10,000 characters has it cut', () => {
    const { machine, findings } = xml(configurationOf({ properties: { name: '\u{1f600}'.repeat(5000) } }));
    expect(machine.name).toBe('\u{1f600}'.repeat(255));
    expect(codes(findings)).toEqual(['machine.name-shortened']);
  });

  it('with numbers that no machine has leaves them out', () => {
    const tree = configurationOf({ memory: { size: -1n } });
    (tree.configuration as PlainNode).settings = {
      memory: { bank: { size: 99999999999999999999n } },
      processors: { count: 4294967296n },
    };
    expect(xml(tree).machine).toMatchObject({ cpu: { count: undefined }, memoryBytes: undefined });
  });

  it('with more disks than Hyper-V allows is refused', () => {
    const drives = Object.fromEntries(
      Array.from({ length: 1100 }, (_, index) => [`drive${index}`, vhd(`C:\\${index}.vhdx`)]),
    );
    const tree = configurationOf({ scsi: { [SCSI_A]: { controller0: drives } } });
    expect(() => xml(tree)).toThrow(/web01 in .*vm.xml has more than 1024 disks/);
  });

  it('gives a machine or an error of ours, whatever its values are', () => {
    const value = fc.oneof(
      fc.string({ maxLength: 12 }).map((text) => text.replaceAll(/[^ -~]/g, '')),
      fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }),
      fc.boolean(),
      fc.constant<PlainNode>({}),
      fc.constantFrom('VHD', 'ISO', '__proto__', '\\\\.\\'),
    );
    const node = fc.dictionary(
      fc.constantFrom(
        'controller0',
        'drive0',
        'type',
        'pathname',
        'MacAddress',
        'boot',
        'device',
        'instance',
      ),
      fc.oneof(value, fc.dictionary(fc.constantFrom('drive0', 'drive7', 'data'), value)),
      { maxKeys: 5 },
    );
    const tree = fc.record({
      firmware: node,
      ide: node,
      scsi: fc.record({ [SCSI_A]: node }),
      memory: node,
      properties: node,
    });
    fc.assert(
      fc.property(tree, (parts) => {
        try {
          machinesOf({ 'vm.xml': xmlOf(configurationOf(parts)) });
        } catch (error) {
          if (!(error instanceof AscendError)) throw error;
        }
      }),
      { numRuns: 100 },
    );
  });
});
