/** What the root lies on, layer by layer: a file system may be in a volume, in an encrypted one, on an array, on partitions. */
import type { GuestSession } from '../../guest.ts';
import { digitsOf } from './arrays.ts';
import type { Filesystem } from './filesystems.ts';

export interface Layer {
  kind: 'volume' | 'encrypted' | 'array' | 'partition' | 'disk';
  /** In the appliance. */
  device: string;
  /** Of an array: what the guest calls it, where that is known, and e.g. "raid1". */
  name?: string;
  level?: string;
}

// Nobody builds as many; a looping description of a guest ends here.
const MAX_LAYERS = 64;

/** From the file system's own device down; layers of the same height side by side. */
export async function readStack(
  session: GuestSession,
  device: string,
  filesystems: readonly Filesystem[],
): Promise<Layer[]> {
  const layers: Layer[] = [];
  const left = [device];
  while (left.length > 0 && layers.length < MAX_LAYERS) {
    const next = left.shift() ?? '';
    if (layers.some((layer) => layer.device === next)) continue;
    const { below, ...layer } = await layerOf(session, next, filesystems);
    layers.push({ ...layer, device: next });
    left.push(...below);
  }
  return layers;
}

interface Found extends Omit<Layer, 'device'> {
  below: readonly string[];
}

async function layerOf(
  session: GuestSession,
  device: string,
  filesystems: readonly Filesystem[],
): Promise<Found> {
  const membersOf = (type: string, isIt: (uuid: string) => boolean) =>
    filesystems
      .filter((each) => each.type === type && each.uuid !== undefined && isIt(each.uuid))
      .map((each) => each.device);
  const luks = /^\/dev\/mapper\/luks-(.+)$/.exec(device)?.[1];
  if (luks !== undefined)
    return { kind: 'encrypted', below: membersOf('crypto_LUKS', (uuid) => uuid === luks) };
  const array = filesystems.find((each) => each.device === device)?.array;
  if (array) {
    const below = membersOf('linux_raid_member', (uuid) => digitsOf(uuid) === array.uuid);
    const { level, name } = array;
    return {
      kind: 'array',
      below,
      ...(level !== undefined && { level }),
      ...(name !== undefined && { name }),
    };
  }
  const group = /^\/dev\/([^/]+)\/[^/]+$/.exec(device)?.[1];
  if (group !== undefined && group !== 'mapper') {
    const ids = (await session.lines('vgpvuuids', group).catch(() => [])).map(digitsOf);
    return { kind: 'volume', below: membersOf('LVM2_member', (uuid) => ids.includes(digitsOf(uuid))) };
  }
  return { kind: /\d$/.test(device) ? 'partition' : 'disk', below: [] };
}

const TITLES: Readonly<Record<Layer['kind'], string>> = {
  volume: 'LVM volume',
  encrypted: 'LUKS',
  array: 'md RAID',
  partition: 'partition',
  disk: 'whole disk',
};

/** e.g. "LVM volume vg0/root on LUKS on md RAID (raid1) on partitions sda2, sdb2". */
export function stackText(layers: readonly Layer[]): string {
  const groups: Layer[][] = [];
  for (const layer of layers) {
    const last = groups.at(-1);
    if (last?.[0]?.kind === layer.kind) last.push(layer);
    else groups.push([layer]);
  }
  return groups.map(groupText).join(' on ');
}

function groupText(layers: readonly Layer[]): string {
  const [{ kind, name, level } = { kind: 'disk' as const, name: undefined, level: undefined }] = layers;
  if (kind === 'encrypted') return TITLES[kind];
  if (kind === 'array') return [TITLES[kind], name, level && `(${level})`].filter(Boolean).join(' ');
  const names = layers.map(({ device }) => device.replace(/^\/dev\//, '')).join(', ');
  return `${TITLES[kind]}${layers.length > 1 ? 's' : ''} ${names}`;
}
