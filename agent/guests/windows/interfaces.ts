/**
 * Network configuration that a guest keeps in its registry, by interface. IPv4 lies with Tcpip, in values that Microsoft
 * documents. IPv6 lies in the store of the network stack ("Nsi"), which it does not: names are an interface (NET_LUID,
 * netioapi.h) and an address in hexadecimal, and the data holds the prefix length. IPv4 is kept there too, in the same
 * form, and hives of Windows 7 agree with their Tcpip values.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { asNumber, asText, asTexts, type Registry } from './registry/registry.ts';

export interface Interface {
  guid: string;
  /** Lower case, colon separated; undefined where Windows does not keep it. */
  mac: string | undefined;
  addresses: readonly { address: string; mask: string }[];
  gateways: readonly string[];
  dns: readonly string[];
  ipv6: Ipv6Configuration | undefined;
}

export interface Ipv6Configuration {
  addresses: readonly { address: string; prefix: number }[];
  gateways: readonly string[];
  dns: readonly string[];
}

const NETWORK_CLASS = 'Control\\Class\\{4D36E972-E325-11CE-BFC1-08002BE10318}';
/** More network cards than any machine had in its life. */
const MAX_INTERFACES = 1024;
const MAX_ADDRESSES = 4096;

/** Those with something that is set by hand. */
export function configuredInterfaces(system: Registry, controlSet: string): Interface[] {
  const parent = `${controlSet}\\Services\\Tcpip\\Parameters\\Interfaces`;
  const cards = readCards(system, controlSet);
  const stored = readStore(system, controlSet);
  return system
    .subkeys(parent)
    .slice(0, MAX_INTERFACES)
    .map((guid): Interface => {
      const card = cards.get(guid.toUpperCase());
      const ipv6 = card?.luid === undefined ? undefined : stored.get(card.luid);
      const dns6 = nameServers(system, `${parent.replace('\\Tcpip\\', '\\Tcpip6\\')}\\${guid}`, isIPv6);
      return {
        guid,
        mac: card?.mac,
        ...readIpv4(system, `${parent}\\${guid}`),
        ipv6: ipv6 || dns6.length > 0 ? { addresses: [], gateways: [], ...ipv6, dns: dns6 } : undefined,
      };
    })
    .filter(({ addresses, dns, ipv6 }) => addresses.length > 0 || dns.length > 0 || ipv6 !== undefined);
}

/** What is no address goes no further: it would end in a script. */
function readIpv4(system: Registry, key: string): Pick<Interface, 'addresses' | 'gateways' | 'dns'> {
  const dns = nameServers(system, key, isIPv4);
  if (asNumber(system.value(key, 'EnableDHCP')) !== 0) return { addresses: [], gateways: [], dns };
  const masks = asTexts(system.value(key, 'SubnetMask'));
  const addresses = asTexts(system.value(key, 'IPAddress'))
    .map((address, index) => ({ address, mask: masks[index] ?? '' }))
    .filter(({ address, mask }) => isIPv4(address) && isIPv4(mask) && address !== '0.0.0.0');
  return { addresses, gateways: asTexts(system.value(key, 'DefaultGateway')).filter(isIPv4), dns };
}

/** One text, divided by commas or blanks. Those of DHCP have a value of their own. */
function nameServers(system: Registry, key: string, isAddress: (text: string) => boolean): string[] {
  return asTexts(system.value(key, 'NameServer'))
    .flatMap((list) => list.split(/[ ,]/))
    .filter((server) => isAddress(server) && !server.includes('%'));
}

interface Card {
  mac: string | undefined;
  /** As the names of the store begin. */
  luid: string | undefined;
}

/** By the GUID of the interface, in upper case. */
function readCards(system: Registry, controlSet: string): Map<string, Card> {
  const cards = new Map<string, Card>();
  const network = `${controlSet}\\${NETWORK_CLASS}`;
  for (const number of system.subkeys(network).slice(0, MAX_INTERFACES)) {
    const key = `${network}\\${number}`;
    const [guid] = asTexts(system.value(key, 'NetCfgInstanceId'));
    if (guid === undefined) continue;
    // Where somebody gave the card another address than its own.
    const mac = macOf(asTexts(system.value(key, 'NetworkAddress'))[0]);
    const index = asNumber(system.value(key, 'NetLuidIndex'));
    const type = asNumber(system.value(key, '*IfType'));
    cards.set(guid.toUpperCase(), { mac, luid: luidOf(index, type) });
  }
  const setup = `${controlSet}\\Control\\NetworkSetup2\\Interfaces`;
  for (const guid of system.subkeys(setup).slice(0, MAX_INTERFACES)) {
    const known = cards.get(guid.toUpperCase());
    const key = system.hasKey(`${setup}\\${guid}\\Kernel`)
      ? `${setup}\\${guid}\\Kernel`
      : `${setup}\\${guid}`;
    const permanent = system.value(key, 'PermanentAddress');
    const index = asNumber(system.value(key, 'NetLuidIndex'));
    const type = asNumber(system.value(key, 'IfType'));
    cards.set(guid.toUpperCase(), {
      mac: known?.mac ?? macOf(permanent?.data.subarray(0, 6).toString('hex')),
      luid: known?.luid ?? luidOf(index, type),
    });
  }
  readSerialNumbers(system, controlSet, cards);
  return cards;
}

const CONNECTIONS = 'Control\\Network\\{4D36E972-E325-11CE-BFC1-08002BE10318}';

/**
 * PCI Express devices have serial numbers, which network cards (VMware's and Intel's) make of their MAC address: all that
 * Windows 7 keeps of it. Source: PCI Express Base Specification, "Device Serial Number": the address with FFFF in its middle.
 */
function readSerialNumbers(system: Registry, controlSet: string, cards: Map<string, Card>): void {
  const parent = `${controlSet}\\${CONNECTIONS}`;
  for (const guid of system.subkeys(parent).slice(0, MAX_INTERFACES)) {
    const device = asText(system.value(`${parent}\\${guid}\\Connection`, 'PnpInstanceID')) ?? '';
    const [, vendor, rest] = /^PCI\\[^\\]{1,200}\\([0-9a-f]{6})FFFF([0-9a-f]{6})00$/i.exec(device) ?? [];
    const known = cards.get(guid.toUpperCase());
    if (vendor === undefined || rest === undefined || known?.mac !== undefined) continue;
    cards.set(guid.toUpperCase(), { luid: known?.luid, mac: macOf(vendor + rest) });
  }
}

function macOf(text: string | undefined): string | undefined {
  const digits = text?.replace(/[-:]/g, '').toLowerCase() ?? '';
  return /^[0-9a-f]{12}$/.test(digits) && !/^0+$/.test(digits) ? digits.match(/../g)?.join(':') : undefined;
}

/** NET_LUID as it lies in memory: 24 bits reserved, 24 of the index, 16 of the type. */
function luidOf(index: number | undefined, type: number | undefined): string | undefined {
  if (index === undefined || type === undefined || index > 0xffffff || type > 0xffff) return undefined;
  const luid = Buffer.alloc(8);
  luid.writeUIntLE(index, 3, 3);
  luid.writeUInt16LE(type, 6);
  return luid.toString('hex');
}

const STORE = 'Control\\Nsi\\{eb004a01-9b1a-11d4-9123-0050047759bc}';
const PREFIX_LENGTH_AT = 16;

/** Persistent IPv6 addresses and default routes, by interface. */
function readStore(
  system: Registry,
  controlSet: string,
): Map<string, Pick<Ipv6Configuration, 'addresses' | 'gateways'>> {
  const found = new Map<string, { addresses: { address: string; prefix: number }[]; gateways: string[] }>();
  const of = (luid: string) => {
    const known = found.get(luid) ?? { addresses: [], gateways: [] };
    found.set(luid, known);
    return known;
  };
  const addresses = `${controlSet}\\${STORE}\\10`;
  for (const name of system.valueNames(addresses).slice(0, MAX_ADDRESSES)) {
    const [, luid, hex] = /^([0-9a-f]{16})([0-9a-f]{32})(?:0{8})?$/i.exec(name) ?? [];
    const prefix = system.value(addresses, name)?.data[PREFIX_LENGTH_AT] ?? 0;
    // Every interface makes itself one of fe80::/10.
    if (luid === undefined || hex === undefined || prefix < 1 || prefix > 128 || /^fe[89ab]/i.test(hex))
      continue;
    of(luid.toLowerCase()).addresses.push({ address: ipv6Of(hex), prefix });
  }
  // A destination, the interface twice, and the next hop, which alone is not zero where the destination is everything.
  for (const name of system.valueNames(`${controlSet}\\${STORE}\\16`).slice(0, MAX_ADDRESSES)) {
    const [, luid, hex] = /^0+?([0-9a-f]{16})\1([0-9a-f]{32})$/i.exec(name) ?? [];
    if (luid !== undefined && hex !== undefined && !/^0+$/.test(hex))
      of(luid.toLowerCase()).gateways.push(ipv6Of(hex));
  }
  return found;
}

/** "20010db8..." -> "2001:db8:..." */
function ipv6Of(hex: string): string {
  const groups = (hex.match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16).toString(16));
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}
