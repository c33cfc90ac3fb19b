/** The order in which a VM tries its disks. */
import type { BootEntry, Drive, VirtualMachine } from './virtual-machine.ts';

export interface Ordered {
  drives: Drive[];
  /** Whether a file says that the first of them boots, rather than that it is merely the first. */
  isKnown: boolean;
}

/**
 * Generation 1 boots the first disk on IDE and no other. Generation 2 tries its boot entries in order; where these are not
 * known, nothing says which disk boots.
 */
export function inBootOrder({ drives, bootOrder, generation }: VirtualMachine): Ordered {
  const byAddress = [...drives].sort(compareAddresses);
  const stated = (bootOrder?.value ?? [])
    .map((entry) => driveOf(entry, byAddress))
    .filter((drive) => drive !== undefined);
  const first = new Set(stated);
  const ordered = [...first, ...byAddress.filter((drive) => !first.has(drive))];
  const bootsFromIde = generation?.value === 1 && ordered[0]?.address?.value.kind === 'ide';
  return { drives: ordered, isKnown: first.size > 0 || bootsFromIde || drives.length <= 1 };
}

/** IDE, SCSI, then disks of which no file says where they are, in the order in which they are listed. */
function compareAddresses({ address: a }: Drive, { address: b }: Drive): number {
  if (!a || !b) return Number(!a) - Number(!b);
  if (a.value.kind !== b.value.kind) return a.value.kind === 'ide' ? -1 : 1;
  return a.value.bus - b.value.bus || a.value.unit - b.value.unit;
}

function driveOf(entry: BootEntry, drives: readonly Drive[]): Drive | undefined {
  if (entry.kind !== 'scsi' && entry.kind !== 'ide') return undefined;
  const candidates = drives.filter(
    ({ address }) => address?.value.kind === entry.kind && address.value.unit === entry.unit,
  );
  const exact = candidates.filter(({ address, channel }) =>
    entry.bus === undefined
      ? channel !== undefined && channel === entry.channel
      : address?.value.bus === entry.bus,
  );
  if (exact.length > 0 || entry.bus !== undefined) return exact[0];
  // Without channels to compare, only a place that one controller has is clear.
  const [only, ...more] = candidates.filter(({ channel }) => channel === undefined);
  return more.length === 0 ? only : undefined;
}

/** Whether the network is tried before any disk: the guest may need what it gets there. */
export function triesNetworkFirst({ bootOrder }: VirtualMachine): boolean {
  const first = bootOrder?.value.find(({ kind }) => kind !== 'other');
  return first?.kind === 'network';
}
