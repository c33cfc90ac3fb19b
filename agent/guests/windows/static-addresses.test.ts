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
  dhcp: false,
  ipv6: undefined,
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

test('finds it by the serial number of a PCI Express card, which is all that Windows 7 keeps', () => {
  const connection = `ControlSet001\\Control\\Network\\{4D36E972-E325-11CE-BFC1-08002BE10318}\\${GUID}\\Connection`;
  const device = 'PCI\\VEN_15AD&DEV_07B0&SUBSYS_07B015AD&REV_01\\005056FFFF9A3C2200';
  const two = [keep, { ...keep, mac: '00:50:56:00:00:02' }];
  const found = plan({ [TCPIP]: values, [connection]: { PnpInstanceID: text(device) } }, two);
  expect(found).toEqual({ configurations: [expected], findings: [] });
});

test('takes the only card for the only address where Windows keeps no MAC address', () => {
  expect(plan({ [TCPIP]: values }).configurations).toEqual([expected]);
  const two = plan({ [TCPIP]: values }, [keep, { ...keep, mac: '00:50:56:00:00:02' }]);
  expect(two.configurations).toEqual([]);
  expect(two.findings).toMatchObject([{ code: 'guest.windows-address-unmatched' }]);
  expect(two.findings[0]?.message).toContain('10.0.0.5, 10.0.0.6');
});

test('sets what was ordered for the card instead', () => {
  const ordered = { cidr: '192.168.7.9/20', gateway: '192.168.0.1', dns: ['192.168.0.2', '2001:db8::53'] };
  const system = new RegistryTree({ [TCPIP]: values });
  const order = (addressing: typeof ordered) =>
    planAddresses(guestOf({ system }), { nics: [{ mac: MAC, guestNames: [], addressing }] });
  expect(order(ordered)).toEqual({
    configurations: [
      {
        ...expected,
        addresses: [{ address: '192.168.7.9', mask: '255.255.240.0' }],
        gateways: ['192.168.0.1'],
        dns: ['192.168.0.2'],
        ipv6: { addresses: [], gateways: [], dns: ['2001:db8::53'] },
      },
    ],
    findings: [],
  });
  expect(order({ cidr: '2001:db8::9/64', gateway: 'fe80::1', dns: [] }).configurations).toEqual([
    {
      ...{ ...expected, addresses: [], gateways: [], dns: [] },
      ipv6: { addresses: [{ address: '2001:db8::9', prefix: 64 }], gateways: ['fe80::1'], dns: [] },
    },
  ]);
});

test('gives a card to the network where that is ordered and something else was set', () => {
  const dhcp = [{ ...keep, addressing: 'dhcp' as const }];
  const system = new RegistryTree({ [TCPIP]: values });
  expect(planAddresses(guestOf({ system }), { nics: dhcp })).toEqual({
    configurations: [{ mac: MAC, dhcp: true, addresses: [], gateways: [], dns: [], ipv6: undefined }],
    findings: [],
  });
  const none = planAddresses(guestOf({ system: new RegistryTree() }), { nics: dhcp });
  expect(none).toEqual({ configurations: [], findings: [] });
});

const NETWORK = 'ControlSet001\\Control\\Class\\{4D36E972-E325-11CE-BFC1-08002BE10318}\\0007';
const STORE = 'ControlSet001\\Control\\Nsi\\{eb004a01-9b1a-11d4-9123-0050047759bc}';
const card = {
  NetCfgInstanceId: text(GUID),
  NetworkAddress: text('0050569A3C22'),
  NetLuidIndex: dword(0x8005),
  '*IfType': dword(6),
};
const stored = (prefix: number) =>
  binary(Buffer.concat([Buffer.alloc(16, 0xff), Buffer.from([prefix]), Buffer.alloc(31, 0xff)]));

test('keeps IPv6 addresses, routes and name servers, which lie elsewhere', () => {
  const luid = '0000000580000600';
  const { configurations } = plan({
    [TCPIP]: { EnableDHCP: dword(1), NameServer: text('10.0.0.53') },
    [TCPIP.replace('Tcpip', 'Tcpip6')]: { NameServer: text('2001:db8::53') },
    [NETWORK]: card,
    [`${STORE}\\10`]: {
      [`${luid}20010db8000000000000000000000005`]: stored(64),
      [`${luid}fe800000000000000000000000000005`]: stored(64),
      [`000000050000060020010db8000000000000000000000006`]: stored(64),
      'not an address': stored(64),
    },
    [`${STORE}\\16`]: {
      [`${'00'.repeat(36)}${luid}${luid}fe800000000000000000000000000001`]: stored(0),
      [`20010db8${'00'.repeat(32)}${luid}${luid}fe800000000000000000000000000002`]: stored(0),
    },
  });
  expect(configurations).toEqual([
    {
      ...{ ...expected, addresses: [], gateways: [], dns: ['10.0.0.53'] },
      ipv6: {
        addresses: [{ address: '2001:db8::5', prefix: 64 }],
        gateways: ['fe80::1'],
        dns: ['2001:db8::53'],
      },
    },
  ]);
});

test('says which configuration it takes where Windows has two for one MAC address', () => {
  const other = '{00000000-0000-0000-0000-000000000002}';
  const found = plan({
    [TCPIP]: values,
    [TCPIP.replace(GUID.toLowerCase(), other)]: { ...values, IPAddress: texts(['10.9.9.9']) },
    [NETWORK]: card,
    [NETWORK.replace('0007', '0008')]: { ...card, NetCfgInstanceId: text(other) },
  });
  expect(found.configurations).toEqual([expected]);
  expect(found.findings).toMatchObject([{ code: 'guest.windows-address-ambiguous' }]);
  expect(found.findings[0]?.message).toContain('10.9.9.9 is not');
});

test.each(['10.0.0.5" & del C:\\', '10.0.0.5\r\nformat', '::1', '0.0.0.0', ''])(
  'lets nothing but an address into a script: %j',
  (address) => {
    const { configurations } = plan({ [TCPIP]: { ...values, IPAddress: texts([address]) } });
    expect(configurations.flatMap(({ addresses }) => addresses)).toEqual([]);
  },
);
