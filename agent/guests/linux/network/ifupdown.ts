/** Debian's /etc/network/interfaces. Source: interfaces(5). */
import { isV6, type AddressWish, type NetworkStack } from './stack.ts';

export const ifupdown: NetworkStack = {
  title: 'ifupdown',
  places: [
    ['/etc/network', /^interfaces$/],
    ['/etc/network/interfaces.d', /^[\w.-]+$/],
  ],
  nics({ path, text }) {
    const names = [...text.matchAll(/^[ \t]*iface[ \t]+(\S+)[ \t]/gm)].map((match) => match[1] ?? '');
    return [...new Set(names)].map((name) => ({ path, name, mac: undefined }));
  },
  readdress({ text }, { name = '' }, wish) {
    let isWritten = false;
    let isOurs = false;
    return text
      .split('\n')
      .flatMap((line) => {
        const [word = '', of = ''] = line.trim().split(/[ \t]+/);
        const starts = /^(iface|auto|allow-\S+|mapping|source|source-directory|rename|no-\S+)$/.test(word);
        if (starts) isOurs = word === 'iface' && of === name;
        // Blank lines and comments stay: they may belong to what follows.
        if (!isOurs || line.trim() === '' || word.startsWith('#')) return [line];
        if (isWritten) return [];
        isWritten = true;
        return stanza(name, wish);
      })
      .join('\n');
  },
};

function stanza(name: string, { addressing }: AddressWish): string[] {
  if (addressing === 'dhcp') return [`iface ${name} inet dhcp`];
  const { cidr, gateway, dns } = addressing;
  return [
    `iface ${name} ${isV6(addressing) ? 'inet6' : 'inet'} static`,
    `    address ${cidr}`,
    ...(gateway ? [`    gateway ${gateway}`] : []),
    ...(dns.length > 0 ? [`    dns-nameservers ${dns.join(' ')}`] : []),
  ];
}
