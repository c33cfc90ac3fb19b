/** The controllers that disks of an OVF hang on. */
import { RESOURCE, type Item } from './items.ts';

export interface Controller {
  kind: string;
  model: string | undefined;
  bus: number;
}

/** VMware's names in OVF, and in a VMX. */
const MODELS: ReadonlyMap<string, string> = new Map([
  ['virtualscsi', 'pvscsi'],
  ['lsilogicsas', 'lsisas1068'],
  ['vmware.sata.ahci', 'ahci'],
]);

/** By the InstanceID of the item. */
export function controllersOf(items: readonly Item[]): Map<string, Controller> {
  const controllers = new Map<string, Controller>();
  const taken = new Map<string, Set<number>>();
  for (const item of items) {
    const kind = kindOf(item);
    if (kind === undefined) continue;
    const buses = taken.get(kind) ?? new Set<number>();
    taken.set(kind, buses);
    const stated = item.whole('Address') ?? item.whole('BusNumber');
    const bus = stated === undefined || buses.has(stated) || stated > 255 ? firstFree(buses) : stated;
    buses.add(bus);
    controllers.set(item.instanceId, { kind, model: modelOf(item, kind), bus });
  }
  return controllers;
}

function kindOf(item: Item): string | undefined {
  if (item.is(RESOURCE.ide)) return 'ide';
  if (item.is(RESOURCE.scsi)) return item.model === 'virtio-scsi' ? 'virtio' : 'scsi';
  if (!item.is(RESOURCE.storage)) return undefined;
  return item.model?.includes('nvme') ? 'nvme' : 'sata';
}

function modelOf({ model }: Item, kind: string): string | undefined {
  return kind === 'nvme' ? undefined : (MODELS.get(model ?? '') ?? model);
}

function firstFree(taken: ReadonlySet<number>): number {
  let candidate = taken.size;
  while (taken.has(candidate)) candidate++;
  return candidate;
}
