/** How large a disk of an OVF is. */
import { warn } from '../../../../proto/finding.ts';
import type { XmlElement } from '../../../documents/xml.ts';
import type { Facts } from '../../facts.ts';
import type { Item } from './items.ts';
import { bytesIn } from './units.ts';

/**
 * Bytes of a `Disk` element. Without a unit it is bytes, and the number may be a property's (DSP0243 2.1, section 9.1);
 * oVirt has `size` in GiB instead.
 */
export function capacityOf(
  id: string,
  disk: XmlElement,
  propertyOf: (key: string) => string | undefined,
  facts: Facts,
): bigint | undefined {
  const fact = `disks.${id}.sizeBytes`;
  const capacity = disk.attribute('capacity');
  if (capacity === undefined) {
    return facts.note(fact, bytesIn(disk.attribute('size'), 'GiB'), `${disk.where}@size`);
  }
  const named = /^\$\{(.{1,255})\}$/.exec(capacity)?.[1];
  const quantity = named === undefined ? capacity : propertyOf(named);
  const unit = disk.attribute('capacityAllocationUnits') ?? 'byte';
  const bytes = bytesIn(quantity, unit);
  if (bytes === undefined) {
    const written = JSON.stringify(`${capacity} ${unit}`.slice(0, 255));
    const message = `${facts.file} gives ${id} the size ${written}, which is none.`;
    const remedy = 'The size is taken from the disk itself, if it is there.';
    facts.findings.push(warn('machine.value-invalid', fact, message, remedy));
  }
  return facts.note(fact, bytes, `${disk.where}@capacity`);
}

/** Bytes of a disk that the hardware section alone describes. */
export function quantityOf(id: string, item: Item, facts: Facts): bigint | undefined {
  const unit = item.get('AllocationUnits') ?? item.get('VirtualQuantityUnits') ?? 'byte';
  const bytes = bytesIn(item.get('VirtualQuantity'), unit);
  return facts.note(`disks.${id}.sizeBytes`, bytes, `${item.where}/VirtualQuantity`);
}
