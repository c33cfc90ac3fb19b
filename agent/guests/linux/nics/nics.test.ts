import { expect, it } from 'vitest';
import { Firmware } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { GuestRequirements, NicRequirement } from '../../requirements.ts';
import { ifupdown } from '../network/ifupdown.ts';
import type { NetworkFacts } from './network-facts.ts';
import { isHardwareNic, linkFile, planNics } from './nics.ts';

const wants = (...nics: NicRequirement[]): GuestRequirements => ({
  firmware: Firmware.BIOS,
  storage: 'virtio-blk',
  network: 'virtio-net',
  serialConsole: undefined,
  kernelArguments: [],
  guestAgent: undefined,
  cloud: undefined,
  nics,
  supplies: {},
});
const nic = (mac: string, ...guestNames: string[]): NicRequirement => ({
  mac,
  guestNames,
  addressing: 'keep',
});
const facts = (...texts: string[]): NetworkFacts => ({
  files: texts.map((text, index) => ({ stack: ifupdown, path: `/etc/network/${index}`, text })),
  linkFiles: new Map(),
  readsLinks: true,
  rules: undefined,
  hasDhcpClient: true,
  routes: new Map(),
});
const stanza = (...names: string[]) => names.map((name) => `iface ${name} inet dhcp\n`).join('');

function bound(names: string[], ...nics: NicRequirement[]) {
  const { fixes, findings } = planNics(facts(stanza(...names)), wants(...nics));
  const links = fixes.flatMap(({ changes }) =>
    changes.map((change) => {
      const content = change.kind === 'write' ? change.content : '';
      return [/Name=(.*)/.exec(content)?.[1], /MACAddress=(.*)/.exec(content)?.[1]];
    }),
  );
  return { links, unbound: findings.map(({ subject }) => subject) };
}

it('lists the hardware NICs that ifupdown configures', () => {
  const text = `auto lo
iface lo inet loopback
# iface eth9 inet dhcp
  iface ens192 inet static
    address 10.0.0.2/24
iface ens192 inet6 auto
iface ens192:1 inet static
iface ens192.100 inet static
iface bond0 inet manual
iface br0 inet dhcp
iface wlan0 inet dhcp
iface enx001122334455 inet dhcp`;
  const names = ifupdown.nics({ path: '', text }).flatMap(({ name }) => name ?? []);
  expect(names.filter(isHardwareNic)).toEqual(['ens192', 'enx001122334455']);
});

it.each([
  ['the name of its slot', ['ens192'], [nic('m0', 'ens192', 'eth0')], [['ens192', 'm0']], []],
  ['the kernel’s name', ['eth0'], [nic('m0', 'ens192', 'eth0')], [['eth0', 'm0']], []],
  ['a single name that fits nothing', ['enp3s0'], [nic('m0', 'ens192')], [['enp3s0', 'm0']], []],
  [
    'several, each by its slot',
    ['ens224', 'ens192'],
    [nic('m0', 'ens192', 'eth0'), nic('m1', 'ens224', 'eth1')],
    [
      ['ens192', 'm0'],
      ['ens224', 'm1'],
    ],
    [],
  ],
  ['no guess among several', ['enp3s0'], [nic('m0', 'ens192'), nic('m1', 'ens224')], [], ['enp3s0']],
  ['one of two names', ['ens192', 'enp3s0'], [nic('m0', 'ens192')], [['ens192', 'm0']], ['enp3s0']],
  ['no NIC at all', ['ens192'], [], [], ['ens192']],
  ['nothing configured', [], [nic('m0', 'ens192')], [], []],
  ['one name for one NIC only', ['eth0'], [nic('m0', 'eth0'), nic('m1', 'eth0')], [['eth0', 'm0']], []],
])('binds %s', (_what, names, nics, links, unbound) => {
  expect(bound(names, ...nics)).toEqual({ links, unbound });
});

it('plans nothing where the link file is there already, and writes it again where it differs', () => {
  const network = facts(stanza('ens192'));
  const [fix] = planNics(network, wants(nic('m0', 'ens192'))).fixes;
  const [change] = fix?.changes ?? [];
  if (change?.kind !== 'write') throw new Error('no link file');
  expect(change.path).toBe(linkFile('ens192'));
  const there = { ...network, linkFiles: new Map([[change.path, change.content]]) };
  expect(planNics(there, wants(nic('m0', 'ens192'))).fixes).toEqual([]);
  expect(planNics(there, wants(nic('m9', 'ens192'))).fixes).toHaveLength(1);
});

it('takes 4 MB of empty lines in its stride', () => {
  const startedAt = performance.now();
  planNics(facts('\n'.repeat(4_000_000), ' '.repeat(4_000_000)), wants(nic('m0', 'ens192')));
  expect(performance.now() - startedAt).toBeLessThan(5000);
});

it('says of a NIC that is to ask for its address by ifupdown that nothing in the guest could ask', () => {
  const asking = wants({ ...nic('m0', 'ens192'), addressing: 'dhcp' });
  const codes = (hasDhcpClient: boolean, target: GuestRequirements) =>
    planNics({ ...facts('iface ens192 inet static\n'), hasDhcpClient }, target).findings.map(
      ({ code }) => code,
    );
  expect(codes(false, asking)).toEqual(['guest.no-dhcp-client']);
  expect(codes(true, asking)).toEqual([]);
  expect(codes(false, wants(nic('m0', 'ens192')))).toEqual([]);
});
