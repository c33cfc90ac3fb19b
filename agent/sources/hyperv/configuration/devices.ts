/**
 * The devices of a configuration: a node `_<instance GUID>_` each. The manifest maps instances to kinds of device; that
 * of a 2012 R2 export lists the synthetic devices alone, so the emulated ones are found by their well-known instance.
 */
import { guidOf } from '../identifiers.ts';
import type { Key } from './key.ts';

export const DEVICE = {
  ide: '83f8638b-8dca-4152-9eda-2ca8b33039b4',
  scsi: 'd422512d-2bf2-4752-809d-7b82b5fcb1b4',
  ethernet: '2fc216b0-d2e2-4967-9b6d-b8a5c9ca2778',
  firmware: 'ac6b8dc1-3257-4a70-b1b2-a9c9215659ad',
  floppy: '8f0d2762-0b00-4e04-af4f-19010527cb93',
} as const;

export interface Device {
  instance: string;
  /** The kind of device; undefined where the manifest does not list it. */
  type: string | undefined;
  node: Key;
}

/** In the order of the manifest, then what the manifest does not list. */
export function devicesOf(configuration: Key): Device[] {
  const nodes = new Map<string, Key>();
  for (const node of configuration.children) {
    const instance = node.name.startsWith('_') ? guidOf(node.name.slice(1, -1)) : undefined;
    if (instance !== undefined && !nodes.has(instance)) nodes.set(instance, node);
  }
  const devices: Device[] = [];
  for (const listed of manifestOf(configuration)) {
    const instance = guidOf(listed.get('instance')?.text);
    const node = nodes.get(instance ?? '');
    if (instance === undefined || !node) continue;
    nodes.delete(instance);
    devices.push({ instance, type: guidOf(listed.get('device')?.text), node });
  }
  for (const [instance, node] of nodes) devices.push({ instance, type: undefined, node });
  return devices;
}

/** `vdev001`, `vdev002`, ...: in the order of their numbers. */
function manifestOf(configuration: Key): Key[] {
  const listed = (configuration.get('manifest')?.children ?? []).filter(({ name }) =>
    /^vdev\d{1,9}$/.test(name),
  );
  return listed.sort((a, b) => Number(a.name.slice(4)) - Number(b.name.slice(4)));
}

/** A VMBus channel is what a synthetic device has and an emulated one has not. */
export function channelOf(node: Key): string | undefined {
  return guidOf(node.get('ChannelInstanceGuid')?.text);
}

export function isScsi({ type, instance, node }: Device): boolean {
  if (type !== undefined) return type === DEVICE.scsi;
  return (
    instance !== DEVICE.ide &&
    instance !== DEVICE.floppy &&
    channelOf(node) !== undefined &&
    node.children.some(({ name }) => CONTROLLER.test(name))
  );
}

export const CONTROLLER = /^controller(\d{1,4})$/;
export const DRIVE = /^drive(\d{1,4})$/;
