import { expect, it } from 'vitest';
import { Firmware, GuestFamily } from '../../../../proto/gen/ascend/v1/machine.ts';
import { DATA, documents, readAll, ROOT, UUID, VIRTUAL_MACHINE, VOLUMES } from '../fixtures.ts';
import { recogniseAnswer } from './lists.ts';

const recognised = (content: string | object) => recogniseAnswer(documents({ 'answer.json': content })[0]!);
const read = (vm: object, volumes: object[] = []) =>
  readAll({
    'vm.json': { virtualmachine: [{ ...VIRTUAL_MACHINE, ...vm }] },
    'volumes.json': { volume: volumes },
  }).machines[0]!;

it('reads a virtual machine and joins it with its volumes, the root first', () => {
  const { machine, diskReferences, from, origins } = read({}, VOLUMES);
  expect(machine).toMatchObject({
    name: 'web01',
    platform: 'cloudstack',
    sourceId: UUID,
    guest: { family: GuestFamily.LINUX, id: VIRTUAL_MACHINE.guestosid, name: 'Debian GNU/Linux 12 (64-bit)' },
    cpu: { count: 4 },
    memoryBytes: 4n << 30n,
    firmware: Firmware.UEFI,
    secureBoot: true,
    disks: [
      {
        id: ROOT,
        label: 'ROOT-33',
        sizeBytes: 10n << 30n,
        controller: { kind: 'scsi', model: 'virtio-scsi' },
        boot: true,
      },
      { id: DATA, label: 'DATA-33', sizeBytes: 20n << 30n, controller: { kind: 'virtio' }, boot: false },
    ],
    nics: [
      {
        id: 'nic-a',
        mac: '02:00:4c:5f:00:01',
        model: 'virtio',
        network: 'prod',
        vlan: 511,
        addresses: ['10.1.1.20/23', 'fd00::20/64', '10.1.1.21'],
      },
      { id: 'nic-b', network: 'n2', vlan: undefined, addresses: [] },
    ],
  });
  expect(Object.entries(machine.tags)).toEqual([
    ['owner', 'ops'],
    ['__proto__', 'kept'],
  ]);
  expect(from).toBe('vm.json');
  expect(diskReferences.get(DATA)?.names).toEqual([DATA, 'DATA-33']);
  expect(origins.of('memoryBytes')).toEqual({ file: 'vm.json', key: 'virtualmachine[0].memory' });
  expect(origins.of(`disks.${DATA}.sizeBytes`)).toEqual({ file: 'volumes.json', key: 'volume[0].size' });
});

it('says that listVirtualMachines lists no disks', () => {
  const { machine, findings } = read({});
  expect(machine.disks).toEqual([]);
  expect(findings.map(({ code }) => code)).toEqual(['machine.disks-unlisted']);
});

it('reads a machine that CloudStack ran on another hypervisor, and says so', () => {
  const { machine, findings } = read(
    { hypervisor: 'VMware', details: { rootDiskController: 'pvscsi' } },
    VOLUMES,
  );
  expect(machine.disks[0]?.controller).toEqual({ kind: 'scsi', model: 'pvscsi' });
  expect(findings.map(({ code }) => code)).toEqual(['machine.other-hypervisor']);
});

const { BIOS, UEFI, UNSPECIFIED } = Firmware;
it.each([
  [{ details: { UEFI: 'LEGACY' } }, UEFI, false],
  [{ details: { UEFI: 'secure' } }, UEFI, true],
  [{ details: {}, boottype: 'Bios', bootmode: 'legacy' }, BIOS, false],
  [{ details: {}, boottype: 'Uefi', bootmode: 'Secure' }, UEFI, true],
  [{ details: {} }, UNSPECIFIED, undefined],
  [{ details: 'constructor' }, UNSPECIFIED, undefined],
])('reads the firmware of %j', (vm, firmware, secureBoot) => {
  const { machine } = read(vm);
  expect([machine.firmware, machine.secureBoot]).toEqual([firmware, secureBoot]);
});

it.each([
  [{ details: { 'virtual.tpm.enabled': 'true' } }, true],
  [{ details: { 'virtual.tpm.model': 'tpm-crb' } }, true],
  [{ details: {} }, undefined],
])('reads the TPM of %j', (vm, tpm) => {
  expect(read(vm).machine.tpm).toBe(tpm);
});

it.each([
  [
    { id: 2600, guestosid: 12 },
    { sourceId: '2600', guest: { id: '12' } },
  ],
  [{ tags: { key: 'one', value: 'alone' } }, { tags: { one: 'alone' } }],
  [
    { tags: 'none', nic: {} },
    { tags: {}, nics: [] },
  ],
  [
    { memory: -1, cpunumber: 1e300 },
    { memoryBytes: undefined, cpu: { count: undefined } },
  ],
  [
    { memory: '99999999999999999999', cpunumber: '0' },
    { memoryBytes: undefined, cpu: { count: undefined } },
  ],
  [{ name: '', displayname: 'shown' }, { name: 'shown' }],
  [{ osdisplayname: 'Windows Server 2022 (64-bit)' }, { guest: { family: GuestFamily.WINDOWS } }],
  [{ osdisplayname: 'Other PV (64-bit)' }, { guest: { family: GuestFamily.UNSPECIFIED } }],
])('reads %j', (vm, expected) => {
  expect(read(vm).machine).toMatchObject(expected);
});

it('takes the NICs of listNics, which know more', () => {
  const nics = [
    { id: 'n', networkid: 'n1', virtualmachineid: UUID, macaddress: '02:00:00:00:00:09', isdefault: true },
  ];
  const { machines } = readAll({
    'vm.json': [VIRTUAL_MACHINE],
    'nics.json': { listnicsresponse: { nic: nics } },
  });
  expect(machines[0]?.machine.nics).toMatchObject([{ id: 'n', mac: '02:00:00:00:00:09' }]);
});

it.each([
  ['with its envelope', { listvirtualmachinesresponse: { count: 1, virtualmachine: [VIRTUAL_MACHINE] } }],
  ['as CloudMonkey prints it', { count: 1, virtualmachine: [VIRTUAL_MACHINE] }],
  ['as a bare list', [VIRTUAL_MACHINE]],
  ['as a bare object', VIRTUAL_MACHINE],
  [
    'as the result of a job',
    { queryasyncjobresultresponse: { jobstatus: 1, jobresult: { virtualmachine: VIRTUAL_MACHINE } } },
  ],
  [
    'in XML',
    `<?xml version="1.0"?><listvirtualmachinesresponse cloud-stack-version="4.19.1.0"><count>1</count><virtualmachine>
      <id>${UUID}</id><name>web01</name><displayname>web01</displayname><haenable>false</haenable><memory>4096</memory>
      <nic><id>n</id><macaddress>02:00:4c:5f:00:01</macaddress></nic></virtualmachine></listvirtualmachinesresponse>`,
  ],
])('knows an answer %s', (_how, content) => {
  expect(recognised(content)).toMatchObject({ role: 'machine' });
  const { machines } = readAll({ 'answer.json': content });
  expect(machines).toHaveLength(1);
  expect(machines[0]?.machine).toMatchObject({ name: 'web01', memoryBytes: 4n << 30n });
  expect(machines[0]?.machine.nics[0]?.mac).toBe('02:00:4c:5f:00:01');
});

const snapshot = {
  id: 1,
  volumeid: 2,
  snapshottype: 'MANUAL',
  intervaltype: 'MANUAL',
  account: 'a',
  created: 'c',
};
const template = { id: 1, name: 't', ostypeid: 12, format: 'QCOW2', isready: true, templatetype: 'USER' };
it.each([
  [{ listvolumesresponse: { volume: VOLUMES } }, 'part', 'volumes'],
  [VOLUMES, 'part', 'volumes'],
  [{ nic: [{ id: 'n', networkid: 'n', macaddress: 'm', isdefault: true }] }, 'part', 'NICs'],
  [{ listsnapshotsresponse: { snapshot: [snapshot] } }, 'other', 'snapshots'],
  [[template], 'other', 'templates'],
  [{ listroutersresponse: { router: [{ id: 1 }] } }, 'other', 'virtual routers'],
  [{ listbackupsresponse: { backup: [{ id: 1 }] } }, 'other', 'backups'],
  [{ listvirtualmachinesresponse: {} }, 'other', 'lists nothing'],
  [
    { listvirtualmachinesresponse: { errorcode: 401, errortext: 'unable to verify user credentials' } },
    'other',
    'verify user',
  ],
  [{ deployvirtualmachineresponse: { id: UUID, jobid: 'j' } }, 'other', 'job'],
  [[{ ...VIRTUAL_MACHINE, instancename: 'v-2-VM' }], 'other', 'system VMs'],
])('says what %j is', (content, role, what) => {
  expect(recognised(content)?.role).toBe(role);
  expect(recognised(content)?.what).toContain(what);
});

it.each([
  ['{}'],
  ['[]'],
  ['[1, "a", null, [[]]]'],
  [{ Reservations: [{ Instances: [{ InstanceId: 'i-1' }] }] }],
  [{ entities: [{ status: { name: 'x' } }] }],
  [{ id: 1, name: 'x', memory: 4096 }],
  [{ volume: [{ id: 1, type: 'gp2' }] }],
  [{ list: {} }],
  ['<listvirtualmachinesresponse/>'],
])('does not claim %j', (content) => {
  expect(recognised(content)).toBeUndefined();
});
