/** NICs, joined with the subnets that they are attached to where those lie beside the VM. */
import { isIP } from 'node:net';
import { warn } from '../../../proto/finding.ts';
import type { Nic } from '../../../proto/gen/ascend/v1/machine.ts';
import { addressFindings } from '../addresses.ts';
import { macFindings, macOf } from '../mac.ts';
import { vlanTrunk } from '../vlan-trunk.ts';
import type { AddressDescription, NicDescription } from './description.ts';
import { excerpt, type NodeFacts } from './facts.ts';
import { freeId } from './free-id.ts';
import type { Network, Networks } from './networks.ts';

export function nicsOf(nics: readonly NicDescription[], networks: Networks, facts: NodeFacts): Nic[] {
  const taken = new Set<string>();
  return nics.map((described, index) => {
    const named = described.id.text()?.slice(0, 128);
    const id = freeId(named === undefined ? [] : [named], 'nic', index, taken);
    taken.add(id);
    reportKind(id, described, facts);
    const network = networks.get(described.networkId.text() ?? '');
    return {
      id,
      mac: macOfNic(id, described, facts),
      model: facts.noteAt(`nics.${id}.model`, described.model.text()?.toLowerCase(), described.model),
      network: networkOf(id, described, network, facts),
      vlan: vlanOf(id, network, facts),
      connected: facts.flag(`nics.${id}.connected`, described.connected),
      addresses: addressesOf(id, described, network, facts),
      // AHV's metadata names no PCI slot, and so no name in the guest.
      guestNames: [],
    };
  });
}

function macOfNic(id: string, { mac }: NicDescription, facts: NodeFacts): string | undefined {
  facts.findings.push(...macFindings(id, mac.text(), facts.file));
  return facts.noteAt(`nics.${id}.mac`, macOf(mac.text()), mac);
}

/** The name, by the NIC or else by its subnet; failing both the subnet's identifier, which is as good for a mapping. */
function networkOf(
  id: string,
  { networkName, networkId }: NicDescription,
  network: Network | undefined,
  facts: NodeFacts,
): string | undefined {
  const fact = `nics.${id}.network`;
  const name = networkName.text();
  if (name !== undefined) return facts.noteAt(fact, name, networkName);
  if (network?.name) return facts.origins.note(fact, network.name.value, network.file, network.name.where);
  return facts.text(fact, networkId);
}

/** 0 is the untagged network. */
function vlanOf(id: string, network: Network | undefined, facts: NodeFacts): number | undefined {
  const vlan = network?.vlan.whole();
  if (network === undefined || vlan === undefined || vlan > 4095n) return undefined;
  return facts.origins.note(`nics.${id}.vlan`, Number(vlan), network.file, network.vlan.where);
}

function addressesOf(
  id: string,
  { addresses }: NicDescription,
  network: Network | undefined,
  facts: NodeFacts,
): string[] {
  const found = new Set<string>();
  for (const described of addresses) {
    const text = described.address.text();
    if (text === undefined) continue;
    const address = cidrOf(text, described, network);
    if (address === undefined) facts.findings.push(...addressFindings(id, text, facts.file));
    else found.add(facts.noteAt(`nics.${id}.addresses`, address, described.address));
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

function reportKind(id: string, { kind, vlanMode }: NicDescription, facts: NodeFacts): void {
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
    facts.findings.push(vlanTrunk(id, `${id} carries several VLANs (a trunk)`));
  }
}
