import { expect, it } from 'vitest';
import { addressesIn, configuredAddresses } from './addresses.ts';

it.each<[name: string, text: string, addresses: string[]]>([
  [
    'ifupdown',
    'iface ens192 inet static\n\taddress 10.77.0.10/24\n\tgateway 10.77.0.1\n\tdns-nameservers 10.77.0.2\n# address 10.0.0.9\n',
    ['10.77.0.10'],
  ],
  ['ifupdown with a netmask', 'address 192.168.1.5\nnetmask 255.255.255.0\n', ['192.168.1.5']],
  ['ifcfg', 'BOOTPROTO=none\nIPADDR=10.0.0.5\nPREFIX=24\nGATEWAY=10.0.0.1\nDNS1=10.0.0.2\n', ['10.0.0.5']],
  ['ifcfg with several', 'IPADDR0=\'10.0.0.5\'\nIPADDR1="10.0.0.6/24"\n', ['10.0.0.5', '10.0.0.6']],
  [
    'a keyfile of NetworkManager',
    '[ipv4]\nmethod=manual\naddress1=10.0.0.5/24,10.0.0.1\ndns=10.0.0.2;\n',
    ['10.0.0.5'],
  ],
  ['systemd-networkd', '[Network]\nAddress=10.0.0.5/24\nGateway=10.0.0.1\nDNS=10.0.0.2\n', ['10.0.0.5']],
  [
    'netplan',
    'network:\n  ethernets:\n    ens192:\n      addresses: [10.0.0.5/24]\n      nameservers:\n        addresses: [10.0.0.2]\n      routes:\n        - to: default\n          via: 10.0.0.1\n',
    ['10.0.0.5'],
  ],
  [
    'netplan with a list',
    '      addresses:\n        - "10.0.0.5/24"\n        - 10.0.0.6/24\n        - 10.0.0.2\n',
    ['10.0.0.5', '10.0.0.6'],
  ],
  ['the loopback, and what is no address', 'address 127.0.0.1/8\naddress 10.0.0.999/24\n', []],
])('reads %s', (_name, text, addresses) => {
  expect(addressesIn(text)).toEqual(addresses);
});

it('looks where distributions keep them, each address once, and not at files without end', async () => {
  const files: Record<string, string> = { '/etc/network/interfaces': 'address 10.0.0.5/24' };
  for (let at = 0; at < 5000; at += 1) files[`/etc/netplan/${at}.yaml`] = `- 10.0.${at >> 8}.${at & 255}/24`;
  let reads = 0;
  const found = await configuredAddresses({
    list: (folder) =>
      Promise.resolve(
        Object.keys(files).flatMap((file) =>
          file.startsWith(`${folder}/`) ? [file.slice(folder.length + 1)] : [],
        ),
      ),
    readText: (file) => {
      reads += 1;
      return Promise.resolve(files[file]);
    },
  });
  expect(found).toContain('10.0.0.5');
  expect(new Set(found).size).toBe(found.length);
  expect(found.length).toBeLessThanOrEqual(32);
  expect(reads).toBeLessThanOrEqual(100);
});
