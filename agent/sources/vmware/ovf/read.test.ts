import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AscendError } from '../../../../proto/errors.ts';
import { Firmware, GuestFamily, Machine } from '../../../../proto/gen/ascend/v1/machine.ts';
import { openDocument } from '../../../documents/document.ts';
import type { Choice } from '../../source.ts';
import { vmware } from '../index.ts';
import {
  config,
  cpus,
  diskItem,
  DISKS,
  envelope,
  item,
  memory,
  REFERENCES,
  scsi,
  system,
  web01,
} from './fixtures.ts';

function readAll(text: string, choice: Choice = {}) {
  const document = openDocument('web01.ovf', Buffer.from(text));
  expect(vmware.recognise(document)).toEqual({ what: 'an OVF descriptor', role: 'machine' });
  return vmware.read({ documents: [document], paths: ['web01.ovf'] }, choice);
}

function read(text: string, choice: Choice = {}) {
  const [first] = readAll(text, choice).machines;
  if (!first) throw new Error('no machine');
  return first;
}

const codes = (findings: { code: string }[]) => findings.map(({ code }) => code);

it('reads a machine of OVF 1', () => {
  const nic = {
    InstanceID: 20,
    ResourceType: 10,
    ResourceSubType: 'VmxNet3',
    Connection: 'LAN',
    AutomaticAllocation: 'true',
  };
  const { machine, diskReferences, findings, origins } = read(
    web01(item(nic, '', config('slotInfo.pciSlotNumber', '192')), config('firmware', 'efi')),
  );
  expect(findings).toEqual([]);
  expect(machine).toMatchObject({
    name: 'web01',
    cpu: { count: 2 },
    memoryBytes: 2n * 1024n ** 3n,
    firmware: Firmware.UEFI,
    tpm: false,
    disks: [
      {
        id: 'scsi0:0',
        label: 'Hard disk 1',
        sizeBytes: 16n * 1024n ** 3n,
        controller: { kind: 'scsi', model: 'pvscsi', bus: 0, unit: 0 },
        boot: true,
      },
    ],
    nics: [
      { id: 'ethernet0', model: 'vmxnet3', network: 'LAN', connected: true, guestNames: ['ens192', 'eth0'] },
    ],
  });
  expect(machine.secureBoot).toBeUndefined();
  expect(diskReferences.get('scsi0:0')).toEqual({ names: ['web01-disk1.vmdk'] });
  expect(origins.of('memoryBytes')).toMatchObject({
    file: 'web01.ovf',
    key: expect.stringContaining('Item[2]') as string,
  });
});

it('reads the sections of OVF 0.9 and of OVF 2 alike', () => {
  const old = web01()
    .replaceAll('http://schemas.dmtf.org/ovf/envelope/1', 'http://www.vmware.com/schema/ovf/1/envelope')
    .replace('<Envelope', '<Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"')
    .replaceAll('InstanceID', 'InstanceId')
    .replaceAll('VirtualSystem ovf:id', 'Content xsi:type="ovf:VirtualSystem_Type" ovf:id')
    .replaceAll('</VirtualSystem>', '</Content>')
    .replaceAll(/<(DiskSection|VirtualHardwareSection)>/g, '<Section xsi:type="ovf:$1_Type">')
    .replaceAll(/<\/(DiskSection|VirtualHardwareSection)>/g, '</Section>');
  const two = web01()
    .replaceAll('ovf/envelope/1', 'ovf/envelope/2')
    .replace(/<Item ([^/]*<rasd:InstanceID>10)/, '<StorageItem $1')
    .replace(/<\/Item><\/VirtualHardwareSection>/, '</StorageItem></VirtualHardwareSection>');
  expect(old).toContain('Section xsi:type="ovf:DiskSection_Type"');
  for (const text of [old, two]) {
    const { machine } = read(text);
    expect(machine.disks).toMatchObject([{ id: 'scsi0:0', sizeBytes: 16n * 1024n ** 3n }]);
    expect(machine.memoryBytes).toBe(2n * 1024n ** 3n);
  }
});

it.each(['ovf:/disk/vmdisk1', '/disk/vmdisk1', 'ovf://disk/vmdisk1', 'vmdisk1', 'vmdisk1/image1'])(
  'finds the disk behind the host resource %s',
  (resource) => {
    const text = envelope(REFERENCES, DISKS, system(scsi + diskItem(0, resource)));
    expect(read(text).machine.disks[0]?.sizeBytes).toBe(16n * 1024n ** 3n);
  },
);

it('finds machines in nested collections, in the order of the document', () => {
  const inner = `<VirtualSystemCollection ovf:id="b">${system(memory(1), '', 'one')}</VirtualSystemCollection>`;
  const outer = `<VirtualSystemCollection ovf:id="a">${inner}${system(memory(2), '', 'two')}</VirtualSystemCollection>`;
  const { machines } = readAll(envelope(outer));
  expect(machines.map(({ machine }) => [machine.name, machine.memoryBytes])).toEqual([
    ['one', 1024n ** 2n],
    ['two', 2n * 1024n ** 2n],
  ]);
});

const SIZES = `<DeploymentOptionSection><Info/>
  <Configuration ovf:id="small"><Label>Small</Label></Configuration>
  <Configuration ovf:id="large" ovf:default="true"><Label>Large</Label></Configuration>
</DeploymentOptionSection>`;
// The second states what differs: the unit of the first holds.
const SIZED = [
  cpus(1),
  cpus(8, 'ovf:configuration="huge large"'),
  memory(1024),
  item({ InstanceID: 2, ResourceType: 4, VirtualQuantity: 4096 }, 'ovf:configuration="large"'),
  item({ InstanceID: 2, ResourceType: 4, VirtualQuantity: 9 }, 'ovf:bound="max"'),
].join('');

it('takes the default configuration, and lists the others', () => {
  const { machines, findings } = readAll(envelope(SIZES, system(SIZED)));
  expect(machines[0]?.machine).toMatchObject({ cpu: { count: 8 }, memoryBytes: 4n * 1024n ** 3n });
  expect(findings).toMatchObject([{ code: 'ovf.configurations' }]);
  expect(findings[0]?.message).toContain('small (Small), large (Large). large, its default, is taken.');
  expect(findings[0]?.remedy).toContain('--config small');
});

it('takes the configuration that is asked for, and the first where none is the default', () => {
  const asked = readAll(envelope(SIZES, system(SIZED)), { config: 'small' });
  expect(asked.findings).toEqual([]);
  expect(asked.machines[0]?.machine).toMatchObject({ cpu: { count: 1 }, memoryBytes: 1024n ** 3n });
  const without = readAll(envelope(SIZES.replace(' ovf:default="true"', ''), system(SIZED)));
  expect(without.machines[0]?.machine.cpu?.count).toBe(1);
});

it('refuses a configuration that is not there, and names those that are', () => {
  const wanted = () => readAll(envelope(SIZES, system(SIZED)), { config: 'medium' });
  expect(wanted).toThrow(expect.objectContaining({ code: 'usage.invalid' }));
  expect(wanted).toThrow('It has small (Small), large (Large).');
  expect(() => readAll(web01(), { config: 'x' })).toThrow('It has none.');
});

it('says where Secure Boot and firmware contradict each other', () => {
  const { machine, findings } = read(
    web01(config('firmware', 'bios'), config('bootOptions.efiSecureBootEnabled', 'true')),
  );
  expect(machine).toMatchObject({ firmware: Firmware.BIOS, secureBoot: false });
  expect(codes(findings)).toEqual(['machine.firmware-contradiction']);
  const twice = read(web01(config('firmware', 'bios'), config('firmware', 'efi')));
  expect(twice.machine.firmware).toBe(Firmware.UEFI);
  expect(codes(twice.findings)).toEqual(['machine.firmware-contradiction']);
});

it.each([1, 34])('finds a TPM of resource type %d', (type) => {
  const tpm = item({ InstanceID: 13, ResourceType: type, ResourceSubType: 'vmware.vtpm' });
  expect(read(web01(tpm)).machine.tpm).toBe(true);
});

it.each([
  ['ovf:compression="gzip"', 'disk.compressed'],
  ['ovf:chunkSize="2147483648"', 'disk.chunked'],
])('says that a file with %s cannot be read as it is', (attribute, code) => {
  const references = REFERENCES.replace('/>', ` ${attribute}/>`);
  const { findings } = read(envelope(references, DISKS, system(scsi + diskItem(0, '/disk/vmdisk1'))));
  expect(codes(findings)).toEqual([code]);
});

it('knows a file by its URI and by its plain name, and says that a URL is elsewhere', () => {
  const named = (href: string) =>
    read(
      envelope(
        REFERENCES.replace('web01-disk1.vmdk', href),
        DISKS,
        system(scsi + diskItem(0, '/disk/vmdisk1')),
      ),
    );
  expect(named('my%20disk.vmdk').diskReferences.get('scsi0:0')?.names).toEqual([
    'my%20disk.vmdk',
    'my disk.vmdk',
  ]);
  expect(named('100%.vmdk').diskReferences.get('scsi0:0')?.names).toEqual(['100%.vmdk']);
  expect(codes(named('https://example.com/a.vmdk').findings)).toEqual(['disk.elsewhere']);
});

it('tells empty disks, deltas and broken references apart', () => {
  const disks = DISKS.replace(
    '</DiskSection>',
    '<Disk ovf:diskId="empty" ovf:capacity="1024"/><Disk ovf:diskId="delta" ovf:fileRef="file1" ovf:parentRef="vmdisk1" ovf:capacity="1"/></DiskSection>',
  );
  const items = ['/disk/empty', '/disk/delta', '/disk/nowhere'].map((resource, unit) =>
    diskItem(unit, resource),
  );
  const { machine, findings } = read(envelope(REFERENCES, disks, system(scsi + items.join(''))));
  expect(findings.map(({ code, subject }) => [code, subject])).toEqual([
    ['disk.empty', 'scsi0:0'],
    ['disk.differencing', 'scsi0:1'],
    ['disk.reference-broken', 'scsi0:2'],
  ]);
  expect(machine.disks.map(({ sizeBytes }) => sizeBytes)).toEqual([1024n, 1n, undefined]);
});

it('takes a size from the property that it refers to', () => {
  const product =
    '<ProductSection><Info/><Property ovf:key="size" ovf:type="uint64" ovf:value="8"/></ProductSection>';
  const disks = DISKS.replace('ovf:capacity="16"', 'ovf:capacity="${size}"');
  const text = (more: string) =>
    envelope(REFERENCES, disks, system(scsi + diskItem(0, '/disk/vmdisk1'), more));
  expect(read(text(product)).machine.disks[0]?.sizeBytes).toBe(8n * 1024n ** 3n);
  expect(codes(read(text('')).findings)).toEqual(['machine.value-invalid']);
});

it('gives disks that claim one address different ones', () => {
  const twice = diskItem(0, '/disk/vmdisk1') + diskItem(0, '/disk/vmdisk1').replace('>10<', '>99<');
  const { machine } = read(envelope(REFERENCES, DISKS, system(scsi + twice)));
  expect(machine.disks.map(({ id }) => id)).toEqual(['scsi0:0', 'scsi0:1']);
});

it.each([
  ['vmw:osType="debian12_64Guest" ovf:id="96"', GuestFamily.LINUX, 'debian12_64Guest', 'x86_64'],
  ['ovf:id="94"', GuestFamily.LINUX, '94', 'x86_64'],
  ['ovf:id="69"', GuestFamily.WINDOWS, '69', undefined],
  ['ovf:id="42"', GuestFamily.OTHER, '42', undefined],
  ['ovf:id="1"', GuestFamily.UNSPECIFIED, undefined, undefined],
])('takes the operating system %s for what it is', (attributes, family, id, arch) => {
  const section = `<OperatingSystemSection ${attributes}><Info/><Description>An OS</Description></OperatingSystemSection>`;
  expect(read(envelope(system(memory(1), section))).machine.guest).toEqual({
    family,
    id,
    name: 'An OS',
    arch,
  });
});

it('takes MAC, firmware and identity from what VirtualBox adds', () => {
  const nic = item({ InstanceID: 20, ResourceType: 10, ResourceSubType: 'E1000', Connection: 'NAT' });
  const machine =
    `<vbox:Machine uuid="{39a69c87-0433-4945-8e25-b89431544a28}"><Hardware><Firmware type="EFI"/>
    <Network><Adapter slot="0" enabled="true" MACAddress="0800272AFB4E"/><Adapter slot="1" enabled="false" MACAddress="0800272AFB4F"/></Network>
  </Hardware></vbox:Machine>`.replaceAll(/<(\/?)(Hardware|Firmware|Network|Adapter)/g, '<$1vbox:$2');
  expect(read(envelope(system(nic, machine))).machine).toMatchObject({
    sourceId: '39a69c87-0433-4945-8e25-b89431544a28',
    firmware: Firmware.UEFI,
    nics: [{ mac: '08:00:27:2a:fb:4e', model: 'e1000' }],
  });
});

it('leaves out memory without a unit, and does not add up what is stated twice', () => {
  const bare = item({ InstanceID: 2, ResourceType: 4, VirtualQuantity: 512 });
  const { machine, findings } = read(envelope(system(bare)));
  expect(machine.memoryBytes).toBeUndefined();
  expect(codes(findings)).toEqual(['machine.value-invalid']);
  const twice = read(envelope(system(cpus(2) + cpus(4).replace('>1<', '>7<'))));
  expect(twice.machine.cpu?.count).toBe(2);
  expect(codes(twice.findings)).toEqual(['ovf.item-repeated']);
});

it('shortens a name of 10,000 characters and says so', () => {
  const { machine, findings } = read(envelope(system(memory(1), '', '😀'.repeat(5000))));
  expect(machine.name).toBe('😀'.repeat(255));
  expect(codes(findings)).toEqual(['machine.name-shortened']);
});

it('says that a descriptor without a virtual system describes no machine', () => {
  const document = openDocument('disks.ovf', Buffer.from(envelope(REFERENCES, DISKS)));
  expect(vmware.recognise(document)).toMatchObject({ role: 'other' });
});

it('is not taken in by another envelope', () => {
  const soap = '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><VirtualSystem/></Envelope>';
  expect(vmware.recognise(openDocument('a.xml', Buffer.from(soap)))).toBeUndefined();
});

it('makes of any mutation of a descriptor a machine that can be sent, or an AscendError', () => {
  const good = envelope(SIZES, REFERENCES, DISKS, system(SIZED + scsi + diskItem(0, '/disk/vmdisk1')));
  const values = fc.constantFrom(
    '',
    '-1',
    '4294967296',
    '99999999999999999999',
    '${x}',
    'byte*2^99',
    '17',
    '6',
    '20',
  );
  const mutation = fc.tuple(fc.nat(good.length), fc.nat(8), values);
  const property = fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
    const text = mutations.reduce(
      (all, [at, cut, put]) => all.slice(0, at) + put + all.slice(at + cut),
      good,
    );
    const document = openDocument('x.ovf', Buffer.from(text));
    if (vmware.recognise(document)?.role !== 'machine') return;
    try {
      for (const { machine } of vmware.read({ documents: [document], paths: [] }, {}).machines) {
        Machine.decode(Machine.encode(machine).finish());
      }
    } catch (error) {
      expect(error).toBeInstanceOf(AscendError);
    }
  });
  fc.assert(property, { numRuns: 300 });
});
