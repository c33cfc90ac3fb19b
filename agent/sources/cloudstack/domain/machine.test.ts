import { describe, expect, it } from 'vitest';
import { Firmware, GuestFamily } from '../../../../proto/gen/ascend/v1/machine.ts';
import { documents, domainXml, OS, readAll, UUID } from '../fixtures.ts';
import { recogniseDomain } from './recognise.ts';

function only(xml: string) {
  const { machines } = readAll({ 'vm.xml': xml });
  expect(machines).toHaveLength(1);
  return machines[0]!;
}
const machineOf = (xml: string) => only(xml).machine;
const codes = (xml: string) => only(xml).findings.map(({ code }) => code);
const os = (inner: string, attributes = '', arch = 'x86_64') =>
  `<os ${attributes}><type arch='${arch}'>hvm</type>${inner}</os>`;
const recognised = (xml: string) => recogniseDomain(documents({ 'vm.xml': xml })[0]!);

it('reads a domain of CloudStack, whose description is the system of the guest', () => {
  expect(machineOf(domainXml())).toMatchObject({
    name: 'i-2-33-VM',
    platform: 'cloudstack',
    sourceId: UUID,
    guest: { family: GuestFamily.LINUX, name: 'Debian GNU/Linux 12 (64-bit)', arch: 'x86_64' },
    cpu: { count: 4 },
    memoryBytes: 4n << 30n,
    firmware: Firmware.BIOS,
    secureBoot: false,
    tpm: false,
    notes: undefined,
    disks: [
      { id: 'vda', controller: { kind: 'virtio' }, boot: true },
      { id: 'sda', controller: { kind: 'scsi', model: 'virtio-scsi', bus: 0, unit: 1 }, boot: false },
    ],
    nics: [
      {
        id: 'net0',
        mac: '02:00:4c:5f:00:01',
        network: 'breth1-511',
        vlan: 511,
        guestNames: ['ens10', 'eth0'],
      },
    ],
  });
  expect(codes(domainXml())).toEqual([]);
});

it('takes a domain without a word of CloudStack for a plain one, and says so', () => {
  const xml = domainXml({ name: 'web01', more: '' });
  expect(machineOf(xml)).toMatchObject({ guest: { name: undefined }, notes: 'Debian GNU/Linux 12 (64-bit)' });
  expect(machineOf(xml).nics[0]?.vlan).toBeUndefined();
  expect(codes(xml)).toContain('machine.platform-assumed');
});

it('knows where each fact stands', () => {
  const { origins } = only(domainXml());
  expect(origins.of('memoryBytes')).toEqual({ file: 'vm.xml', key: 'domain/memory' });
  expect(origins.of('disks.sda.boot')).toEqual({ file: 'vm.xml', key: 'domain/os/boot' });
  expect(origins.of('nics.net0.vlan')?.key).toBe('domain/devices/interface/source/@bridge');
});

it('shows no password anywhere', () => {
  const shown = only(domainXml({ devices: "<graphics type='vnc' passwd='s3cr3t-vnc'/>" }));
  const text = JSON.stringify(
    [shown.machine, shown.findings, shown.origins.entries()],
    (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
  );
  expect(text).not.toContain('s3cr3t');
});

it.each([
  ['<memory>1048576</memory>', 1n << 30n],
  ["<memory unit='b'>1024</memory>", 1024n],
  ["<memory unit='bytes'>1024</memory>", 1024n],
  ["<memory unit='KB'>1000</memory>", 1_000_000n],
  ["<memory unit='MiB'>512</memory>", 512n << 20n],
  ["<memory unit='m'>512</memory>", 512n << 20n],
  ["<memory unit='GB'>2</memory>", 2_000_000_000n],
  ["<memory unit='GiB'>128</memory>", 128n << 30n],
  ["<memory unit='T'>1</memory>", 1n << 40n],
  ["<memory unit='furlong'>1</memory>", undefined],
  ["<memory unit='EiB'>99999999999999999999</memory>", undefined],
  ['<memory>-1</memory><currentMemory>5</currentMemory>', undefined],
  ['', undefined],
])('reads %s', (memory, bytes) => {
  expect(machineOf(domainXml({ memory })).memoryBytes).toBe(bytes);
});

it.each([
  ["<vcpu current='2'>8</vcpu>", '', { count: 2, sockets: undefined }],
  [
    '<vcpu>8</vcpu>',
    "<topology sockets='2' cores='2' threads='2'/>",
    { count: 8, sockets: 2, coresPerSocket: 4 },
  ],
  [
    "<vcpu current='4'>8</vcpu>",
    "<topology sockets='8' cores='1' threads='1'/>",
    { count: 4, sockets: 4, coresPerSocket: 1 },
  ],
  [
    "<vcpu current='3'>8</vcpu>",
    "<topology sockets='2' cores='4' threads='1'/>",
    { count: 3, sockets: undefined },
  ],
  ['', '', { count: 1 }],
  ['<vcpu>99999999999</vcpu>', '', { count: undefined }],
])('reads the processors %s with %s', (vcpu, topology, cpu) => {
  expect(machineOf(domainXml({ vcpu, more: `<cpu>${topology}</cpu>` })).cpu).toEqual(cpu);
});

it('tells of a topology that contradicts the number of processors', () => {
  const xml = domainXml({ vcpu: '<vcpu>6</vcpu>', more: "<cpu><topology sockets='2' cores='2'/></cpu>" });
  expect(machineOf(xml).cpu).toEqual({ count: 6 });
  expect(codes(xml)).toContain('machine.contradiction');
});

const { BIOS, UEFI, UNSPECIFIED } = Firmware;
const PFLASH = '/usr/share/OVMF/OVMF_CODE.fd';
it.each([
  [os(''), BIOS, false],
  [os('', "firmware='bios'"), BIOS, false],
  [os('', "firmware='efi'"), UEFI, undefined],
  [os("<firmware><feature enabled='yes' name='enrolled-keys'/></firmware>", "firmware='efi'"), UEFI, true],
  [
    os(
      "<firmware><feature enabled='yes' name='secure-boot'/><feature enabled='no' name='enrolled-keys'/></firmware>",
      "firmware='efi'",
    ),
    UEFI,
    false,
  ],
  [os(`<loader secure='yes' type='pflash'>${PFLASH}</loader><nvram>/x.fd</nvram>`), UEFI, true],
  [os(`<loader type='pflash'>${PFLASH}</loader>`), UEFI, false],
  [os('<loader>/usr/share/edk2/OVMF.fd</loader>'), UEFI, false],
  [os('<loader>/usr/lib/xen/boot/hvmloader</loader>'), BIOS, false],
  [os('', '', 'aarch64'), UNSPECIFIED, undefined],
  ['', UNSPECIFIED, undefined],
])('reads the firmware of %s', (inner, firmware, secureBoot) => {
  expect(machineOf(domainXml({ os: inner }))).toMatchObject({ firmware, secureBoot });
});

it('tells of a loader that contradicts the chosen firmware', () => {
  const xml = domainXml({ os: os(`<loader type='pflash'>${PFLASH}</loader>`, "firmware='bios'") });
  expect(codes(xml)).toContain('machine.firmware-contradiction');
});

it('finds a TPM', () => {
  expect(machineOf(domainXml({ devices: "<tpm model='tpm-crb'/>" })).tpm).toBe(true);
});

const disk = (dev: string, bus: string, more = '') =>
  `<disk device='disk'><source file='/images/${dev}.qcow2'/><target dev='${dev}' bus='${bus}'/>${more}</disk>`;

describe('the order of disks', () => {
  const order = (devices: string) =>
    machineOf(domainXml({ devices })).disks.map(({ id, boot }) => (boot ? `${id}!` : id));

  it('is that of <boot order> where a device has one', () => {
    const cdrom = "<disk device='cdrom'><target dev='sdc' bus='sata'/><boot order='1'/></disk>";
    expect(order(disk('vda', 'virtio') + cdrom + disk('vdb', 'virtio', "<boot order='2'/>"))).toEqual([
      'vdb!',
      'vda',
    ]);
  });

  it('is by bus as first seen, then by letters, as libvirt holds them', () => {
    expect(
      order(disk('vdb', 'virtio') + disk('hda', 'ide') + disk('vdaa', 'virtio') + disk('vda', 'virtio')),
    ).toEqual(['vda!', 'vdb', 'vdaa', 'hda']);
  });

  it('keeps disks apart whose targets are the same or none', () => {
    const nameless = "<disk><source dev='/dev/x'/></disk>";
    expect(new Set(order(disk('vda', 'virtio') + disk('vda', 'virtio') + nameless + nameless)).size).toBe(4);
  });
});

it.each([
  [disk('sda', 'sata'), { kind: 'sata' }],
  [disk('nvmea', 'nvme'), { kind: 'nvme' }],
  [
    disk('hdb', 'ide', "<address type='drive' controller='0' bus='1' unit='1'/>"),
    { kind: 'ide', bus: 1, unit: 1 },
  ],
  ["<disk><source file='/a'/><target dev='vda'/></disk>", { kind: 'virtio' }],
  [disk('sdb', 'usb'), undefined],
])('plugs in %s', (devices, controller) => {
  expect(machineOf(domainXml({ devices })).disks[0]?.controller).toEqual(controller);
});

it.each([
  ["<source file='/mnt/p/a1'/>", ['/mnt/p/a1', 'a1']],
  ["<source dev='/dev/disk/by-id/emc-vol-1'/>", ['/dev/disk/by-id/emc-vol-1', 'emc-vol-1']],
  ["<source protocol='rbd' name='cloudstack/a1'><host name='mon'/></source>", ['cloudstack/a1', 'a1']],
  ["<source pool='images' volume='a1.qcow2'/>", ['a1.qcow2']],
  ["<source dev='/dev/drbd/by-res/cs-a1b2/0'/>", ['/dev/drbd/by-res/cs-a1b2/0', 'a1b2']],
  ["<source protocol='nbd'><host transport='unix' socket='/s'/></source>", []],
])('calls the storage of %s', (source, names) => {
  const { diskReferences } = only(
    domainXml({ devices: `<disk>${source}<target dev='vda' bus='virtio'/></disk>` }),
  );
  expect(diskReferences.get('vda')?.names).toEqual(names);
});

it('tells of layers, keys, sharing, kernels and devices that the disks alone do not hold', () => {
  const layers = "<backingStore><source file='/t/base'/><backingStore/></backingStore>";
  const xml = domainXml({
    os: os('<kernel>/boot/vmlinuz</kernel>'),
    devices:
      disk('vda', 'virtio', `${layers}<encryption format='luks'/><shareable/>`) + "<hostdev type='pci'/>",
  });
  expect(codes(xml)).toEqual([
    'disk.encrypted-at-source',
    'disk.shared',
    'disk.differencing',
    'machine.kernel-outside',
    'machine.host-devices',
  ]);
  expect(only(xml).findings[2]?.message).toContain('/t/base');
});

it.each([
  ["<source bridge='breth1-511'/>", 511],
  ["<source bridge='brbond0-101'/>", 101],
  ["<source bridge='breth1-4095'/>", undefined],
  ["<source bridge='brvx-4000'/>", undefined],
  ["<source bridge='cloud0'/>", undefined],
  ["<source bridge='ovs0'/><vlan><tag id='42'/></vlan>", 42],
  ["<source bridge='ovs0'/><vlan trunk='yes'><tag id='42'/><tag id='7' nativeMode='untagged'/></vlan>", 7],
  ["<source bridge='ovs0'/><vlan trunk='yes'><tag id='42'/><tag id='43'/></vlan>", undefined],
])('reads the VLAN of %s', (inner, vlan) => {
  expect(
    machineOf(domainXml({ devices: `<interface type='bridge'>${inner}</interface>` })).nics[0]?.vlan,
  ).toBe(vlan);
});

it('names NICs after their place on the bus of the machine, and leaves out what is no MAC', () => {
  const nic =
    "<interface><mac address='evil'/><link state='down'/><address type='pci' bus='0x01' slot='0x00'/></interface>";
  const express = OS.replace('pc-i440fx-8.2', 'pc-q35-8.2');
  expect(machineOf(domainXml({ devices: nic + nic, os: express })).nics).toMatchObject([
    { id: 'net0', mac: undefined, connected: false, guestNames: ['enp1s0', 'eth0'] },
    { id: 'net1' },
  ]);
  expect(machineOf(domainXml({ devices: '<interface/>' })).nics[0]).toMatchObject({
    connected: true,
    guestNames: [],
  });
});

it.each([
  ['http://microsoft.com/win/11', GuestFamily.WINDOWS],
  ['http://debian.org/debian/12', GuestFamily.LINUX],
  ['http://freebsd.org/freebsd/14', GuestFamily.OTHER],
  ['http://example.org/unheard/1', GuestFamily.UNSPECIFIED],
])("reads libosinfo's %s", (id, family) => {
  const metadata = `<metadata><l:libosinfo xmlns:l='http://libosinfo.org/xmlns/libvirt/domain/1.0'><l:os id='${id}'/></l:libosinfo></metadata>`;
  expect(machineOf(domainXml({ name: 'web01', more: metadata })).guest).toMatchObject({ id, family });
});

it.each([
  ['r-4-VM', 'virtual router'],
  ['s-1-VM', 'secondary storage'],
  ['v-2-QA', 'console proxy'],
])("does not take CloudStack's own %s for a machine", (name, what) => {
  expect(recognised(domainXml({ name }))).toMatchObject({ role: 'other' });
  expect(recognised(domainXml({ name }))?.what).toContain(what);
});

it("reads a user's domain of a like name", () => {
  expect(recognised(domainXml({ name: 'r-4-db', more: '' }))).toMatchObject({ role: 'machine' });
});

it('passes over system VMs beside a machine', () => {
  const { machines, findings } = readAll({
    'a.xml': domainXml({ name: 'r-4-VM', uuid: 'x' }),
    'b.xml': domainXml(),
  });
  expect(machines.map(({ machine }) => machine.name)).toEqual(['i-2-33-VM']);
  expect(findings.map(({ code }) => code)).toEqual(['machine.system-vm']);
});

it('lists the machines of several documents in one file, and of a test driver', () => {
  const two = domainXml() + domainXml({ name: 'i-2-34-VM', uuid: 'other' });
  for (const xml of [
    `<?xml version='1.0'?>\n${two}`,
    `<node>${two}</node>`,
    `<domstatus>${two}</domstatus>`,
  ]) {
    expect(readAll({ 'vms.xml': xml }).machines.map(({ machine }) => machine.name)).toEqual([
      'i-2-33-VM',
      'i-2-34-VM',
    ]);
  }
});

it('takes the last description of a machine, and says whether they are alike', () => {
  const later = domainXml({ vcpu: '<vcpu>2</vcpu>' });
  expect(codes(domainXml() + domainXml())).toEqual(['machine.described-twice']);
  expect(only(domainXml() + later).machine.cpu?.count).toBe(2);
  expect(codes(domainXml() + later)).toEqual(['machine.described-twice', 'machine.contradiction']);
});

it.each([
  ["<domainsnapshot><name>s1</name><domain type='kvm'/></domainsnapshot>", 'snapshot'],
  ["<domainbackup mode='push'><disks/></domainbackup>", 'take a backup'],
  ['<network><name>default</name></network>', 'network'],
  ['<pool type="dir"><name>default</name></pool>', 'storage pool'],
])('says what %s is', (xml, what) => {
  expect(recognised(xml)).toMatchObject({ role: 'other' });
  expect(recognised(xml)?.what).toContain(what);
});

it.each([
  '<domain/>',
  '<domain><title>x</title></domain>',
  "<domain xmlns='urn:other'><os/></domain>",
  '<network/>',
])('does not claim %s', (xml) => {
  expect(recognised(xml)).toBeUndefined();
});

it('shortens a name that no platform would take, without cutting a character in two', () => {
  const { machine, findings } = only(domainXml({ name: '😀'.repeat(10_000), more: '' }));
  expect(Array.from(machine.name)).toHaveLength(255);
  expect(findings.map(({ code }) => code)).toContain('machine.name-shortened');
});
