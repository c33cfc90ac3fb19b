/** systemd-networkd. Source: systemd.network(5). */
import { parseSections, printSections, valuesIn, withLines } from './sections.ts';
import { asMac, type AddressWish, type ConfiguredNic, type NetworkStack } from './stack.ts';

export const networkd: NetworkStack = {
  title: 'systemd-networkd',
  places: [['/etc/systemd/network', /\.network$/]],
  nics({ path, text }) {
    const sections = parseSections(text);
    const macs = words(valuesIn(sections, 'Match', 'MACAddress')).map(asMac);
    const names = words(valuesIn(sections, 'Match', 'Name')).filter((name) => !/[*?![\]]/.test(name));
    if (names.length > 0)
      return names.map((name) => ({ path, name, mac: names.length === 1 ? macs[0] : undefined }));
    return macs.flatMap((mac): ConfiguredNic[] => (mac ? [{ path, name: undefined, mac }] : []));
  },
  readdress({ text }, _nic, wish) {
    const sections = parseSections(text).filter(({ name }) => name !== 'Address' && name !== 'Route');
    const readdressed = withLines(sections, 'Network', ADDRESS_KEYS, addressLines(wish));
    if (wish.macStays || valuesIn(readdressed, 'Match', 'MACAddress').length === 0)
      return printSections(readdressed);
    const byName = valuesIn(readdressed, 'Match', 'Name').length > 0 ? [] : ['Name=en* eth*'];
    return printSections(withLines(readdressed, 'Match', /^[ \t]*MACAddress[ \t]*=/, byName));
  },
};

const ADDRESS_KEYS = /^[ \t]*(?:DHCP|Address|Gateway|DNS)[ \t]*=/;

function addressLines({ addressing }: AddressWish): string[] {
  if (addressing === 'dhcp') return ['DHCP=yes'];
  const { cidr, gateway, dns } = addressing;
  return [
    `Address=${cidr}`,
    ...(gateway ? [`Gateway=${gateway}`] : []),
    ...dns.map((server) => `DNS=${server}`),
  ];
}

function words(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(/[ \t]+/)).filter(Boolean);
}
