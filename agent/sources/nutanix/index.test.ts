import { expect, it } from 'vitest';
import { codes, documentOf, readAll, readOne, snakeCased, v2Vm, v4Vm } from './fixtures.ts';
import { nutanix } from './index.ts';

it('says where facts came from', () => {
  const { origins } = readOne({ data: [v4Vm] });
  expect(origins.of('memoryBytes')).toEqual({ file: 'file0.json', key: 'data[0].memorySizeBytes' });
  expect(origins.of('disks.scsi.1.boot')?.key).toBe('data[0].bootConfig.bootDevice.diskAddress.index');
  expect(origins.of('nics.nic-a.mac')?.key).toBe('data[0].nics[0].backingInfo.macAddress');
});

it('takes the better of two files that describe one VM', () => {
  const old = { ...v2Vm, uuid: 'vm-4', name: 'web01' };
  const { machines } = readAll(documentOf(old, 'a.json'), documentOf(v4Vm, 'b.json'));
  expect(machines.map(({ from }) => from)).toEqual(['b.json']);
  expect(machines.flatMap(codes)).toContain('machine.described-twice');
});

it.each([
  [
    'a recovery point',
    snakeCased({ extId: 'r', vmRecoveryPoints: [{ vmExtId: 'x' }] }),
    'a Nutanix recovery point, which holds identifiers and no hardware',
  ],
  ['a recovery plan', { metadata: { kind: 'recovery_plan' }, spec: {} }, 'a Nutanix recovery plan (API v3)'],
  [
    'a template',
    { data: [{ $objectType: 'vmm.v4.content.Template', templateVersionSpec: { vmSpec: v4Vm } }] },
    'a Nutanix VM template',
  ],
  ['an image', { $objectType: 'vmm.v4.content.Image', extId: 'i' }, 'a Nutanix object of type Image'],
  ['a snapshot', { entities: [{ snapshot_name: 's', vm_create_spec: {} }] }, 'a Nutanix snapshot (API v2)'],
  [
    'an empty list',
    { metadata: { kind: 'vm', total_matches: 0 }, entities: [] },
    'a Nutanix list with no VM in it',
  ],
])('knows %s for what it is', (_, value, what) => {
  expect(nutanix.recognise(documentOf(value))).toEqual({ what, role: 'other' });
});

it.each([
  ['another platform', { Reservations: [{ Instances: [] }] }],
  ['a Kubernetes object', { kind: 'Pod', metadata: { name: 'x' }, spec: {} }],
  ['nothing', {}],
  ['a list of numbers', [1, 2]],
])('leaves %s to others', (_, value) => {
  expect(nutanix.recognise(documentOf(value))).toBeUndefined();
});

it('reports what cannot be used, and where it stands', () => {
  const found = readOne({
    ...v2Vm,
    name: `${'n'.repeat(254)}😀😀`,
    memory_mb: -1,
    num_vcpus: 4294967295,
    num_cores_per_vcpu: 4294967295,
    vm_disk_info: [v2Vm.vm_disk_info[1], v2Vm.vm_disk_info[1]],
    vm_nics: [{ mac_address: 'no mac', ip_address: '10.0.0.300' }],
  });
  expect(found.machine.name).toBe(`${'n'.repeat(254)}😀`);
  expect(found.machine.cpu).toEqual({});
  expect(found.machine.disks.map(({ id }) => id)).toEqual(['scsi.0', '1c0ffee0-0000-4000-8000-000000000001']);
  expect(codes(found).sort()).toEqual([
    'disk.address-twice',
    'disk.boot-assumed',
    'machine.name-shortened',
    'machine.value-invalid',
    'machine.value-invalid',
    'nic.address-invalid',
    'nic.mac-invalid',
  ]);
});

it('gives every NIC an id of its own, also where another has the name that it would get', () => {
  const nics = [{ nic_uuid: 'nic1' }, {}, { nic_uuid: 'nic1' }].map((nic) => ({
    ...nic,
    is_connected: true,
  }));
  const ids = readOne({ ...v2Vm, vm_nics: nics }).machine.nics.map(({ id }) => id);
  expect(ids).toEqual(['nic1', 'nic2', 'nic3']);
});
