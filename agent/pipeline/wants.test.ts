import { expect, it } from 'vitest';
import { Firmware, type Machine } from '../../proto/gen/ascend/v1/machine.ts';
import { destinationOfKind } from '../targets/index.ts';
import { wantsOf } from './wants.ts';

const nic = (id: string, mac?: string) => ({ id, mac, addresses: [], guestNames: [] });
const machine: Machine = {
  name: 'web01',
  platform: 'vmware',
  firmware: Firmware.BIOS,
  disks: [],
  nics: [nic('ethernet0', '00:50:56:00:00:01'), nic('ethernet1', '00:50:56:00:00:02'), nic('ethernet2')],
  tags: {},
};
const chosen = { target: destinationOfKind('kvm'), options: {} };
const addressing = (addresses: Record<string, string>) =>
  wantsOf(machine, chosen, { addresses }).nics.map((each) => each.addressing);

it('lets every NIC keep what the guest has configured, unless the user decides', () => {
  expect(addressing({})).toEqual(['keep', 'keep']);
  expect(addressing({ ethernet1: 'dhcp' })).toEqual(['keep', 'dhcp']);
});

it.each([
  ['10.0.0.5/24', { cidr: '10.0.0.5/24', gateway: undefined, dns: [] }],
  ['10.0.0.5/24,10.0.0.1', { cidr: '10.0.0.5/24', gateway: '10.0.0.1', dns: [] }],
  ['10.0.0.5/24,,10.0.0.53', { cidr: '10.0.0.5/24', gateway: undefined, dns: ['10.0.0.53'] }],
  [
    '2001:db8::5/64,2001:db8::1,2001:db8::53,10.0.0.53',
    { cidr: '2001:db8::5/64', gateway: '2001:db8::1', dns: ['2001:db8::53', '10.0.0.53'] },
  ],
])('gives a NIC the address %s', (text, expected) => {
  expect(addressing({ ethernet0: text })).toEqual([expected, 'keep']);
});

it.each([
  '10.0.0.5',
  '10.0.0.5/33',
  '10.0.0/24',
  'web01/24',
  '10.0.0.5/24,gateway',
  '10.0.0.5/24/1',
  '10.0.0.5/24\n,x',
])('refuses %j, and says how it is written', (text) => {
  expect(() => addressing({ ethernet0: text })).toThrow('is no address');
});

it('says which NICs there are', () => {
  expect(() => addressing({ eth0: 'dhcp' })).toThrow(
    expect.objectContaining({ hint: 'NICs that can be given an address: ethernet0, ethernet1.' }),
  );
  expect(() => addressing({ ethernet2: 'dhcp' })).toThrow('no MAC address');
});

it('has the guest changed where another firmware was decided, and only then', () => {
  expect(wantsOf(machine, chosen)).toMatchObject({ firmware: Firmware.BIOS, convertFirmware: false });
  const decided = { ...machine, firmware: Firmware.UEFI };
  expect(wantsOf(decided, chosen, { firmware: Firmware.UEFI })).toMatchObject({
    firmware: Firmware.UEFI,
    convertFirmware: true,
  });
});

it('refuses a firmware that the options of the target contradict', () => {
  const first = { target: destinationOfKind('hyperv'), options: { generation: 1 } };
  const decided = { ...machine, firmware: Firmware.UEFI };
  expect(() => wantsOf(decided, first, { firmware: Firmware.UEFI })).toThrow('ask for BIOS');
});
