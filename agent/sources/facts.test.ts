import { expect, it } from 'vitest';
import { Firmware, type Machine } from '../../proto/gen/ascend/v1/machine.ts';
import { contradictions } from './contradictions.ts';
import { MAX_DEVICES } from './device-limit.ts';
import { Facts } from './facts.ts';
import { settleFirmware } from './firmware.ts';

const machine = (more: Partial<Machine> = {}): Machine => ({
  name: 'web01',
  platform: 'vmware',
  firmware: Firmware.UNSPECIFIED,
  disks: [],
  nics: [],
  tags: {},
  ...more,
});

it('keeps where the same machine is told of by another file', () => {
  const facts = new Facts('vm.json');
  facts.in('volumes.json').note('disks.a.sizeBytes', 1n, 'Volumes[0].Size');
  facts.refer('a', 'vol-1', undefined, '');
  facts.in('more.json').refer('a', 'vol-1', 'snap-1');
  const { from, origins, diskReferences } = facts.of(machine());
  expect(from).toBe('vm.json');
  expect(origins.of('disks.a.sizeBytes')).toEqual({ file: 'volumes.json', key: 'Volumes[0].Size' });
  expect(diskReferences.get('a')?.names).toEqual(['vol-1', 'snap-1']);
});

it('refuses a machine with more disks than any platform allows', () => {
  const disks = Array.from({ length: MAX_DEVICES + 1 }, (_, index) => ({ id: `d${index}`, boot: false }));
  expect(() => new Facts('vm.ovf').of(machine({ disks }))).toThrow(
    /web01 in vm\.ovf has more than 1024 disks/,
  );
  expect(new Facts('vm.ovf').of(machine({ disks: disks.slice(1) })).machine.disks).toHaveLength(MAX_DEVICES);
});

it('keeps a name that is long by its halves of characters only, and cuts one that is too long', () => {
  const facts = new Facts('vm.vmx');
  expect(facts.name('😀'.repeat(255), 'displayName')).toBe('😀'.repeat(255));
  expect(facts.findings).toEqual([]);
  expect(facts.name(`${'x'.repeat(254)}😀y`, 'displayName')).toBe(`${'x'.repeat(254)}😀`);
  expect(facts.findings).toMatchObject([{ code: 'machine.name-shortened', subject: 'vm.vmx' }]);
});

it('takes a machine with BIOS for one without Secure Boot, and tells of the contradiction', () => {
  const facts = new Facts('vm.vmx');
  const stated = {
    firmware: { value: Firmware.BIOS, key: 'firmware' },
    secureBoot: { value: true, key: 'uefi.secureBoot.enabled' },
  };
  expect(settleFirmware(stated, facts)).toEqual({ firmware: Firmware.BIOS, secureBoot: false });
  expect(facts.origins.of('secureBoot')?.key).toBe('firmware');
  expect(facts.findings).toMatchObject([{ code: 'machine.firmware-contradiction' }]);
});

it('finds no contradiction in what only one of two files says', () => {
  const told = (file: string, more: Partial<Machine>) => new Facts(file).of(machine(more));
  const full = told('a.vmx', {
    memoryBytes: 1n,
    tpm: false,
    disks: [{ id: 'd', boot: true, sizeBytes: 5n }],
  });
  expect(contradictions(full, told('b.ovf', { name: '' }))).toEqual([]);
  expect(
    contradictions(full, told('b.ovf', { tpm: true, memoryBytes: 2n })).map(({ message }) => message),
  ).toEqual([
    expect.stringContaining('the memory in bytes is 1 in the first and 2 in the second'),
    expect.stringContaining('the TPM is false in the first and true in the second'),
  ]);
});
