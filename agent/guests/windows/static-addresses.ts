/** Addresses of the guest, by MAC: a new network card is a new one to Windows, and starts without them. */
import { isIPv4, isIPv6 } from 'node:net';
import { warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import type { GuestRequirements, StaticAddressing } from '../requirements.ts';
import type { Installation } from './facts.ts';
import { configuredInterfaces, type Interface } from './interfaces.ts';

/** What is to be set on one network card. */
export interface StaticConfiguration extends Pick<Interface, 'addresses' | 'gateways' | 'dns' | 'ipv6'> {
  /** Of the target's NIC; lower case, colon separated. */
  mac: string;
  /** The network gives the addresses. */
  dhcp: boolean;
}

interface AddressPlan {
  configurations: StaticConfiguration[];
  findings: Finding[];
}

export function planAddresses(
  { system, currentControlSet, version }: Installation,
  { nics }: Pick<GuestRequirements, 'nics'>,
): AddressPlan {
  const interfaces = currentControlSet === undefined ? [] : configuredInterfaces(system, currentControlSet);
  const configurations: StaticConfiguration[] = [];
  const findings: Finding[] = [];
  const left = new Set(interfaces.filter(hasAddress));
  for (const { mac, addressing } of nics) {
    const own = interfaces.filter((candidate) => candidate.mac === mac);
    if (own.length === 0) own.push(...onlyOne(interfaces, nics));
    own.forEach((each) => left.delete(each));
    if (addressing === 'dhcp') {
      // A card that Windows takes for the one before keeps what that had.
      if (interfaces.length > 0) configurations.push({ ...NOTHING, mac, dhcp: true });
    } else if (addressing !== 'keep') {
      configurations.push(...fromOrder(mac, addressing));
    } else {
      const [first, ...others] = own.toSorted((a, b) => Number(hasAddress(b)) - Number(hasAddress(a)));
      if (first) configurations.push(configurationOf(mac, first));
      if (first && others.some(hasAddress)) findings.push(ambiguousFinding(version.name, first, others));
    }
  }
  const unmatched = nics.some(({ addressing }) => addressing === 'keep') ? [...left] : [];
  findings.push(...unmatched.map((lost) => unmatchedFinding(version.name, lost)));
  return { configurations, findings };
}

const NOTHING = { addresses: [], gateways: [], dns: [], ipv6: undefined };

function configurationOf(mac: string, { addresses, gateways, dns, ipv6 }: Interface): StaticConfiguration {
  return { mac, dhcp: false, addresses, gateways, dns, ipv6 };
}

/** Windows 7 keeps no MAC address: where there is one card and one configuration, they belong together. */
function onlyOne(interfaces: readonly Interface[], nics: GuestRequirements['nics']): Interface[] {
  const [only, ...others] = interfaces.filter(hasAddress);
  return only && others.length === 0 && nics.length === 1 && only.mac === undefined ? [only] : [];
}

function hasAddress({ addresses, ipv6 }: Interface): boolean {
  return addresses.length > 0 || (ipv6?.addresses.length ?? 0) > 0;
}

function addressList({ addresses, ipv6 }: Interface): string {
  return [...addresses, ...(ipv6?.addresses ?? [])].map(({ address }) => address).join(', ');
}

const REMEDY =
  'Give the address to a network card of the target with --ip, or set it in the restored machine.';

function unmatchedFinding(subject: string, lost: Interface): Finding {
  const card =
    lost.mac === undefined
      ? 'whose MAC address Windows does not keep'
      : `(${lost.mac}) that the machine does not have on the target`;
  return warn(
    'guest.windows-address-unmatched',
    subject,
    `The static address ${addressList(lost)} belongs to a network card ${card}: it is not set again.`,
    REMEDY,
  );
}

/** A card that was replaced by another kind with the same MAC leaves its configuration behind. */
function ambiguousFinding(subject: string, taken: Interface, others: readonly Interface[]): Finding {
  const left = others.filter(hasAddress).map(addressList).join('; ');
  return warn(
    'guest.windows-address-ambiguous',
    subject,
    `Windows keeps several configurations for the network card ${taken.mac ?? ''}: ${addressList(taken)} is set again, ${left} is not.`,
    REMEDY,
  );
}

function fromOrder(mac: string, { cidr, gateway, dns }: StaticAddressing): StaticConfiguration[] {
  const [address = '', prefixText = ''] = cidr.split('/');
  const prefix = /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : NaN;
  const base = { ...NOTHING, mac, dhcp: false };
  // One order may name servers of both kinds.
  const dns4 = dns.filter((server) => isIPv4(server));
  const dns6 = dns.filter((server) => isPlainIPv6(server));
  if (isIPv4(address) && prefix <= 32) {
    const gateways = gateway && isIPv4(gateway) ? [gateway] : [];
    const ipv6 = dns6.length > 0 ? { addresses: [], gateways: [], dns: dns6 } : undefined;
    return [{ ...base, addresses: [{ address, mask: maskOf(prefix) }], gateways, dns: dns4, ipv6 }];
  }
  if (!isPlainIPv6(address) || !(prefix <= 128)) return [];
  const gateways = gateway && isPlainIPv6(gateway) ? [gateway] : [];
  return [{ ...base, dns: dns4, ipv6: { addresses: [{ address, prefix }], gateways, dns: dns6 } }];
}

/** Without the name of an interface, as in "fe80::1%12". */
function isPlainIPv6(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

function maskOf(prefix: number): string {
  return [0, 8, 16, 24].map((done) => 256 - 2 ** (8 - Math.min(8, Math.max(0, prefix - done)))).join('.');
}
