/**
 * Subnets that VMs are attached to: they hold the name, the VLAN and the mask, which a VM's NIC only refers to. Sources: v2
 * GET /networks, v3 POST /subnets/list, v4 GET /networking/v4.0/config/subnets.
 */
import { BlockList, isIP } from 'node:net';
import type { JsonNode } from '../../documents/json.ts';
import type { Stated } from './description.ts';
import { field } from './field.ts';

export interface Network {
  file: string;
  name: (Stated<string> & { file: string }) | undefined;
  /** Absent for overlays, which have none. */
  vlan: JsonNode;
  ranges: { prefix: number; includes: (address: string) => boolean }[];
}

/** By the identifier that NICs refer to. */
export type Networks = ReadonlyMap<string, Network>;

export function readNetworks(subnets: readonly { node: JsonNode; file: string }[]): Networks {
  const byId = new Map<string, Network>();
  for (const { node, file } of subnets) {
    const id = [node.get('metadata', 'uuid'), field(node, 'extId'), node.get('uuid')]
      .find(({ exists }) => exists)
      ?.text();
    if (id !== undefined) byId.set(id, networkOf(node, file));
  }
  return byId;
}

function networkOf(node: JsonNode, file: string): Network {
  const sides = [node.get('status'), node.get('spec'), node];
  const nameNode = sides.map((side) => side.get('name')).find(({ exists }) => exists);
  const name = nameNode?.text();
  const vlans = [...sides.map((side) => side.get('resources', 'vlan_id')), node.get('vlan_id')];
  // In v4 it is `networkId`, which of an overlay is the network's number there and no VLAN.
  const isOverlay = field(node, 'subnetType').text()?.toUpperCase() === 'OVERLAY';
  const vlan = vlans.find(({ exists }) => exists) ?? (isOverlay ? undefined : field(node, 'networkId'));
  return {
    file,
    name: name === undefined || !nameNode ? undefined : { value: name, where: nameNode.where, file },
    vlan: vlan ?? node.get('vlan_id'),
    ranges: [...sides.flatMap(rangesOf), ...field(node, 'ipConfig').items().flatMap(rangesOfV4)],
  };
}

/** v3 `resources.ip_config.{subnet_ip,prefix_length}`, v2 `ip_config.{network_address,prefix_length}`. */
function rangesOf(side: JsonNode): Network['ranges'] {
  return [side.get('resources', 'ip_config'), side.get('ip_config')].flatMap((config) =>
    rangeOf(config.first('subnet_ip', 'network_address'), config.get('prefix_length')),
  );
}

function rangesOfV4(config: JsonNode): Network['ranges'] {
  return ['ipv4', 'ipv6'].flatMap((version) => {
    const subnet = field(config, version, 'ipSubnet');
    return rangeOf(field(subnet, 'ip', 'value'), field(subnet, 'prefixLength'));
  });
}

function rangeOf(address: JsonNode, prefixLength: JsonNode): Network['ranges'] {
  const text = address.text() ?? '';
  const version = isIP(text);
  const prefix = prefixLength.whole();
  if (version === 0 || prefix === undefined || prefix > (version === 4 ? 32n : 128n)) return [];
  const block = new BlockList();
  block.addSubnet(text, Number(prefix), version === 4 ? 'ipv4' : 'ipv6');
  return [
    {
      prefix: Number(prefix),
      includes: (other) => isIP(other) === version && block.check(other, version === 4 ? 'ipv4' : 'ipv6'),
    },
  ];
}
