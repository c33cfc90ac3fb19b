import { expect, test } from 'vitest';
import { NicAddressSchema } from './nic-address.ts';

test.each([
  'dhcp',
  '10.0.0.5/24',
  '10.0.0.5/24,10.0.0.1',
  '10.0.0.5/24,10.0.0.1,10.0.0.53,10.0.0.54',
  '10.0.0.5/24,,10.0.0.53',
  '2001:db8::5/64,2001:db8::1',
])('%s is an address for a NIC', (text) => {
  expect(NicAddressSchema.safeParse(text).success).toBe(true);
});

test.each(['', 'DHCP', '10.0.0.5', '10.0.0.5/33', '10.0.0.5/24,gate', '10.0.0.5/24;10.0.0.1', 'static'])(
  '%j is none',
  (text) => {
    expect(NicAddressSchema.safeParse(text).error?.issues[0]?.message).toMatch(/ADDRESS.PREFIX/);
  },
);
