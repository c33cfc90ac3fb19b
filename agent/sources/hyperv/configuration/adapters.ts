/** Network adapters of a configuration. */
import { addAdapter } from '../devices.ts';
import { macOf } from '../../mac.ts';
import { fact } from '../../origins.ts';
import type { Adapter, VirtualMachine } from '../virtual-machine.ts';
import { channelOf, DEVICE, type Device } from './devices.ts';

/** Msvm_EthernetSwitchPortVlanSettingData: the id under which an adapter's VLAN is kept, in a binary form. */
const VLAN_FEATURE = 'feature_952c5004-4465-451c-8cb8-fa9ab382b773';

export function readAdapters(devices: readonly Device[], vm: VirtualMachine): void {
  for (const device of devices.filter(isAdapter)) addAdapter(vm, adapterOf(device, vm.from));
}

function isAdapter({ type, node }: Device): boolean {
  return type === DEVICE.ethernet || node.get('MacAddress') !== undefined;
}

function adapterOf({ instance, type, node }: Device, file: string): Adapter {
  const said = <T>(name: string, value: (text: string) => T | undefined) => {
    const key = node.get(name);
    return key?.text === undefined ? undefined : fact(value(key.text), file, key.where);
  };
  const connected = node.get('IsConnected');
  const synthetic = type === DEVICE.ethernet || channelOf(node) !== undefined;
  const vlan = node.get('Connection')?.children.find(({ name }) => name.toLowerCase() === VLAN_FEATURE);
  return {
    id: instance,
    name: node.get('FriendlyName')?.text,
    mac: said('MacAddress', macOf),
    legacy: fact(!synthetic, file, node.where),
    network: said('SwitchName', (text) => text),
    connected: connected ? fact(connected.flag, file, connected.where) : undefined,
    vlanUnclear: vlan && fact('not-read', file, vlan.where),
  };
}
