import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AscendError } from '../../../../proto/errors.ts';
import { Firmware, GuestFamily, Machine } from '../../../../proto/gen/ascend/v1/machine.ts';
import { openDocument } from '../../../documents/document.ts';
import { vmware } from '../index.ts';
import { asPyVmomi, CONFIG, GUEST, renamed, soapAnswer, typesLast, VM } from './fixtures.ts';

const open = (content: unknown) =>
  openDocument('vm.json', Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)));

function read(content: unknown) {
  const document = open(content);
  expect(vmware.recognise(document)).toMatchObject({ role: 'machine' });
  return vmware.read({ documents: [document], paths: ['vm.json'] }, {}).machines;
}

const EXPECTED = {
  name: 'web/01',
  platform: 'vmware',
  sourceId: '564d4b9e-d217-639b-980e-925d772aa383',
  guest: {
    family: GuestFamily.LINUX,
    id: 'debian12_64Guest',
    name: 'Debian GNU/Linux 12 (64-bit)',
    arch: 'x86_64',
  },
  cpu: { count: 4, sockets: 2, coresPerSocket: 2 },
  memoryBytes: 2048n * 1024n * 1024n,
  firmware: Firmware.UEFI,
  secureBoot: true,
  tpm: true,
  disks: [
    {
      id: 'sata0:1',
      label: 'Hard disk 2',
      sizeBytes: 2147483648n,
      controller: { kind: 'sata', model: 'ahci', bus: 0, unit: 1 },
      boot: true,
    },
    {
      id: 'scsi1:0',
      sizeBytes: 1073741824n,
      controller: { kind: 'scsi', model: 'pvscsi', bus: 1, unit: 0 },
      boot: false,
    },
  ],
  nics: [
    {
      id: 'ethernet0',
      mac: '00:50:56:aa:bb:cc',
      model: 'vmxnet3',
      network: 'LAN',
      connected: true,
      addresses: ['10.0.0.5/24'],
      guestNames: ['ens192', 'eth0'],
    },
  ],
  notes: 'a note',
};

it.each([
  ['govmomi and VI JSON', VM],
  ['types last', typesLast(VM)],
  ['pyVmomi', asPyVmomi(VM)],
  ['a converter of XML', renamed(VM, (name) => (name === '_typeName' ? '@xsi:type' : name))],
  ['govc vm.info', { virtualMachines: [VM] }],
  ['an answer of the property collector in XML', soapAnswer(['config', CONFIG], ['guest', GUEST])],
  [
    'an answer of the property collector in JSON',
    {
      objects: [
        {
          propSet: [
            { name: 'guest', val: GUEST },
            { name: 'config', val: CONFIG },
          ],
        },
      ],
    },
  ],
])('reads a VM as written by %s', (_writer, content) => {
  const [found, ...others] = read(content);
  expect(others).toEqual([]);
  expect(found?.machine).toMatchObject(EXPECTED);
  expect(found?.diskReferences.get('sata0:1')).toEqual({ names: ['[ds1] web01/web01_1-000002.vmdk'] });
  expect(found?.findings).toMatchObject([{ code: 'disk.snapshot-open', subject: 'sata0:1' }]);
  expect(found?.origins.of('memoryBytes')?.key).toMatch(/hardware[./]memoryMB$/);
});

it('reads what old govmomi wrote: capitals, and no types', () => {
  const old = renamed(VM, (name) =>
    name === '_typeName' ? 'Ignored' : name.charAt(0).toUpperCase() + name.slice(1),
  );
  const machine = read({ VirtualMachines: [old] })[0]?.machine;
  expect(machine).toMatchObject({
    cpu: EXPECTED.cpu,
    memoryBytes: EXPECTED.memoryBytes,
    disks: [{ id: 'sata0:1' }, { id: 'scsi1:0' }],
    nics: [{ mac: '00:50:56:aa:bb:cc', addresses: ['10.0.0.5/24'] }],
  });
});

it('finds every VM of a list, and none of its snapshots', () => {
  const snapshot = { _typeName: 'VirtualMachineSnapshot', config: { ...CONFIG, name: 'old' } };
  const list = [VM, { ...VM, config: { ...CONFIG, name: 'two' }, rootSnapshot: [snapshot] }];
  expect(read(list).map(({ machine }) => machine.name)).toEqual(['web/01', 'two']);
});

it('says that a disk is physical, and that a VM was a template', () => {
  const backing = { _typeName: 'VirtualDiskRawDiskMappingVer1BackingInfo', fileName: '[ds1] a/rdm.vmdk' };
  const device = [{ _typeName: 'VirtualDisk', key: 2000, capacityInKB: 4, backing }];
  const [found] = read({ ...CONFIG, template: true, hardware: { ...CONFIG.hardware, device } });
  expect(found?.findings.map(({ code }) => code)).toEqual(['disk.raw-device', 'machine.template']);
  expect(found?.machine.disks).toMatchObject([{ id: 'disk:2000', sizeBytes: 4096n, boot: true }]);
});

it('leaves out what is not stated', () => {
  const [found] = read({ hardware: { numCPU: 1, memoryMB: 4 } });
  expect(found?.machine).toMatchObject({ name: '', firmware: Firmware.UNSPECIFIED, disks: [], nics: [] });
  expect(found?.machine.secureBoot).toBeUndefined();
});

it('says what an object of the API is that is no VM', () => {
  const recognise = (content: unknown) => vmware.recognise(open(content));
  expect(recognise({ _typeName: 'HostSystem', hardware: {} })).toMatchObject({
    role: 'other',
    what: expect.stringContaining('HostSystem') as string,
  });
  expect(recognise({ hardware: 'numCPU' })).toBeUndefined();
  expect(recognise([])).toBeUndefined();
});

it('makes of any mutation a machine that can be sent, or an AscendError', () => {
  const good = JSON.stringify(VM);
  const values = fc.constantFrom(
    '',
    '-1',
    '1e99',
    '99999999999999999999',
    'null',
    '[]',
    '{}',
    '"x"',
    '4294967296',
  );
  const mutation = fc.tuple(fc.nat(good.length), fc.nat(8), values);
  // Whole values, so that the text stays JSON most of the time.
  const numbers = [...good.matchAll(/:(\d+|true|"[^"]*")/g)].map(
    ({ index, 0: all }) => [index + 1, all.length - 1] as const,
  );
  const replaced = fc
    .tuple(fc.constantFrom(...numbers), values)
    .map(([[at, cut], put]) => [at, cut, put || '0'] as const);
  const property = fc.property(fc.oneof(replaced, mutation), ([at, cut, put]) => {
    const document = open(good.slice(0, at) + put + good.slice(at + cut));
    try {
      for (const { machine } of vmware.read({ documents: [document], paths: [] }, {}).machines) {
        Machine.decode(Machine.encode(machine).finish());
      }
    } catch (error) {
      expect(error).toBeInstanceOf(AscendError);
    }
  });
  fc.assert(property, { numRuns: 500 });
});
