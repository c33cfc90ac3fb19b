import { expect, it } from 'vitest';
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import { openDocument } from '../../documents/document.ts';
import { vmware } from './index.ts';
import { config, cpus, diskItem, DISKS, envelope, memory, REFERENCES, scsi, system } from './ovf/fixtures.ts';

const UUID = '564d4b9e-d217-639b-980e-925d772aa383';

const vmx = (...lines: string[]) =>
  [
    'config.version = "8"',
    'displayName = "web01"',
    'memSize = "2048"',
    'scsi0.virtualDev = "pvscsi"',
    'scsi0:0.present = "TRUE"',
    'scsi0:0.fileName = "web01.vmdk"',
    'ethernet0.present = "TRUE"',
    'ethernet0.generatedAddress = "00:50:56:aa:bb:cc"',
    ...lines,
  ].join('\n');

const withUuid = `uuid.bios = "${UUID}"`;

function vim(facts: { name?: string; memoryMB?: number; uuid?: string } = {}) {
  const { name = 'web01', memoryMB = 2048, uuid = UUID } = facts;
  const device = [
    { _typeName: 'ParaVirtualSCSIController', key: 1000, busNumber: 0 },
    {
      _typeName: 'VirtualDisk',
      key: 2000,
      controllerKey: 1000,
      unitNumber: 0,
      capacityInBytes: 17179869184,
      backing: { fileName: '[ds1] web01/web01.vmdk' },
    },
    { _typeName: 'VirtualVmxnet3', key: 4000, macAddress: '00:50:56:aa:bb:cc' },
  ];
  const hardware = { numCPU: 1, memoryMB, device };
  const guest = { net: [{ deviceConfigId: 4000, ipAddress: ['10.0.0.5'] }] };
  return JSON.stringify({ config: { name, uuid, hardware }, guest });
}

const ovf = envelope(
  REFERENCES,
  DISKS,
  system(cpus(1) + memory(2048) + scsi + diskItem(0, '/disk/vmdisk1') + config('firmware', 'efi')),
);

function read(...files: [path: string, text: string][]) {
  const documents = files.map(([path, text]) => openDocument(path, Buffer.from(text)));
  return vmware.read({ documents, paths: [] }, {}).machines;
}

it('makes one machine of a VMX and what vCenter says, the VMX first', () => {
  const [found, ...others] = read(['vm.json', vim()], ['web01.vmx', vmx(withUuid)]);
  expect(others).toEqual([]);
  expect(found).toMatchObject({ from: 'web01.vmx', findings: [] });
  expect(found?.machine).toMatchObject({
    disks: [{ id: 'scsi0:0', label: 'web01.vmdk', sizeBytes: 17179869184n, boot: true }],
    nics: [{ mac: '00:50:56:aa:bb:cc', model: 'vmxnet3', addresses: ['10.0.0.5'] }],
  });
  expect(found?.diskReferences.get('scsi0:0')?.names).toEqual(['web01.vmdk', '[ds1] web01/web01.vmdk']);
  expect(found?.origins.of('memoryBytes')).toEqual({ file: 'web01.vmx', key: 'memSize' });
  expect(found?.origins.of('disks.scsi0:0.sizeBytes')?.file).toBe('vm.json');
});

it('goes by the name where one of them has no UUID', () => {
  const found = read(['web01.ovf', ovf], ['vm.json', vim()]);
  expect(found.map(({ from }) => from)).toEqual(['vm.json']);
  expect(found[0]?.machine.firmware).toBe(Firmware.UEFI);
  expect(found[0]?.diskReferences.get('scsi0:0')?.names).toEqual([
    '[ds1] web01/web01.vmdk',
    'web01-disk1.vmdk',
  ]);
});

it('keeps two VMs apart that have one name and different UUIDs, and those of one file', () => {
  const other = vim({ uuid: '564d4b9e-0000-0000-0000-000000000000' });
  expect(read(['web01.vmx', vmx(withUuid)], ['vm.json', other])).toHaveLength(2);
  expect(read(['vm.json', `[${vim()},${vim()}]`])).toHaveLength(2);
  expect(read(['web01.vmx', vmx(withUuid)], ['vm.json', `[${vim()},${vim()}]`])).toHaveLength(2);
});

it('says what the files contradict each other in', () => {
  const [found] = read(['vm.json', vim({ memoryMB: 4096, name: 'old' })], ['web01.vmx', vmx(withUuid)]);
  expect(found?.machine).toMatchObject({ name: 'web01', memoryBytes: 2n * 1024n ** 3n });
  const messages = found?.findings.map(({ code, message }) => `${code}: ${message}`) ?? [];
  expect(messages).toHaveLength(2);
  expect(messages[0]).toContain(
    'machine.contradiction: web01.vmx and vm.json do not agree about the machine',
  );
  expect(messages[0]).toContain('the name is web01 in the first and old in the second');
  expect(messages[1]).toContain(
    'the memory in bytes is 2147483648 in the first and 4294967296 in the second',
  );
});
