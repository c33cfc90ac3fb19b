/** The disks of an OVF, the boot disk first. */
import { info, warn } from '../../../../proto/finding.ts';
import type { Disk } from '../../../../proto/gen/ascend/v1/machine.ts';
import { inBootOrder } from '../boot-order.ts';
import type { Facts } from '../../facts.ts';
import { capacityOf, quantityOf } from './disk-size.ts';
import { controllersOf, type Controller } from './controllers.ts';
import type { Envelope } from './envelope.ts';
import { referTo } from './file-references.ts';
import { RESOURCE, type Item } from './items.ts';
import type { XmlElement } from '../../../documents/xml.ts';

export interface System {
  envelope: Envelope;
  /** The value of a property of the system or of the envelope. */
  property: (key: string) => string | undefined;
  items: readonly Item[];
  facts: Facts;
}

export function disksOf(system: System): Disk[] {
  const controllers = controllersOf(system.items);
  const addresses = new Addresses();
  const disks = system.items
    .filter((item) => item.is(RESOURCE.disk))
    .map((item) => diskOf(system, item, controllers.get(item.get('Parent') ?? ''), addresses));
  return inBootOrder(disks, { ids: [], key: '' }, system.facts);
}

/** The addresses that are given away: on one controller, no two disks share a unit. */
class Addresses {
  readonly #taken = new Map<string, { units: Set<number>; next: number }>();

  take(controller: string, wanted: number | undefined): number {
    const on = this.#taken.get(controller) ?? { units: new Set<number>(), next: 0 };
    this.#taken.set(controller, on);
    while (on.units.has(on.next)) on.next++;
    const unit = wanted === undefined || on.units.has(wanted) ? on.next : wanted;
    on.units.add(unit);
    return unit;
  }
}

function diskOf(system: System, item: Item, controller: Controller | undefined, addresses: Addresses): Disk {
  const { facts, envelope } = system;
  const name = controller ? `${controller.kind}${controller.bus}` : 'disk';
  const unit = addresses.take(name, item.whole('AddressOnParent') ?? item.whole('Address'));
  const id = `${name}:${unit}`;
  if (controller) facts.note(`disks.${id}.controller`, controller.kind, `${item.where}/Parent`);
  const element = packedDisk(item, envelope);
  if (element) referTo(id, element, envelope, facts);
  else describeEmpty(id, item, facts);
  return {
    id,
    label: facts.note(`disks.${id}.label`, item.get('ElementName') ?? item.get('Caption'), item.where),
    sizeBytes: element ? capacityOf(id, element, system.property, facts) : quantityOf(id, item, facts),
    controller: controller && { ...controller, unit },
    boot: false,
  };
}

/** `ovf:/disk/x`, `/disk/x`, `ovf://disk/x`, or x alone; of oVirt `group/image`, where the file is `image`'s. */
function packedDisk(item: Item, { disks }: Envelope): XmlElement | undefined {
  const resource = item.get('HostResource');
  if (resource === undefined) return undefined;
  const id = /^(?:ovf:)?\/{0,2}disk\/(.{1,1000})$/s.exec(resource)?.[1] ?? resource;
  const parts = id.split('/', 3);
  return disks.get(id) ?? parts.map((part) => disks.get(part)).find((disk) => disk !== undefined);
}

function describeEmpty(id: string, item: Item, facts: Facts): void {
  const resource = item.get('HostResource');
  facts.findings.push(
    resource === undefined
      ? info(
          'disk.empty',
          id,
          `${facts.file} has no content for ${id}: it is a new, empty disk.`,
          'Nothing to do.',
        )
      : warn(
          'disk.reference-broken',
          id,
          `${facts.file} says that ${id} is ${JSON.stringify(resource.slice(0, 255))}, which it does not describe.`,
          'Export the machine again.',
        ),
  );
}
