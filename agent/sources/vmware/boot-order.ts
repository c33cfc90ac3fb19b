/** The order in which VMware's firmware looks at disks, unless the configuration names another. */
import type { Disk } from '../../../proto/gen/ascend/v1/machine.ts';
import type { Facts } from '../facts.ts';

const BUSES = ['ide', 'scsi', 'sata', 'nvme'];

/**
 * The boot disk first. `named` is the order that the configuration gives (ids of disks), with its key; it may still name
 * disks that were removed: the first that is there boots, and the unnamed come after.
 */
export function inBootOrder(
  disks: readonly Disk[],
  named: { ids: readonly string[]; key: string },
  facts: Facts,
): Disk[] {
  const places = new Map(named.ids.map((id, index) => [id, index]));
  const place = ({ id }: Disk) => places.get(id) ?? places.size;
  const sorted = [...disks].sort((a, b) => place(a) - place(b) || rank(a) - rank(b));
  return sorted.map((disk, index) => {
    const boot = index === 0;
    if (boot)
      facts.note(`disks.${disk.id}.boot`, boot, places.has(disk.id) ? named.key : 'order of controllers');
    return { ...disk, boot };
  });
}

function rank({ controller }: Disk): number {
  const kind = BUSES.indexOf(controller?.kind ?? '');
  return (kind < 0 ? BUSES.length : kind) * 1e9 + (controller?.bus ?? 0) * 1e5 + (controller?.unit ?? 0);
}
