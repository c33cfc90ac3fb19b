import { expect, it } from 'vitest';
import { Firmware, GuestFamily, Machine } from '../../../../proto/gen/ascend/v1/machine.ts';
import { openDocument } from '../../../documents/document.ts';
import { vmware } from '../index.ts';

const WEB01 = `.encoding = "UTF-8"
config.version = "8"
virtualHW.version = "19"
displayName = "web01"
guestOS = "debian12-64"
guestInfo.detailed.data = "bitness='64' prettyName='Debian GNU/Linux 12 (bookworm)' kernelVersion='6.1'"
uuid.bios = "56 4d 4b 9e d2 17 63 9b-98 0e 92 5d 77 2a a3 83"
memSize = "2048"
numvcpus = "4"
cpuid.coresPerSocket = "2"
scsi0.present = "TRUE"
scsi0.virtualDev = "pvscsi"
scsi0:0.present = "TRUE"
scsi0:0.fileName = "web01.vmdk"
ethernet0.present = "TRUE"
ethernet0.virtualDev = "vmxnet3"
ethernet0.networkName = "LAN"
ethernet0.addressType = "generated"
ethernet0.generatedAddress = "00:0C:29:AA:BB:CC"
ethernet0.pciSlotNumber = "192"
annotation = "two|0Alines"
`;

function read(text: string) {
  const document = openDocument('web01.vmx', Buffer.from(text));
  expect(vmware.recognise(document)).toEqual({ what: 'a VMX file', role: 'machine' });
  const [machine, ...others] = vmware.read({ documents: [document], paths: ['web01.vmx'] }, {}).machines;
  expect(others).toEqual([]);
  if (!machine) throw new Error('no machine');
  return machine;
}

/** web01 with further lines, which win over its own. */
const machineWith = (...lines: string[]) => read(WEB01 + lines.join('\n')).machine;
const codesWith = (...lines: string[]) => read(WEB01 + lines.join('\n')).findings.map(({ code }) => code);

it('reads a whole machine', () => {
  expect(read(WEB01)).toMatchObject({
    from: 'web01.vmx',
    findings: [],
    diskReferences: new Map([['scsi0:0', { names: ['web01.vmdk'] }]]),
    machine: {
      name: 'web01',
      platform: 'vmware',
      sourceId: '564d4b9e-d217-639b-980e-925d772aa383',
      guest: {
        family: GuestFamily.LINUX,
        id: 'debian12-64',
        name: 'Debian GNU/Linux 12 (bookworm)',
        arch: 'x86_64',
      },
      cpu: { count: 4, sockets: 2, coresPerSocket: 2 },
      memoryBytes: 2048n * 1024n * 1024n,
      firmware: Firmware.BIOS,
      secureBoot: false,
      tpm: false,
      disks: [
        {
          id: 'scsi0:0',
          label: 'web01.vmdk',
          controller: { kind: 'scsi', model: 'pvscsi', bus: 0, unit: 0 },
          boot: true,
        },
      ],
      nics: [
        {
          id: 'ethernet0',
          mac: '00:0c:29:aa:bb:cc',
          model: 'vmxnet3',
          network: 'LAN',
          connected: true,
          addresses: [],
          guestNames: ['ens192', 'eth0'],
        },
      ],
      notes: 'two\nlines',
      tags: {},
    },
  });
});

const disk = (id: string, file = `${id.replace(':', '-')}.vmdk`) =>
  `${id}.present = "TRUE"\n${id}.fileName = "${file}"`;
const ids = (machine: Machine) => machine.disks.map(({ id }) => id);

it('puts disks in the order in which the BIOS looks at them', () => {
  const many = ['nvme0:0', 'sata0:0', 'scsi1:0', 'scsi0:10', 'scsi0:2', 'ide1:0'].map((id) => disk(id));
  const machine = machineWith(...many);
  expect(ids(machine)).toEqual(['ide1:0', 'scsi0:0', 'scsi0:2', 'scsi0:10', 'scsi1:0', 'sata0:0', 'nvme0:0']);
  expect(machine.disks.filter(({ boot }) => boot).map(({ id }) => id)).toEqual(['ide1:0']);
});

it.each([
  ['scsi0:2', ['scsi0:2', 'scsi0:0', 'scsi0:1']],
  ['SCSI0:2, scsi0:1', ['scsi0:2', 'scsi0:1', 'scsi0:0']],
  ['scsi0:9,scsi0:1', ['scsi0:1', 'scsi0:0', 'scsi0:2']],
  ['', ['scsi0:0', 'scsi0:1', 'scsi0:2']],
])('boots the disk that bios.hddOrder = %j names first', (order, expected) => {
  const machine = machineWith(disk('scsi0:1'), disk('scsi0:2'), `bios.hddOrder = "${order}"`);
  expect(ids(machine)).toEqual(expected);
  expect(machine.disks[0]?.boot).toBe(true);
});

it.each([
  ['a CD image', 'ide1:0.deviceType = "cdrom-image"'],
  ['a CD drive', 'ide1:0.deviceType = "atapi-cdrom"'],
  ['an empty device', 'ide1:0.fileName = "auto detect"'],
  ['an empty CD drive', 'ide1:0.deviceType = "cdrom-raw"\nide1:0.fileName = "emptyBackingString"'],
  ['a disk that is not present', 'ide1:0.present = "FALSE"'],
  ['a disk of an odd presence', 'ide1:0.present = "constructor"'],
])('takes %s for no disk', (_what, lines) => {
  expect(ids(machineWith(disk('ide1:0', 'x.iso'), lines))).toEqual(['scsi0:0']);
});

it.each(['scsi-hardDisk', 'ata-hardDisk', 'disk'])('takes deviceType %s for a disk', (type) => {
  expect(ids(machineWith(disk('scsi0:3'), `scsi0:3.deviceType = "${type}"`))).toContain('scsi0:3');
});

it('says which snapshot was open', () => {
  const { findings } = read(`${WEB01}scsi0:0.fileName = "web01-000003.vmdk"`);
  expect(findings).toMatchObject([{ code: 'disk.snapshot-open', subject: 'scsi0:0' }]);
  expect(findings[0]?.message).toContain('web01-000003.vmdk');
});

it('keeps a physical disk and says what it is', () => {
  const { machine, findings } = read(`${WEB01}${disk('scsi0:1')}\nscsi0:1.deviceType = "rawDisk"`);
  expect(ids(machine)).toEqual(['scsi0:0', 'scsi0:1']);
  expect(findings).toMatchObject([{ code: 'disk.raw-device', subject: 'scsi0:1' }]);
});

it('says that Secure Boot without UEFI is a contradiction', () => {
  expect(codesWith('uefi.secureBoot.enabled = "TRUE"')).toEqual(['machine.firmware-contradiction']);
  expect(machineWith('uefi.secureBoot.enabled = "TRUE"').secureBoot).toBe(false);
});

it('names a network of Workstation after its switch or its kind', () => {
  const networkOf = (...lines: string[]) =>
    machineWith('ethernet0.networkName = ""', ...lines).nics[0]?.network;
  expect(networkOf('ethernet0.connectionType = "nat"')).toBe('nat');
  expect(networkOf('ethernet0.connectionType = "custom"', 'ethernet0.vnet = "VMnet5"')).toBe('VMnet5');
});

it('keeps where each fact came from', () => {
  const { origins } = read(WEB01);
  expect(origins.of('memoryBytes')).toEqual({ file: 'web01.vmx', key: 'memSize' });
  expect(origins.of('nics.ethernet0.mac')?.key).toBe('ethernet0.generatedAddress');
  expect(origins.of('disks.scsi0:0.controller')?.key).toBe('scsi0.virtualDev');
});

it('takes a static MAC where the type says so, and the generated one else', () => {
  const addresses = ['ethernet0.address = "00:50:56:00:00:01"'];
  expect(machineWith(...addresses).nics[0]?.mac).toBe('00:0c:29:aa:bb:cc');
  expect(machineWith(...addresses, 'ethernet0.addressType = "vpx"').nics[0]?.mac).toBe('00:0c:29:aa:bb:cc');
  expect(machineWith(...addresses, 'ethernet0.addressType = "Static"').nics[0]?.mac).toBe(
    '00:50:56:00:00:01',
  );
});

it.each(['00:0c:29:aa:bb:cc|0AName=evil', 'ff'])('leaves out the MAC %j and says so', (mac) => {
  const lines = [`ethernet0.generatedAddress = "${mac}"`];
  expect(machineWith(...lines).nics[0]?.mac).toBeUndefined();
  expect(codesWith(...lines)).toEqual(['nic.mac-invalid']);
});

it('derives the names that a NIC may have had in the guest', () => {
  const names = (slot: string) =>
    machineWith(`ethernet0.pciSlotNumber = "${slot}"`).nics.map((nic) => nic.guestNames);
  expect(names('33')).toEqual([['ens33', 'eth0']]);
  expect(names('-1')).toEqual([[]]);
});

it('keeps NICs in their order, and knows which are absent or unplugged', () => {
  const { nics } = machineWith(
    'ethernet10.present = "TRUE"',
    'ethernet2.present = "TRUE"',
    'ethernet2.startConnected = "FALSE"',
    'ethernet1.present = "FALSE"',
    'ethernet1.networkName = "LAN"',
  );
  expect(nics.map(({ id, connected }) => [id, connected])).toEqual([
    ['ethernet0', true],
    ['ethernet2', false],
    ['ethernet10', true],
  ]);
});

it('names a network after its port group, distributed port group or opaque network', () => {
  const networkOf = (...lines: string[]) =>
    machineWith('ethernet0.networkName = ""', ...lines).nics[0]?.network;
  expect(networkOf('ethernet0.dvs.portgroupId = "dvportgroup-42"')).toBe('dvportgroup-42');
  expect(networkOf('ethernet0.opaqueNetwork.id = "9d1b"')).toBe('9d1b');
  expect(networkOf()).toBeUndefined();
});

it('reads UEFI, Secure Boot and a TPM', () => {
  const machine = machineWith(
    'firmware = "EFI"',
    'uefi.secureBoot.enabled = "TRUE"',
    'vtpm.present = "TRUE"',
  );
  expect(machine).toMatchObject({ firmware: Firmware.UEFI, secureBoot: true, tpm: true });
});

it.each([
  ['windows2019srv-64', GuestFamily.WINDOWS, 'x86_64'],
  ['winxppro', GuestFamily.WINDOWS, 'i686'],
  ['centos', GuestFamily.LINUX, 'i686'],
  ['other5xlinux-64', GuestFamily.LINUX, 'x86_64'],
  ['arm-debian12-64', GuestFamily.LINUX, 'aarch64'],
  ['freebsd13-64', GuestFamily.OTHER, 'x86_64'],
  ['darwin22-64', GuestFamily.OTHER, 'x86_64'],
  ['other', GuestFamily.OTHER, undefined],
])('takes guestOS %s for family %s on %s', (guestOs, family, arch) => {
  expect(machineWith(`guestOS = "${guestOs}"`).guest).toMatchObject({ family, arch, id: guestOs });
});

it('leaves out what an almost empty file does not say', () => {
  const { machine, findings } = read('config.version = "8"\n');
  expect(machine).toMatchObject({
    name: '',
    cpu: { count: 1, sockets: 1, coresPerSocket: 1 },
    disks: [],
    nics: [],
  });
  expect(machine.memoryBytes).toBeUndefined();
  expect(findings).toEqual([]);
});

it('stops at an encrypted configuration, but not where only secrets are', () => {
  const encrypted = 'encryption.data = "AAAA"';
  expect(() => machineWith(encrypted)).toThrow(expect.objectContaining({ code: 'source.invalid' }));
  expect(() => machineWith(encrypted)).toThrow('web01.vmx: the VM is encrypted');
  expect(machineWith(encrypted, 'vmx.encryptionType = "partial"').name).toBe('web01');
});

it.each([
  ['memsize = "999999999999999"'],
  ['memsize = "-1"'],
  ['numvcpus = "0"'],
  ['numvcpus = "999999999999999"'],
  ['cpuid.coresPerSocket = "0"'],
  ['cpuid.coresPerSocket = "999999999"'],
  ['scsi99:99.present = "TRUE"\nscsi99:99.fileName = "x"'],
  ['uefi.secureBoot.enabled = "constructor"'],
  ['ethernet0.startConnected = "toString"'],
])('makes a machine that can be sent, even of %s', (lines) => {
  const machine = machineWith(lines);
  expect(Machine.decode(Machine.encode(machine).finish()).name).toBe('web01');
  expect(machine.cpu?.sockets).toBeGreaterThan(0);
});

it('reads the others where one of several is encrypted', () => {
  const open = (name: string, text: string) => openDocument(name, Buffer.from(text));
  const documents = [
    open('a.vmx', 'config.version = "8"\nencryption.data = "AAAA"'),
    open('web01.vmx', WEB01),
  ];
  const { machines, findings } = vmware.read({ documents, paths: [] }, {});
  expect(machines.map(({ from }) => from)).toEqual(['web01.vmx']);
  expect(findings).toMatchObject([{ code: 'metadata.unreadable', subject: 'a.vmx' }]);
});

it('tells VMX files from others by their content', () => {
  const recognise = (text: string) => vmware.recognise(openDocument('web01.vmx', Buffer.from(text)));
  expect(recognise('virtualHW.version = "4"\r\n')).toMatchObject({ role: 'machine' });
  expect(recognise('# Disk DescriptorFile\nversion=1\nddb.virtualHWVersion = "4"\n')).toBeUndefined();
  expect(recognise('')).toBeUndefined();
  expect(recognise('\n'.repeat(64 * 1024))).toBeUndefined();
});
