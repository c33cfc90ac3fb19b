/** The items of a hardware section: one virtual device each, as CIM properties (DSP0243 2.1, section 8). */
import type { XmlElement } from '../../../documents/xml.ts';

/** CIM_ResourceAllocationSettingData.ResourceType. */
export const RESOURCE = {
  other: '1',
  processor: '3',
  memory: '4',
  ide: '5',
  scsi: '6',
  ethernet: '10',
  disk: '17',
  storage: '20',
} as const;

export class Item {
  readonly instanceId: string;
  /** Of the element that was read last. */
  readonly where: string;
  readonly #properties = new Map<string, string>();
  readonly #settings = new Map<string, string>();

  constructor(instanceId: string, where: string) {
    this.instanceId = instanceId;
    this.where = where;
  }

  /** A CIM property, e.g. `VirtualQuantity`; undefined where absent or empty. */
  get(name: string): string | undefined {
    return this.#properties.get(name.toLowerCase()) || undefined;
  }

  /** The address that vCloud gave to a NIC: an attribute of its connection. */
  get ipAddress(): string | undefined {
    return this.#properties.get('connection@ipaddress') || undefined;
  }

  /** A `vmw:Config` of the item, e.g. `slotInfo.pciSlotNumber`. */
  setting(key: string): string | undefined {
    return this.#settings.get(key.toLowerCase());
  }

  whole(name: string): number | undefined {
    const text = this.get(name);
    return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  }

  flag(name: string): boolean | undefined {
    const text = this.get(name)?.toLowerCase();
    return text === 'true' ? true : text === 'false' ? false : undefined;
  }

  is(...types: string[]): boolean {
    return types.includes(this.get('ResourceType') ?? '');
  }

  /** The first of the alternatives, lower case: `E1000 virtio` is e1000. */
  get model(): string | undefined {
    return this.get('ResourceSubType')?.toLowerCase().split(/\s+/, 1)[0];
  }

  /** Properties of a later element for the same device win one by one: it may state only what differs. */
  add(element: XmlElement): void {
    const seen = new Set<string>();
    for (const child of element.children) {
      const key = child.name.toLowerCase();
      const setting = child.attribute('key');
      if (key === 'config' && setting !== undefined) {
        this.#settings.set(setting.toLowerCase(), child.attribute('value') ?? '');
      } else if (!seen.has(key)) {
        // Of a property that is a list, the first counts: e.g. the first network of several to choose from.
        this.#properties.set(key, child.text);
        seen.add(key);
        if (key === 'connection')
          this.#properties.set('connection@ipaddress', child.attribute('ipAddress') ?? '');
      }
    }
  }
}

/** Devices of the chosen configuration, in the order of the document. */
export function itemsOf(hardware: XmlElement, configuration: string | undefined): Item[] {
  const items = new Map<string, Item>();
  for (const element of hardware.children) {
    if (!/^(Item|StorageItem|EthernetPortItem)$/.test(element.name)) continue;
    if (!isInConfiguration(element, configuration) || isBound(element)) continue;
    const id = element.textOf('InstanceID') ?? element.textOf('InstanceId') ?? element.where;
    const item = items.get(id) ?? new Item(id, element.where);
    item.add(element);
    items.set(id, item);
  }
  return [...items.values()];
}

/** An element without `ovf:configuration` is in all of them. */
export function isInConfiguration(element: XmlElement, configuration: string | undefined): boolean {
  const names = element.attribute('configuration');
  return names === undefined || names.split(/\s+/).includes(configuration ?? '');
}

/** A range that a quantity may have, not the quantity itself (DSP0243 2.1, section 8.4). */
function isBound(element: XmlElement): boolean {
  return ['min', 'max'].includes(element.attribute('bound') ?? '');
}
