import { expect, it } from 'vitest';
import { addressFindings, addressWith } from './addresses.ts';

it.each<[string, string | number | bigint | undefined, string | undefined]>([
  ['10.0.0.5', undefined, '10.0.0.5'],
  ['10.0.0.5', '255.255.240.0', '10.0.0.5/20'],
  ['10.0.0.5', '0.0.0.0', '10.0.0.5/0'],
  ['10.0.0.5', '/24', '10.0.0.5/24'],
  ['10.0.0.5', 24n, '10.0.0.5/24'],
  ['10.0.0.5', '255.0.255.0', '10.0.0.5'],
  ['10.0.0.5', 33, '10.0.0.5'],
  ['fd00::5', '64', 'fd00::5/64'],
  ['fd00::5', 129n, 'fd00::5'],
  ['fe80::1%eth0', undefined, undefined],
  ['10.0.0.300', 24, undefined],
])('%s with mask %s is %s', (address, mask, written) => {
  expect(addressWith(address, mask)).toBe(written);
});

it('tells of text that is no address', () => {
  expect(addressFindings('nic0', 'x'.repeat(1000), 'vm.json')).toMatchObject([
    { code: 'nic.address-invalid' },
  ]);
  expect(addressFindings('nic0', '10.0.0.5', 'vm.json')).toEqual([]);
});
