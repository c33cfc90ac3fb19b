import { expect, test } from 'vitest';
import { addressText, isComplete, noAddress, problemsOf } from './nic-address.ts';

test('writes what the API takes', () => {
  const own = { ...noAddress, address: ' 10.0.0.5/24 ' };
  expect(addressText('dhcp')).toBe('dhcp');
  expect(addressText(own)).toBe('10.0.0.5/24');
  expect(addressText({ ...own, gateway: '10.0.0.1' })).toBe('10.0.0.5/24,10.0.0.1');
  expect(addressText({ ...own, nameServers: '10.0.0.53, 10.0.0.54' })).toBe(
    '10.0.0.5/24,,10.0.0.53,10.0.0.54',
  );
});

test.each(['10.0.0.5/24', '10.0.0.5/0', '2001:db8::5/64'])('%s is complete', (address) => {
  expect(isComplete({ ...noAddress, address })).toBe(true);
});

test('says which part is wrong', () => {
  expect(Object.keys(problemsOf(noAddress))).toEqual(['address']);
  expect(
    Object.keys(problemsOf({ address: '10.0.0.256/24', gateway: 'gate', nameServers: '10.0.0.53;8.8.8.8' })),
  ).toEqual(['address', 'gateway', 'nameServers']);
});
