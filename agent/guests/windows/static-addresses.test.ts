import { expect, test } from 'vitest';
import { binary, dword, text, texts } from './registry/registry.ts';
import { planAddresses } from './static-addresses.ts';
import { guestOf, RegistryTree } from './windows.fixture.ts';

const GUID = '{3F215CB0-2D43-4C99-825F-0142C4FAFAB5}';
const MAC = '00:50:56:9a:3c:22';
const TCPIP = `ControlSet001\\Services\\Tcpip\\Parameters\\Interfaces\\${GUID.toLowerCase()}`;
const values = {
  EnableDHCP: dword(0),
  IPAddress: texts(['10.0.0.5', '10.0.0.6']),
  SubnetMask: texts(['255.255.255.0', '255.255.255.0']),
  DefaultGateway: texts(['10.0.0.1']),
  NameServer: text('10.0.0.53,10.0.0.54 not-an-address'),
};
const expected = {
  mac: MAC,
  addresses: [
    { address: '10.0.0.5', mask: '255.255.255.0' },
    { address: '10.0.0.6', mask: '255.255.255.0' },
  ],
  gateways: ['10.0.0.1'],
  dns: ['10.0.0.53', '10.0.0.54'],
};
const keep = { mac: MAC, guestNames: [], addressing: 'keep' as const };
const plan = (content: ConstructorParameters<typeof RegistryTree>[0], nics = [keep]) =>
  planAddresses(guestOf({ system: new RegistryTree(content) }), { nics });

test('finds the card of an address by its permanent MAC address', () => {
  const setup = `ControlSet001\\Control\\NetworkSetup2\\Interfaces\\${GUID}\\Kernel`;
  const found = plan({
    [TCPIP]: values,
    [setup]: { PermanentAddress: binary(Buffer.from('0050569a3c22', 'hex')) },
  });
  expect(found).toEqual({ configurations: [expected], findings: [] });
});

test('finds it by the address that the driver was given', () => {
  const network = 'ControlSet001\\Control\\Class\\{4D36E972-E325-11CE-BFC1-08002BE10318}\\0007';
  const found = plan({
    [TCPIP]: values,
    [network]: { NetCfgInstanceId: text(GUID), NetworkAddress: text('00-50-56-9A-3C-22') },
  });
  expect(found.configurations).toEqual([expected]);
});

test('takes the only card for the only address where Windows keeps no MAC address', () => {
  expect(plan({ [TCPIP]: values }).configurations).toEqual([expected]);
  const two = plan({ [TCPIP]: values }, [keep, { ...keep, mac: '00:50:56:00:00:02' }]);
  expect(two.configurations).toEqual([]);
  expect(two.findings).toMatchObject([{ code: 'guest.windows-address-unmatched' }]);
  expect(two.findings[0]?.message).toContain('10.0.0.5, 10.0.0.6');
});

test('sets what was ordered for the card instead, and nothing where the target gives addresses', () => {
  const ordered = { cidr: '192.168.7.9/20', gateway: '192.168.0.1', dns: ['192.168.0.2'] };
  const system = new RegistryTree({ [TCPIP]: values });
  const nics = [{ mac: MAC, guestNames: [], addressing: ordered }];
  expect(planAddresses(guestOf({ system }), { nics })).toEqual({
    configurations: [
      {
        mac: MAC,
        addresses: [{ address: '192.168.7.9', mask: '255.255.240.0' }],
        gateways: ['192.168.0.1'],
        dns: ['192.168.0.2'],
      },
    ],
    findings: [],
  });
  const dhcp = [{ mac: MAC, guestNames: [], addressing: 'dhcp' as const }];
  expect(planAddresses(guestOf({ system }), { nics: dhcp })).toEqual({ configurations: [], findings: [] });
});

test.each(['10.0.0.5" & del C:\\', '10.0.0.5\r\nformat', '::1', '0.0.0.0', ''])(
  'lets nothing but an address into a script: %j',
  (address) => {
    expect(plan({ [TCPIP]: { ...values, IPAddress: texts([address]) } }).configurations).toEqual([]);
  },
);
