import { execa } from 'execa';
import { expect, it } from 'vitest';
import { Firmware, GuestFamily, type Machine } from '../../../proto/gen/ascend/v1/machine.ts';
import { domainXml, type DomainSpec } from './domain.ts';

const machine: Machine = {
  name: 'web01',
  platform: 'vmware',
  guest: { family: GuestFamily.LINUX },
  cpu: { count: 4, sockets: 2, coresPerSocket: 2 },
  memoryBytes: 2n * 1024n ** 3n,
  firmware: Firmware.BIOS,
  secureBoot: false,
  tpm: false,
  disks: [],
  nics: [
    {
      id: 'ethernet0',
      mac: '00:0c:29:aa:bb:cc',
      network: 'LAN',
      connected: true,
      addresses: [],
      guestNames: [],
    },
    { id: 'ethernet1', network: 'DMZ', connected: false, addresses: [], guestNames: [] },
  ],
  tags: {},
};

const spec: DomainSpec = {
  uuid: '0b1f6d1e-59c4-4b1c-9d2e-6a8c3f0e7a10',
  name: 'web01',
  machine,
  disks: [{ path: '/pool/web01-disk0.qcow2', format: 'qcow2' }],
  networks: ['default', 'dmz'],
  hardwareAcceleration: true,
  consoleLog: '/var/log/libvirt/qemu/x-serial0.log',
};

// A parser that is not of the library that wrote the XML: Python's, as a path/attributes/text triple an element.
const PYTHON = `
import json, sys, xml.etree.ElementTree as tree
def walk(node, path):
    yield [path, node.attrib, (node.text or "")]
    for child in node: yield from walk(child, path + "/" + child.tag)
root = tree.fromstring(sys.stdin.buffer.read())
print(json.dumps(list(walk(root, root.tag))))`;

type Element = [path: string, attributes: Record<string, string>, text: string];

async function parsed(changes: Partial<DomainSpec> = {}, machineChanges: Partial<Machine> = {}) {
  const xml = domainXml({ ...spec, ...changes, machine: { ...machine, ...machineChanges } });
  const { stdout } = await execa('python3', ['-c', PYTHON], { input: xml });
  const elements = JSON.parse(stdout) as Element[];
  const all = (path: string) => elements.filter(([at]) => at === `domain/${path}`.replace(/\/$/, ''));
  return {
    has: (path: string) => all(path).length > 0,
    attributes: (path: string) => all(path).map(([, attributes]) => attributes),
    texts: (path: string) => all(path).map(([, , text]) => text),
  };
}

it('describes a machine with BIOS', async () => {
  const { attributes, texts, has } = await parsed();
  expect(attributes('')).toEqual([{ type: 'kvm' }]);
  expect(texts('name')).toEqual(['web01']);
  expect(texts('uuid')).toEqual([spec.uuid]);
  expect([attributes('memory'), texts('memory')]).toEqual([[{ unit: 'bytes' }], ['2147483648']]);
  expect(texts('vcpu')).toEqual(['4']);
  expect(attributes('cpu')).toEqual([{ mode: 'host-model' }]);
  expect(attributes('cpu/topology')).toEqual([{ sockets: '2', cores: '2', threads: '1' }]);
  expect(attributes('os')).toEqual([{}]);
  expect(attributes('os/type')).toEqual([{ arch: 'x86_64', machine: 'q35' }]);
  expect(has('os/firmware')).toBe(false);
  expect(has('features/smm')).toBe(false);
  expect(has('devices/tpm')).toBe(false);
  expect(has('description')).toBe(false);
});

it('gives every NIC its network and its own MAC, and leaves an unplugged one unplugged', async () => {
  const { attributes } = await parsed();
  expect(attributes('devices/interface/source')).toEqual([{ network: 'default' }, { network: 'dmz' }]);
  expect(attributes('devices/interface/mac')).toEqual([{ address: '00:0c:29:aa:bb:cc' }]);
  expect(attributes('devices/interface/model')).toEqual([{ type: 'virtio' }, { type: 'virtio' }]);
  expect(attributes('devices/interface/link')).toEqual([{ state: 'down' }]);
});

it('logs the serial console where it is read, and shows the screen to this host alone', async () => {
  const { attributes } = await parsed();
  expect(attributes('devices/serial/log')).toEqual([{ file: spec.consoleLog, append: 'off' }]);
  expect(attributes('devices/channel/target')).toEqual([{ type: 'virtio', name: 'org.qemu.guest_agent.0' }]);
  expect(attributes('devices/graphics')).toEqual([{ type: 'vnc', autoport: 'yes', listen: '127.0.0.1' }]);
});

it('emulates where there is no hardware virtualisation', async () => {
  const { attributes } = await parsed({ hardwareAcceleration: false });
  expect(attributes('')).toEqual([{ type: 'qemu' }]);
  expect(attributes('cpu')).toEqual([{ mode: 'maximum' }]);
});

it.each([
  ['UEFI', false, ['no', 'no'], false],
  ['UEFI with Secure Boot', true, ['yes', 'yes'], true],
])('describes a machine with %s', async (_what, secureBoot, enabled, smm) => {
  const { attributes, has } = await parsed({}, { firmware: Firmware.UEFI, secureBoot });
  expect(attributes('os')).toEqual([{ firmware: 'efi' }]);
  expect(attributes('os/firmware/feature')).toEqual([
    { enabled: enabled[0], name: 'secure-boot' },
    { enabled: enabled[1], name: 'enrolled-keys' },
  ]);
  expect(has('features/smm')).toBe(smm);
});

it('gives a machine with a TPM one', async () => {
  const { attributes } = await parsed({}, { tpm: true });
  expect(attributes('devices/tpm')).toEqual([{ model: 'tpm-crb' }]);
  expect(attributes('devices/tpm/backend')).toEqual([{ type: 'emulator', version: '2.0' }]);
});

it('names 30 disks as the kernel does, and boots from the first', async () => {
  const disks = Array.from({ length: 30 }, (_, index) => ({
    path: `/pool/${index}`,
    format: 'qcow2' as const,
  }));
  const { attributes } = await parsed({ disks });
  const names = attributes('devices/disk/target').map(({ dev }) => dev);
  expect([names[0], names[25], names[26], names[29]]).toEqual(['vda', 'vdz', 'vdaa', 'vdad']);
  expect(new Set(names).size).toBe(30);
  expect(attributes('devices/disk/source').map(({ file }) => file)).toEqual(disks.map(({ path }) => path));
  expect(attributes('devices/disk/boot')).toEqual([{ order: '1' }]);
});

it('leaves out a topology that does not add up', async () => {
  const { has } = await parsed({}, { cpu: { count: 3, sockets: 2, coresPerSocket: 2 } });
  expect(has('cpu/topology')).toBe(false);
});

it('keeps every character of names, paths and notes that XML can hold', async () => {
  const odd = `a & b <c> "d" 'e' ]]> &amp; é 服 😀`;
  const { texts, attributes } = await parsed(
    { name: odd, disks: [{ path: `/${odd}`, format: 'qcow2' }], networks: [odd, odd] },
    { notes: `${odd}\nline two\u0001\u000b\ufffe` },
  );
  expect(texts('name')).toEqual([odd]);
  expect(texts('description')).toEqual([`${odd}\nline two`]);
  expect(attributes('devices/disk/source')).toEqual([{ file: `/${odd}` }]);
  expect(attributes('devices/interface/source')).toEqual([{ network: odd }, { network: odd }]);
});

it('refuses a machine whose memory nobody knows', () => {
  const unknown = { ...machine, memoryBytes: undefined };
  expect(() => domainXml({ ...spec, machine: unknown })).toThrow(
    expect.objectContaining({ code: 'run.blocked' }),
  );
});
