/**
 * Files of assignments, one a NIC: Red Hat's, which name the NIC inside (initscripts, "sysconfig.txt"), and SUSE's, which
 * name it by the file (ifcfg(5) of wicked).
 */
import { asMac, isV6, unquoted, type AddressWish, type NetworkStack } from './stack.ts';

// Not the copies that editors and package managers leave.
const IFCFG = /^ifcfg-(?!lo$)[^~]*(?<!\.(?:bak|orig|old|rpmsave|rpmnew|rpmorig))$/;

export const redHat: NetworkStack = {
  title: 'ifcfg',
  places: [['/etc/sysconfig/network-scripts', IFCFG]],
  nics({ path, text }) {
    return [{ path, name: valueOf(text, 'DEVICE'), mac: asMac(valueOf(text, 'HWADDR')) }];
  },
  readdress: ({ text }, _nic, wish) => assigned(text, redHatAssignments(wish), wish),
};

export const suse: NetworkStack = {
  title: 'wicked',
  places: [['/etc/sysconfig/network', IFCFG]],
  nics({ path, text }) {
    const name = path.slice(path.lastIndexOf('/ifcfg-') + '/ifcfg-'.length);
    return [{ path, name, mac: asMac(valueOf(text, 'LLADDR')) }];
  },
  readdress: ({ text }, _nic, wish) => assigned(text, suseAssignments(wish), wish),
};

function valueOf(text: string, key: string): string | undefined {
  const value = new RegExp(`^[ \\t]*${key}=([^\\n]*)$`, 'm').exec(text)?.[1];
  return value === undefined ? undefined : unquoted(value) || undefined;
}

const ADDRESS_KEYS =
  /^[ \t]*(?:BOOTPROTO|IPADDR\w*|PREFIX\d*|PREFIXLEN\w*|NETMASK\w*|GATEWAY\d*|DNS\d+|NETWORK\w*|BROADCAST\w*|IPV6ADDR|IPV6INIT|IPV6_DEFAULTGW|IPV6_AUTOCONF|PEERDNS)=/;
const MAC_KEYS = /^[ \t]*(?:HWADDR|LLADDR|MACADDR)=/;

function assigned(text: string, lines: readonly string[], { macStays }: AddressWish): string {
  const kept = text
    .trimEnd()
    .split('\n')
    .filter((line) => !ADDRESS_KEYS.test(line) && (macStays || !MAC_KEYS.test(line)));
  return [...kept, ...lines, ''].join('\n');
}

function redHatAssignments({ addressing }: AddressWish): string[] {
  if (addressing === 'dhcp') return ['BOOTPROTO=dhcp'];
  const { cidr, gateway, dns } = addressing;
  const [address = '', prefix = ''] = cidr.split('/');
  const servers = dns.map((server, index) => `DNS${index + 1}=${server}`);
  if (isV6(addressing)) {
    const route = gateway ? [`IPV6_DEFAULTGW=${gateway}`] : [];
    return ['BOOTPROTO=none', 'IPV6INIT=yes', 'IPV6_AUTOCONF=no', `IPV6ADDR=${cidr}`, ...route, ...servers];
  }
  const route = gateway ? [`GATEWAY=${gateway}`] : [];
  return ['BOOTPROTO=none', `IPADDR=${address}`, `PREFIX=${prefix}`, ...route, ...servers];
}

/** Its routes and name servers lie in other files. */
function suseAssignments({ addressing }: AddressWish): string[] {
  return addressing === 'dhcp' ? ["BOOTPROTO='dhcp'"] : ["BOOTPROTO='static'", `IPADDR='${addressing.cidr}'`];
}
