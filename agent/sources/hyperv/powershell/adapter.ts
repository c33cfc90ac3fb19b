/** Objects of Get-VMNetworkAdapter and Get-VMNetworkAdapterVlan. */
import type { JsonNode } from '../../../documents/json.ts';
import { addressesOf } from '../addresses.ts';
import { macOf } from '../../mac.ts';
import { vlanOf } from '../../quantities.ts';
import { guidOf } from '../identifiers.ts';
import { fact } from '../../origins.ts';
import { factOf, type Adapter } from '../virtual-machine.ts';
import { flatten } from './records.ts';

export function adapterOf(record: JsonNode, file: string): Adapter {
  const mac = record.get('MacAddress');
  const addresses = addressesOf(flatten(record.get('IPAddresses')).map((node) => node.text()));
  return {
    id: idOf(record.get('Id').text()),
    name: record.get('Name').text(),
    mac: factOf(macOf(mac.text()), mac, file),
    legacy: factOf(record.get('IsLegacy').flag(), record.get('IsLegacy'), file),
    network: factOf(record.get('SwitchName').text(), record.get('SwitchName'), file),
    connected: factOf(record.get('Connected').flag(), record.get('Connected'), file),
    addresses: factOf(addresses, record.get('IPAddresses'), file),
    ...vlanFacts(record.get('VlanSetting'), file),
  };
}

/** `Microsoft:<VM>\<adapter>`. */
export function idOf(text: string | undefined): string | undefined {
  return guidOf(text?.split('\\').at(-1));
}

export function vlanFacts(setting: JsonNode, file: string): Pick<Adapter, 'vlan' | 'vlanUnclear'> {
  const access = setting.get('AccessVlanId');
  const native = setting.get('NativeVlanId');
  const trunk = vlanOf(native.whole()) === undefined ? undefined : ('trunk' as const);
  return {
    vlan: factOf(vlanOf(access.whole()), access, file),
    vlanUnclear: fact(trunk, file, native.where),
  };
}

/** Which adapter a VLAN is of: its object, or, with a small -Depth, a text that names it. */
export function parentOf(record: JsonNode): { id?: string; name?: string; vmId?: string; vmName?: string } {
  const parent = record.get('ParentAdapter');
  const text = typeof parent.value === 'string' ? parent.value.slice(0, 2000) : '';
  const named = /Name = '([^']{1,255})', VMName = '([^']{1,255})'/.exec(text);
  const facts = {
    id: idOf(parent.get('Id').text()),
    name: parent.get('Name').text() ?? named?.[1] ?? record.get('VMNetworkAdapterName').text(),
    vmId: guidOf(parent.get('VMId').text() ?? record.get('VMId').text()),
    vmName: parent.get('VMName').text() ?? named?.[2] ?? record.get('VMName').text(),
  };
  return facts;
}
