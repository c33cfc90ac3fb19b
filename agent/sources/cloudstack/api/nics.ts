/** NICs of a virtual machine as CloudStack's API lists them. Source: CloudStack, NicResponse. */
import type { Nic } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { JsonNode } from '../../../documents/json.ts';
import { addressWith } from '../../addresses.ts';
import type { Facts } from '../../facts.ts';
import { Ids } from '../ids.ts';
import { macFindings, macOf } from '../../mac.ts';
import { vlanOf, wholeOf } from '../../quantities.ts';
import { listOf, telling } from './answer.ts';

/** `model`: the detail nicAdapter of the machine. */
export function nicsOf(nodes: readonly JsonNode[], model: JsonNode, facts: Facts): Nic[] {
  const ids = new Ids();
  return inOrder(nodes).map((node, index) => {
    const id = ids.take(node.get('id').text(), /^[\w-]{1,64}$/, 'nic', index);
    const network = telling(node, 'networkname', 'networkid');
    facts.findings.push(...macFindings(id, node.get('macaddress').text(), facts.file));
    const note = <T>(fact: string, value: T, from: JsonNode) =>
      facts.note(`nics.${id}.${fact}`, value, from.where);
    return {
      id,
      mac: note('mac', macOf(node.get('macaddress').text()), node.get('macaddress')),
      model: note('model', model.text(), model),
      network: note('network', network.text(), network),
      vlan: note('vlan', vlanOfNic(node), telling(node, 'isolationuri', 'broadcasturi')),
      addresses: note('addresses', addressesOf(node), node.get('ipaddress')),
      guestNames: [],
    };
  });
}

/** deviceid is there since 4.10; lists without it are taken as they are. */
function inOrder(nodes: readonly JsonNode[]): JsonNode[] {
  const place = (node: JsonNode) => Number(node.get('deviceid').whole() ?? 0n);
  return nodes.toSorted((a, b) => place(a) - place(b));
}

/** `vlan://511`; `vxlan://4000` is no VLAN, nor is `vlan://untagged`. */
function vlanOfNic(node: JsonNode): number | undefined {
  const uri = telling(node, 'isolationuri', 'broadcasturi').text() ?? '';
  return vlanOf(wholeOf(/^vlan:\/\/(\d{1,4})$/.exec(uri)?.[1]));
}

function addressesOf(node: JsonNode): string[] {
  const secondary = listOf(node.get('secondaryip')).map((one) => one.get('ipaddress').text());
  return [
    addressWith(node.get('ipaddress').text(), node.get('netmask').text()),
    addressWith(node.get('ip6address').text(), node.get('ip6cidr').text()?.split('/', 2)[1]),
    ...secondary.map((address) => addressWith(address)),
  ].flatMap((address) => address ?? []);
}
