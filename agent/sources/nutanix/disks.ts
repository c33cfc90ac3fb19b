/** Disks in boot order, with the addresses that AHV gives them: a bus and an index on it, e.g. `scsi.0`. */
import { info, warn } from '../../../proto/finding.ts';
import type { Disk, DiskController } from '../../../proto/gen/ascend/v1/machine.ts';
import type { BootDescription, Description, DiskDescription } from './description.ts';
import type { NodeFacts } from './facts.ts';
import { freeId } from './free-id.ts';

// AHV documents no order between buses ("the system will decide an appropriate boot device order", v3 reference, boot_config).
// SCSI is what it attaches disks to unless told otherwise.
const BUSES = ['scsi', 'sata', 'ide', 'pci'];

// A disk on AHV's PCI bus is a virtio-blk device; SPAPR is the SCSI of POWER hosts.
const KINDS: ReadonlyMap<string, string> = new Map([
  ['scsi', 'scsi'],
  ['sata', 'sata'],
  ['ide', 'ide'],
  ['pci', 'virtio'],
  ['spapr', 'scsi'],
]);

interface Placed {
  described: DiskDescription;
  /** `scsi.0`, or undefined where the source names no bus or no index. */
  address: string | undefined;
  rank: number;
}

export function disksOf({ disks, boot, file }: Description, facts: NodeFacts): Disk[] {
  const placed = disks.map(place).sort((a, b) => a.rank - b.rank);
  const first = bootDisk(placed, boot, facts, file);
  const ordered = first ? [first, ...placed.filter((disk) => disk !== first)] : placed;
  return ordered.map(({ described, address }, index) => {
    const id = uniqueId(described, address, facts);
    facts.refer(id, ...described.names.map((name) => name.text()));
    if (index === 0) facts.noteAt(`disks.${id}.boot`, true, first ? boot.index : described.index);
    return {
      id,
      label: facts.text(`disks.${id}.label`, described.label),
      sizeBytes: sizeOf(id, described, facts),
      controller: controllerOf(id, described, facts),
      boot: index === 0,
    };
  });
}

function place(described: DiskDescription): Placed {
  const address = addressOf(described);
  const bus = BUSES.indexOf(described.bus.text()?.toLowerCase() ?? '');
  const index = indexOf(described.index);
  const rank = (bus === -1 ? BUSES.length : bus) * 1e6 + (index ?? 1e6 - 1);
  return { described, address, rank };
}

function addressOf({ bus, index }: { bus: DiskDescription['bus']; index: DiskDescription['index'] }) {
  const name = bus.text()?.toLowerCase();
  const number = indexOf(index);
  return name === undefined || number === undefined || !KINDS.has(name) ? undefined : `${name}.${number}`;
}

/** AHV has 256 addresses on its widest bus. */
function indexOf(node: DiskDescription['index']): number | undefined {
  const index = node.whole();
  return index === undefined || index > 65_535n ? undefined : Number(index);
}

/** The one that the boot configuration names; undefined where it names none of these. */
function bootDisk(
  placed: Placed[],
  boot: BootDescription,
  facts: NodeFacts,
  file: string,
): Placed | undefined {
  const named = addressOf(boot);
  const found = named === undefined ? undefined : placed.find(({ address }) => address === named);
  if (found) return found;
  if (placed.length === 0 || (placed.length === 1 && named === undefined)) return undefined;
  const why =
    named === undefined
      ? `${file} does not say which disk the machine boots from`
      : `${file} says that the machine boots from ${named}, which is none of its disks (a CD-ROM, or a disk of a volume group)`;
  const message = `${why}; the first in order of its address is taken.`;
  const remedy = 'If the restored machine does not boot, try another disk.';
  facts.findings.push(info('disk.boot-assumed', file, message, remedy));
  return undefined;
}

/** Its address; where that is missing or taken, what else it is called. */
function uniqueId({ names }: DiskDescription, address: string | undefined, facts: NodeFacts): string {
  const taken = facts.diskReferences;
  if (address !== undefined && !taken.has(address)) return address;
  if (address !== undefined) {
    facts.findings.push(
      warn(
        'disk.address-twice',
        address,
        `Two disks have the address ${address}; the second keeps another name.`,
        'Export the metadata again; check the order of the disks after the restore.',
      ),
    );
  }
  // Their last parts only: a path is no identifier.
  const candidates = names.flatMap((name) => name.text()?.split('/').at(-1)?.slice(0, 128) || []);
  return freeId(candidates, 'disk', taken.size, taken);
}

function sizeOf(id: string, { sizes }: DiskDescription, facts: NodeFacts): bigint | undefined {
  for (const size of sizes) {
    const bytes = facts.bytes(`disks.${id}.sizeBytes`, size);
    if (bytes !== undefined) return bytes;
  }
  return undefined;
}

function controllerOf(
  id: string,
  { bus, index }: DiskDescription,
  facts: NodeFacts,
): DiskController | undefined {
  const name = bus.text()?.toLowerCase();
  const kind = name === undefined ? undefined : KINDS.get(name);
  if (kind === undefined) return undefined;
  return { kind: facts.noteAt(`disks.${id}.controller`, kind, bus), unit: indexOf(index) };
}
