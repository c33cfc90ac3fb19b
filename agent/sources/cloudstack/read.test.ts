import { expect, it } from 'vitest';
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import {
  DATA,
  DOMBLKLIST,
  DOMINFO,
  domainXml,
  readAll,
  ROOT,
  UUID,
  VIRTUAL_MACHINE,
  VOLUMES,
} from './fixtures.ts';
import { cloudstack } from './index.ts';

const codes = ({ findings }: { findings: { code: string }[] }) => findings.map(({ code }) => code);
const POINT = 'i-2-33-VM/2026.01.02.03.04.05';
const DISKS = [`root.${ROOT}.qcow2`, `datadisk.${DATA}.qcow2`];
const inPoint = (names: string[], folder = POINT) => names.map((name) => `${folder}/${name}`);

it('makes one machine of a domain XML and the answers of the API', () => {
  const { machines } = readAll({
    'domain.xml': domainXml(),
    'vms.json': [{ ...VIRTUAL_MACHINE, details: {} }],
    'volumes.json': VOLUMES,
  });
  expect(machines).toHaveLength(1);
  expect(machines[0]?.machine).toMatchObject({
    name: 'web01',
    sourceId: UUID,
    firmware: Firmware.BIOS,
    disks: [
      { id: 'vda', label: 'ROOT-33', sizeBytes: 10n << 30n, controller: { kind: 'virtio' }, boot: true },
      { id: 'sda', label: 'DATA-33', sizeBytes: 20n << 30n },
    ],
    nics: [
      { id: 'net0', network: 'prod', vlan: 511, addresses: ['10.1.1.20/23', 'fd00::20/64', '10.1.1.21'] },
    ],
  });
  expect(machines[0]?.machine.tags.owner).toBe('ops');
  expect(machines[0]?.origins.of('nics.net0.addresses')?.file).toBe('vms.json');
  expect(machines[0]?.origins.of('disks.vda.sizeBytes')?.file).toBe('volumes.json');
  expect(codes(machines[0]!)).toEqual([]);
});

it('knows a volume by the serial of its disk, where its path is another', () => {
  const moved = domainXml().replace(`/mnt/pool/${ROOT}`, '/mnt/pool/after-migration');
  const [only] = readAll({ 'domain.xml': moved, 'volumes.json': VOLUMES }).machines;
  expect(only?.machine.disks[0]?.sizeBytes).toBe(10n << 30n);
  expect(only?.diskReferences.get('vda')?.names).toContain(ROOT);
});

it('tells where the API and the domain XML do not agree', () => {
  const vm = {
    ...VIRTUAL_MACHINE,
    id: 33,
    cpunumber: 2,
    memory: 512,
    nic: { ...VIRTUAL_MACHINE.nic[1], isolationuri: 'vlan://7' },
  };
  const [only, second] = readAll({ 'domain.xml': domainXml(), 'vm.json': [vm] }).machines;
  expect(second).toBeUndefined();
  expect(codes(only!)).toEqual(Array(4).fill('machine.contradiction'));
  expect(only?.machine.cpu?.count).toBe(4);
});

it('completes what virsh printed by the API', () => {
  const { machines } = readAll({
    'dominfo.xml': DOMINFO,
    'domblklist.xml': DOMBLKLIST,
    'vm.json': [VIRTUAL_MACHINE],
  });
  expect(machines).toHaveLength(1);
  expect(machines[0]?.machine).toMatchObject({ name: 'web01', firmware: Firmware.UEFI, secureBoot: true });
  expect(machines[0]?.origins.of('firmware')?.file).toBe('vm.json');
});

it('gives a machine the files of its NAS backup, whatever its storage was', () => {
  const xml = domainXml({
    devices: `<disk><source dev='/dev/drbd/by-res/cs-${ROOT}/0'/><target dev='vda' bus='virtio'/></disk>`,
  });
  const { machines } = readAll({ [`${POINT}/domain-config.xml`]: xml }, inPoint(DISKS));
  expect(machines[0]?.diskReferences.get('vda')?.names[0]).toBe(`root.${ROOT}.qcow2`);
});

it('takes a NAS backup for whole, where the disks lay in layers on their host', () => {
  const layered = `<disk><source file='/p/${ROOT}'/><backingStore><source file='/p/base'/></backingStore><target dev='vda'/></disk>`;
  const files = { [`${POINT}/domain-config.xml`]: domainXml({ devices: layered }) };
  expect(codes(readAll(files).machines[0]!)).toEqual(['disk.differencing']);
  expect(codes(readAll(files, inPoint(DISKS)).machines[0]!)).toEqual([]);
});

it('describes a backup of a stopped machine by its files, and no further', () => {
  const { machines } = readAll({}, inPoint(DISKS));
  expect(machines[0]?.machine).toMatchObject({
    name: 'i-2-33-VM',
    firmware: Firmware.UNSPECIFIED,
    disks: [
      { id: 'root', label: ROOT, boot: true },
      { id: 'datadisk1', label: DATA, boot: false },
    ],
    nics: [],
  });
  expect(machines[0]?.machine.memoryBytes).toBeUndefined();
  expect(codes(machines[0]!)).toEqual(['machine.undescribed']);
  expect(machines[0]?.diskReferences.get('root')?.names).toEqual([`root.${ROOT}.qcow2`, ROOT]);
});

it('gives the machine of an API answer above the backup the disks of the backup', () => {
  const { machines } = readAll({ 'vm.json': [VIRTUAL_MACHINE] }, inPoint(DISKS));
  expect(machines).toHaveLength(1);
  expect(machines[0]?.machine).toMatchObject({ name: 'web01', disks: [{ id: 'root' }, { id: 'datadisk1' }] });
  expect(machines[0]?.diskReferences.get('root')?.names[0]).toBe(`${POINT}/root.${ROOT}.qcow2`);
  expect(codes(machines[0]!)).toEqual([]);
});

it('reads the newest of several backups of a machine, and says so', () => {
  const older = {
    'i-2-33-VM/2025.12.31.03.04.05/domain-config.xml': domainXml({
      name: 'i-2-33-VM',
      vcpu: '<vcpu>1</vcpu>',
    }),
  };
  const newer = { [`${POINT}/domain-config.xml`]: domainXml() };
  const paths = [...inPoint(DISKS), ...inPoint(DISKS, 'i-2-33-VM/2025.12.31.03.04.05')];
  const { machines, findings } = readAll({ ...older, ...newer }, paths);
  expect(machines.map(({ machine }) => machine.cpu?.count)).toEqual([4]);
  expect(codes({ findings })).toEqual(['backup.several-points']);
});

it('lists the machines of a whole repository', () => {
  const { machines } = readAll({}, [
    ...inPoint(DISKS),
    ...inPoint([`root.${DATA}.qcow2`], 'i-2-34-VM/2026.01.01.00.00.00'),
  ]);
  expect(machines.map(({ machine }) => machine.name)).toEqual(['i-2-33-VM', 'i-2-34-VM']);
});

it.each([
  [
    [`0.root.${ROOT}.qcow2`, `1.datadisk.${DATA}.qcow2`, '1.datadisk.b2.qcow2'],
    ['root', 'datadisk1', 'datadisk2'],
    ['disk.order-unknown'],
  ],
  [[`root.${ROOT}.qcow2`, `root.${DATA}.qcow2`], ['root', 'root2'], ['disk.boot-assumed']],
  [['root.emc-vol-1.qcow2', 'root.emc-vol-1.qcow2.tmp', 'backup.xml'], ['root'], ['backup.unfinished']],
])('reads a folder of %j', (names, ids, found) => {
  const { machines } = readAll({}, inPoint(names));
  expect(machines[0]?.machine.disks.map(({ id }) => id)).toEqual(ids);
  expect(codes(machines[0]!)).toEqual(expect.arrayContaining(found));
});

it.each([
  [inPoint(DISKS), true],
  [DISKS, true],
  [[`${POINT}/root.emc-vol-1.qcow2`], true],
  [['root.img.qcow2'], false],
  [['web01.qcow2', `${ROOT}.qcow2`, `root.${ROOT}.raw`], false],
])('knows the layout of %j: %s', (paths, known) => {
  expect(cloudstack.recogniseLayout?.(paths) !== undefined).toBe(known);
});

it.each([
  ['/nas/i-2-33-VM/2026.01.02.03.04.05', '/nas/i-2-33-VM'],
  ['/nas/i-2-33-VM/2026.01.02.03.04.05/', '/nas/i-2-33-VM'],
  ['/nas/i-2-33-VM', undefined],
  ['/nas/2026.01.02', undefined],
])('lets the backup in %s read from %s', (folder, boundary) => {
  expect(cloudstack.boundary?.(folder)).toBe(boundary);
});
