/** NetworkManager's connections. Source: nm-settings-keyfile(5). */
import { parseSections, printSections, valuesIn, withLines, type Section } from './sections.ts';
import { asMac, isV6, type AddressWish, type NetworkStack } from './stack.ts';

const ETHERNET_SECTIONS = ['ethernet', '802-3-ethernet'];

export const networkManager: NetworkStack = {
  title: 'NetworkManager',
  places: [['/etc/NetworkManager/system-connections', /^[^.][^~]*$/]],
  nics({ path, text }) {
    const sections = parseSections(text);
    const [type] = valuesIn(sections, 'connection', 'type');
    if (type === undefined || !ETHERNET_SECTIONS.includes(type)) return [];
    const [name] = valuesIn(sections, 'connection', 'interface-name');
    const macs = ETHERNET_SECTIONS.flatMap((section) => valuesIn(sections, section, 'mac-address'));
    return [{ path, name, mac: asMac(macs[0]) }];
  },
  readdress({ text }, _nic, wish) {
    const family = wish.addressing !== 'dhcp' && isV6(wish.addressing) ? 'ipv6' : 'ipv4';
    const readdressed = withLines(parseSections(text), family, ADDRESS_KEYS, addressLines(wish));
    return printSections(wish.macStays ? readdressed : withoutMac(readdressed));
  },
};

const ADDRESS_KEYS = /^[ \t]*(?:method|address(?:es)?\d*|gateway|dns|routes?\d+)[ \t]*=/;

function addressLines({ addressing }: AddressWish): string[] {
  if (addressing === 'dhcp') return ['method=auto'];
  const { cidr, gateway, dns } = addressing;
  return [
    'method=manual',
    `address1=${cidr}${gateway ? `,${gateway}` : ''}`,
    ...(dns.length > 0 ? [`dns=${dns.join(';')};`] : []),
  ];
}

function withoutMac(sections: readonly Section[]): Section[] {
  const without = /^[ \t]*mac-address[ \t]*=/;
  return ETHERNET_SECTIONS.reduce(
    (all: Section[], section) => withLines(all, section, without, []),
    [...sections],
  );
}
