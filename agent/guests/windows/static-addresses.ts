/** Static addresses of the guest, by MAC: a new network card is a new one to Windows, and starts without them. */
import { isIPv4 } from 'node:net';
import { warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import type { GuestRequirements } from '../requirements.ts';
import type { Installation } from './facts.ts';
import { asNumber, asTexts, type Registry } from './registry/registry.ts';

export interface StaticConfiguration {
  /** Of the target's NIC; lower case, colon separated. */
  mac: string;
  addresses: readonly { address: string; mask: string }[];
  gateways: readonly string[];
  dns: readonly string[];
}

interface Interface extends Omit<StaticConfiguration, 'mac'> {
  guid: string;
  mac: string | undefined;
}

const NETWORK_CLASS = 'Control\\Class\\{4D36E972-E325-11CE-BFC1-08002BE10318}';
/** More network cards than any machine had in its life. */
const MAX_INTERFACES = 1024;

export function planAddresses(
  { system, currentControlSet, version }: Installation,
  { nics }: Pick<GuestRequirements, 'nics'>,
): { configurations: StaticConfiguration[]; findings: Finding[] } {
  const interfaces = currentControlSet === undefined ? [] : staticInterfaces(system, currentControlSet);
  const configurations: StaticConfiguration[] = [];
  const left = new Set(interfaces);
  for (const { mac, addressing } of nics) {
    if (addressing === 'dhcp') continue;
    if (addressing !== 'keep') {
      const configuration = fromOrder(mac, addressing);
      if (configuration) configurations.push(configuration);
      continue;
    }
    const own = interfaces.find((candidate) => candidate.mac === mac) ?? onlyOne(interfaces, nics);
    if (own === undefined) continue;
    left.delete(own);
    configurations.push({ mac, addresses: own.addresses, gateways: own.gateways, dns: own.dns });
  }
  const unmatched = nics.some(({ addressing }) => addressing === 'keep') ? [...left] : [];
  return { configurations, findings: unmatched.map((lost) => unmatchedFinding(version.name, lost)) };
}

/** Windows 7 keeps no MAC address: where there is one card and one configuration, they belong together. */
function onlyOne(interfaces: readonly Interface[], nics: GuestRequirements['nics']): Interface | undefined {
  const [only] = interfaces;
  return interfaces.length === 1 && nics.length === 1 && only?.mac === undefined ? only : undefined;
}

function unmatchedFinding(subject: string, { addresses, mac }: Interface): Finding {
  const list = addresses.map(({ address }) => address).join(', ');
  return warn(
    'guest.windows-address-unmatched',
    subject,
    `The static address ${list} belongs to a network card ${mac === undefined ? 'whose MAC address Windows does not keep' : `(${mac}) that the machine does not have on the target`}: it is not set again.`,
    'Give the address to a network card of the target with --ip, or set it in the restored machine.',
  );
}

/** Only IPv4: Windows keeps static IPv6 addresses in a form that is not documented. */
function fromOrder(
  mac: string,
  { cidr, gateway, dns }: { cidr: string; gateway: string | undefined; dns: readonly string[] },
): StaticConfiguration | undefined {
  const [address = '', prefix = ''] = cidr.split('/');
  const bits = Number(prefix);
  if (!isIPv4(address) || !/^\d{1,2}$/.test(prefix) || bits > 32) return undefined;
  const mask = [0, 8, 16, 24].map((done) => 256 - 2 ** (8 - Math.min(8, Math.max(0, bits - done)))).join('.');
  return {
    mac,
    addresses: [{ address, mask }],
    gateways: gateway ? [gateway].filter(isIPv4) : [],
    dns: dns.filter(isIPv4),
  };
}

function staticInterfaces(system: Registry, controlSet: string): Interface[] {
  const parent = `${controlSet}\\Services\\Tcpip\\Parameters\\Interfaces`;
  const macs = macAddresses(system, controlSet);
  return system
    .subkeys(parent)
    .slice(0, MAX_INTERFACES)
    .flatMap((guid) => {
      const key = `${parent}\\${guid}`;
      if (asNumber(system.value(key, 'EnableDHCP')) !== 0) return [];
      const masks = asTexts(system.value(key, 'SubnetMask'));
      // What is no address goes no further: it would end in a script.
      const addresses = asTexts(system.value(key, 'IPAddress'))
        .map((address, index) => ({ address, mask: masks[index] ?? '' }))
        .filter(({ address, mask }) => isIPv4(address) && isIPv4(mask) && address !== '0.0.0.0');
      if (addresses.length === 0) return [];
      const gateways = asTexts(system.value(key, 'DefaultGateway')).filter(isIPv4);
      // One text, divided by commas or blanks.
      const dns = asTexts(system.value(key, 'NameServer'))
        .flatMap((list) => list.split(/[ ,]/))
        .filter(isIPv4);
      return [{ guid, mac: macs.get(guid.toUpperCase()), addresses, gateways, dns }];
    });
}

/** GUID of an interface -> MAC. */
function macAddresses(system: Registry, controlSet: string): Map<string, string> {
  const macs = new Map<string, string>();
  const network = `${controlSet}\\${NETWORK_CLASS}`;
  for (const number of system.subkeys(network).slice(0, MAX_INTERFACES)) {
    const key = `${network}\\${number}`;
    const [guid] = asTexts(system.value(key, 'NetCfgInstanceId'));
    // Where somebody gave the card another address than its own.
    const mac = macOf(asTexts(system.value(key, 'NetworkAddress'))[0]);
    if (guid !== undefined && mac !== undefined) macs.set(guid.toUpperCase(), mac);
  }
  const setup = `${controlSet}\\Control\\NetworkSetup2\\Interfaces`;
  for (const guid of system.subkeys(setup).slice(0, MAX_INTERFACES)) {
    const permanent =
      system.value(`${setup}\\${guid}\\Kernel`, 'PermanentAddress') ??
      system.value(`${setup}\\${guid}`, 'PermanentAddress');
    const mac = macOf(permanent?.data.subarray(0, 6).toString('hex'));
    if (mac !== undefined && !macs.has(guid.toUpperCase())) macs.set(guid.toUpperCase(), mac);
  }
  return macs;
}

function macOf(text: string | undefined): string | undefined {
  const digits = text?.replace(/[-:]/g, '').toLowerCase() ?? '';
  return /^[0-9a-f]{12}$/.test(digits) && !/^0+$/.test(digits) ? digits.match(/../g)?.join(':') : undefined;
}
