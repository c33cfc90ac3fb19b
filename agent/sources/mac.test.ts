import { expect, it } from 'vitest';
import { macFindings, macOf } from './mac.ts';

it.each(['00:50:56:AB:CD:EF', '00-50-56-ab-cd-ef', '005056abcdef', '0050.56ab.cdef', ' 00:50:56:ab:cd:ef '])(
  'takes "%s"',
  (text) => {
    expect(macOf(text)).toBe('00:50:56:ab:cd:ef');
    expect(macFindings('nic0', text, 'a.vmx')).toEqual([]);
  },
);

it.each([
  '01:00:5e:00:00:01',
  'ff:ff:ff:ff:ff:ff',
  '00:50:56:ab:cd',
  'a'.repeat(1000),
  '00:50:56:ab:cd:ef;reboot',
])('leaves out %s, and says so', (text) => {
  expect(macOf(text)).toBeUndefined();
  expect(macFindings('nic0', text, 'a.vmx')).toMatchObject([{ code: 'nic.mac-invalid', subject: 'nic0' }]);
});

it.each([undefined, '', '00:00:00:00:00:00', '000000000000'])(
  'takes %s for an address not given yet',
  (text) => {
    expect(macOf(text)).toBeUndefined();
    expect(macFindings('nic0', text, 'a.vmx')).toEqual([]);
  },
);
