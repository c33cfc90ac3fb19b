import { describe, expect, it } from 'vitest';
import type { StaticAddressing } from '../../requirements.ts';
import { redHat, suse } from './ifcfg.ts';
import { ifupdown } from './ifupdown.ts';
import { networkStacks } from './index.ts';
import { networkManager } from './keyfile.ts';
import { netplan } from './netplan.ts';
import { networkd } from './networkd.ts';
import { asMac, type NetworkStack } from './stack.ts';

const MAC = '00:50:56:ab:cd:ef';
const STATIC: StaticAddressing = { cidr: '10.9.0.5/24', gateway: '10.9.0.1', dns: ['10.9.0.2', '10.9.0.3'] };

interface Row {
  stack: NetworkStack;
  path: string;
  text: string;
  name: string | undefined;
  mac: string | undefined;
  dhcp: string;
  fixed: string;
}

const rows: Row[] = [
  {
    stack: ifupdown,
    path: '/etc/network/interfaces',
    text: 'auto lo\niface lo inet loopback\n\n# the LAN\nauto ens192\niface ens192 inet static\n  address 10.0.0.2\n  netmask 255.255.255.0\n  gateway 10.0.0.1\niface ens192 inet6 auto\n\nauto x\n',
    name: 'ens192',
    mac: undefined,
    dhcp: 'auto lo\niface lo inet loopback\n\n# the LAN\nauto ens192\niface ens192 inet dhcp\n\nauto x\n',
    fixed:
      'auto lo\niface lo inet loopback\n\n# the LAN\nauto ens192\niface ens192 inet static\n    address 10.9.0.5/24\n    gateway 10.9.0.1\n    dns-nameservers 10.9.0.2 10.9.0.3\n\nauto x\n',
  },
  {
    stack: redHat,
    path: '/etc/sysconfig/network-scripts/ifcfg-ens192',
    text: `TYPE=Ethernet\nBOOTPROTO="none"\nDEVICE=ens192\nHWADDR="${MAC.toUpperCase()}"\nONBOOT=yes\nIPADDR0=10.0.0.2\nPREFIX0=24\nGATEWAY=10.0.0.1\nDNS1=1.1.1.1\n`,
    name: 'ens192',
    mac: MAC,
    dhcp: 'TYPE=Ethernet\nDEVICE=ens192\nONBOOT=yes\nBOOTPROTO=dhcp\n',
    fixed:
      'TYPE=Ethernet\nDEVICE=ens192\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=10.9.0.5\nPREFIX=24\nGATEWAY=10.9.0.1\nDNS1=10.9.0.2\nDNS2=10.9.0.3\n',
  },
  {
    stack: suse,
    path: '/etc/sysconfig/network/ifcfg-eth0',
    text: "BOOTPROTO='static'\nSTARTMODE='auto'\nIPADDR='10.0.0.2/24'\nIPADDR_1='10.0.0.3/24'\n",
    name: 'eth0',
    mac: undefined,
    dhcp: "STARTMODE='auto'\nBOOTPROTO='dhcp'\n",
    fixed: "STARTMODE='auto'\nBOOTPROTO='static'\nIPADDR='10.9.0.5/24'\n",
  },
  {
    stack: networkManager,
    path: '/etc/NetworkManager/system-connections/LAN.nmconnection',
    text: `[connection]\nid=LAN\ntype=ethernet\ninterface-name=ens192\n\n[ethernet]\nmac-address=${MAC.toUpperCase()}\n\n[ipv4]\naddress1=10.0.0.2/24,10.0.0.1\ndns=1.1.1.1;\nmethod=manual\n\n[ipv6]\nmethod=auto\n`,
    name: 'ens192',
    mac: MAC,
    dhcp: '[connection]\nid=LAN\ntype=ethernet\ninterface-name=ens192\n\n[ethernet]\n\n[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=auto\n',
    fixed:
      '[connection]\nid=LAN\ntype=ethernet\ninterface-name=ens192\n\n[ethernet]\n\n[ipv4]\nmethod=manual\naddress1=10.9.0.5/24,10.9.0.1\ndns=10.9.0.2;10.9.0.3;\n\n[ipv6]\nmethod=auto\n',
  },
  {
    stack: networkd,
    path: '/etc/systemd/network/lan.network',
    text: `[Match]\nMACAddress=${MAC}\n\n[Network]\nDHCP=no\nAddress=10.0.0.2/24\nLLDP=yes\n\n[Route]\nGateway=10.0.0.1\n`,
    name: undefined,
    mac: MAC,
    dhcp: '[Match]\nName=en* eth*\n\n[Network]\nDHCP=yes\nLLDP=yes\n',
    fixed:
      '[Match]\nName=en* eth*\n\n[Network]\nAddress=10.9.0.5/24\nGateway=10.9.0.1\nDNS=10.9.0.2\nDNS=10.9.0.3\nLLDP=yes\n',
  },
  {
    stack: netplan,
    path: '/etc/netplan/50-cloud-init.yaml',
    text: `network:\n  version: 2\n  ethernets:\n    ens192:\n      # the LAN\n      match:\n        macaddress: "${MAC}"\n      set-name: ens192\n      addresses:\n      - 10.0.0.2/24\n    # the second\n    ens224:\n      dhcp4: true\n  vlans: {}\n`,
    name: 'ens192',
    mac: MAC,
    dhcp: 'network:\n  version: 2\n  ethernets:\n    ens192:\n      dhcp4: true\n    # the second\n    ens224:\n      dhcp4: true\n  vlans: {}\n',
    fixed:
      'network:\n  version: 2\n  ethernets:\n    ens192:\n      dhcp4: false\n      addresses:\n        - "10.9.0.5/24"\n      routes:\n        - to: "0.0.0.0/0"\n          via: "10.9.0.1"\n      nameservers:\n        addresses: ["10.9.0.2", "10.9.0.3"]\n    # the second\n    ens224:\n      dhcp4: true\n  vlans: {}\n',
  },
];

it('has a row for every way of configuring the network', () => {
  expect(new Set(rows.map(({ stack }) => stack))).toEqual(new Set(networkStacks));
});

describe.each(rows)('$stack.title', ({ stack, path, text, name, mac, dhcp, fixed }) => {
  it('says which NIC it configures', () => {
    expect(stack.nics({ path, text })).toContainEqual({ path, name, mac });
    const file = path.slice(path.lastIndexOf('/') + 1);
    const folder = path.slice(0, path.lastIndexOf('/'));
    expect(stack.places.some(([place, pattern]) => place === folder && pattern.test(file))).toBe(true);
  });

  it.each([
    ['DHCP', 'dhcp' as const, dhcp],
    ['another address', STATIC, fixed],
  ])('takes %s, and the same again', (_what, addressing, expected) => {
    const wish = { addressing, macStays: false };
    const once = stack.readdress({ path, text }, { path, name, mac }, wish);
    expect(once).toBe(expected);
    const again = stack.nics({ path, text: once }).find((nic) => nic.name === name) ?? { path, name, mac };
    expect(stack.readdress({ path, text: once }, again, wish)).toBe(expected);
  });

  it('lets go of no MAC that stays', () => {
    const kept = stack.readdress({ path, text }, { path, name, mac }, { addressing: 'dhcp', macStays: true });
    expect(stack.nics({ path, text: kept })).toContainEqual({ path, name, mac });
  });
});

it.each([
  [networkManager, '/x/a', '[connection]\ntype=wifi\ninterface-name=wlan0\n'],
  [networkManager, '/x/a', '[connection]\ntype=bridge\ninterface-name=br0\n'],
  [networkd, '/x/a.network', '[Match]\nName=en*\n[Network]\nDHCP=yes\n'],
  [netplan, '/x/a.yaml', 'network:\n  bridges:\n    br0:\n      dhcp4: true\n'],
])('finds no NIC of its own where %o says nothing of one', (stack, path, text) => {
  expect(stack.nics({ path, text })).toEqual([]);
});

it('passes over copies that editors and package managers leave', () => {
  const [[, pattern] = ['', /^$/]] = redHat.places;
  const names = [
    'ifcfg-lo',
    'ifcfg-eth0',
    'ifcfg-eth0.bak',
    'ifcfg-eth0.rpmsave',
    'ifcfg-eth0~',
    'route-eth0',
  ];
  expect(names.filter((name) => pattern.test(name))).toEqual(['ifcfg-eth0']);
});

it.each([
  ['00-50-56-AB-CD-EF', MAC],
  [MAC, MAC],
  ['00:50:56', undefined],
  ['permanent', undefined],
])('takes %s for %s', (text, mac) => {
  expect(asMac(text)).toBe(mac);
});

it('takes 2 MB of hostile text in its stride', () => {
  const startedAt = performance.now();
  const hostile = ['\n'.repeat(2_000_000), ' '.repeat(2_000_000), 'ethernets:\n' + ' a:\n'.repeat(100_000)];
  for (const text of hostile) {
    for (const stack of networkStacks) {
      const nics = stack.nics({ path: '/ifcfg-x', text });
      const [nic = { path: '', name: 'x', mac: MAC }] = nics;
      stack.readdress({ path: '/ifcfg-x', text }, nic, { addressing: 'dhcp', macStays: false });
    }
  }
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
