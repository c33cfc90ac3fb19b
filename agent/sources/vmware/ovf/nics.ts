/** The NICs of an OVF, in the order of the document. */
import type { Nic } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { XmlElement } from '../../../documents/xml.ts';
import { addressWith } from '../../addresses.ts';
import type { Facts } from '../../facts.ts';
import { macFindings, macOf } from '../../mac.ts';
import { guestNames } from '../nic-names.ts';
import { RESOURCE, type Item } from './items.ts';

/** `adapters`: what VirtualBox adds to each NIC, where it made the file. */
export function nicsOf(items: readonly Item[], adapters: readonly XmlElement[], facts: Facts): Nic[] {
  const nics = items.filter((item) => item.is(RESOURCE.ethernet));
  // Matched by order alone, so only where there are as many.
  const matched = adapters.length === nics.length ? adapters : [];
  return nics.map((item, index) => nicOf(item, index, matched[index], facts));
}

function nicOf(item: Item, index: number, adapter: XmlElement | undefined, facts: Facts): Nic {
  const id = `ethernet${index}`;
  const note = <T>(fact: string, value: T, property: string): T =>
    facts.note(`nics.${id}.${fact}`, value, `${item.where}/${property}`);
  const stated = macOf(item.get('Address')) ?? macOf(item.get('MACAddress'));
  if (!stated) facts.findings.push(...macFindings(id, item.get('Address'), facts.file));
  const slot = /^\d{1,5}$/.exec(item.setting('slotInfo.pciSlotNumber') ?? '')?.[0];
  const address = addressWith(item.ipAddress);
  return {
    id,
    mac: note('mac', stated ?? macOf(adapter?.attribute('MACAddress')), stated ? 'Address' : '@MACAddress'),
    model: note('model', modelOf(item), 'ResourceSubType'),
    network: note('network', item.get('Connection'), 'Connection'),
    connected: note('connected', item.flag('AutomaticAllocation'), 'AutomaticAllocation'),
    addresses: address === undefined ? [] : [note('addresses', address, 'Connection@ipAddress')],
    guestNames: guestNames(slot === undefined ? undefined : Number(slot), index),
  };
}

/** oVirt's numbers (VmInterfaceType); 3 is virtio. */
const MODELS: ReadonlyMap<string, string> = new Map([
  ['1', 'rtl8139'],
  ['2', 'e1000'],
  ['3', 'virtio'],
  ['6', 'e1000e'],
]);

function modelOf({ model }: Item): string | undefined {
  return MODELS.get(model ?? '') ?? model;
}
