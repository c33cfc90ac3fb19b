/** NICs, joined with the subnets that they are attached to where those lie beside the VM. */
import { isIP } from 'node:net';
import { info, warn } from '../../../proto/finding.ts';
import type { Nic } from '../../../proto/gen/ascend/v1/machine.ts';
import type { AddressDescription, NicDescription } from './description.ts';
import { excerpt, type Facts } from './facts.ts';
import { freeId } from './free-id.ts';
import type { Network, Networks } from './networks.ts';

export function nicsOf(nics: readonly NicDescription[], networks: Networks, facts: Facts): Nic[] {
  const taken = new Set<string>();
  return nics.map((described, index) => {
    const named = described.id.text()?.slice(0, 128);
    const id = freeId(named === undefined ? [] : [named], 'nic', index, taken);
    taken.add(id);
    reportKind(id, described, facts);
    const network = networks.get(described.networkId.text() ?? '');
    return {
      id,
      mac: macOf(id, described, facts),
      model: facts.note(`nics.${id}.model`, described.model.text()?.toLowerCase(), described.model),
      network: networkOf(id, described, network, facts),
      vlan: vlanOf(id, network, facts),
      connected: facts.flag(`nics.${id}.connected`, described.connected),
      addresses: addressesOf(id, described, network, facts),
      // AHV's metadata names no PCI slot, and so no name in the guest.
      guestNames: [],
    };
  });
}

function macOf(id: string, { mac }: NicDescription, facts: Facts): string | undefined {
  const text = mac.text();
  if (text === undefined) return undefined;
  const normal = text.toLowerCase().replaceAll('-', ':');
  if (/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(normal)) return facts.note(`nics.${id}.mac`, normal, mac);
  facts.findings.push(
    info(
      'nic.mac-unusable',
      id,
      `${excerpt(mac)} at ${mac.where} is not a MAC address.`,
      'The target makes one; check addresses that are bound to it.',
    ),
  );
  return undefined;
}

/** The name, by the NIC or else by its subnet; failing both the subnet's identifier, which is as good for a mapping. */
function networkOf(
  id: string,
  { networkName, networkId }: NicDescription,
  network: Network | undefined,
  facts: Facts,
): string | undefined {
  const fact = `nics.${id}.network`;
  const name = networkName.text();
  if (name !== undefined) return facts.note(fact, name, networkName);
  if (network?.name) return facts.origins.note(fact, network.name.value, network.file, network.name.where);
  return facts.text(fact, networkId);
}

/** 0 is the untagged network. */
function vlanOf(id: string, network: Network | undefined, facts: Facts): number | undefined {
  const vlan = network?.vlan.whole();
  if (network === undefined || vlan === undefined || vlan > 4095n) return undefined;
  return facts.origins.note(`nics.${id}.vlan`, Number(vlan), network.file, network.vlan.where);
}

function addressesOf(
  id: string,
  { addresses }: NicDescription,
  network: Network | undefined,
  facts: Facts,
): string[] {
  const found = new Set<string>();
  for (const described of addresses) {
    const text = described.address.text();
    if (text === undefined) continue;
    const address = cidrOf(text, described, network);
    if (address !== undefined) {
      found.add(facts.note(`nics.${id}.addresses`, address, described.address));
      continue;
    }
    facts.findings.push(
      info(
        'nic.address-unusable',
        id,
        `${excerpt(described.address)} at ${described.address.where} is not an IP address.`,
        'Check the addresses after the restore.',
      ),
    );
  }
  return [...found];
}

/**
 * v4 writes every address as a /32, so that the mask is the subnet's; without the subnet it is an address alone. Undefined
 * where it is no address.
 */
function cidrOf(
  text: string,
  { prefix }: AddressDescription,
  network: Network | undefined,
): string | undefined {
  const [address = '', mask, ...more] = text.split('/', 3);
  const version = isIP(address);
  const widest = version === 4 ? 32 : 128;
  if (version === 0 || more.length > 0 || address.includes('%')) return undefined;
  const length = mask === undefined ? prefix?.whole() : /^\d{1,3}$/.test(mask) ? BigInt(mask) : 999n;
  if (length !== undefined && length > widest) return undefined;
  if (length !== undefined && length > 0n && length < widest) return `${address}/${length}`;
  const range = network?.ranges.find(({ includes }) => includes(address));
  return range ? `${address}/${range.prefix}` : address;
}

function reportKind(id: string, { kind, vlanMode }: NicDescription, facts: Facts): void {
  const name = kind.text()?.toUpperCase();
  if (name !== undefined && name !== 'NORMAL_NIC') {
    facts.findings.push(
      warn(
        'nic.special',
        id,
        `NIC ${id} is ${excerpt(kind)}, not an ordinary one; it is restored as an ordinary NIC.`,
        'Check what the guest used it for.',
      ),
    );
  }
  if (/^TRUNK/i.test(vlanMode.text() ?? '')) {
    facts.findings.push(
      warn(
        'nic.trunk',
        id,
        `NIC ${id} carries several VLANs (a trunk); it is restored with one network.`,
        'Make it a trunk again on the target, or map its network to one.',
      ),
    );
  }
}
