/** What the guest calls its disks, and which of the appliance's devices that is. */

import type { Layer } from './storage-stack.ts';

/** As the appliance names devices: disks in the machine's order are /dev/sda, /dev/sdb, ... */
export interface MountedRoot {
  device: string;
  /** What the guest's own fstab calls it. */
  spec: string | undefined;
  /** Every file system and swap area: device in the appliance -> UUID. */
  uuids: ReadonlyMap<string, string>;
  /** Names that do not depend on hardware, e.g. "LABEL=root", "PARTUUID=...", "/dev/mapper/vg-root" -> device. */
  aliases: ReadonlyMap<string, string>;
  /** Undefined where the guest lies in no disks: the tests' miniature roots. */
  layout?: RootLayout;
}

export interface RootLayout {
  /** As blkid(8) names it. */
  type: string;
  /** Of btrfs; undefined for the default one. */
  subvolume: string | undefined;
  layers: readonly Layer[];
}

/** A block device named after its driver. CD-ROM drives (/dev/sr0) are named alike everywhere. */
export const DRIVER_NAME = /^\/dev\/(?:[hsv]d[a-z]+\d*|xvd[a-z]+\d*|nvme\d+n\d+(?:p\d+)?)$/;

/** Named after the slot or the serial number of virtual hardware: of no use on other hardware. */
const HARDWARE_LINK = /^\/dev\/disk\/by-(?:path|id)\/\S+$/;

/** Whether a name changes with the hardware. LVM and RAID have names of their own under by-id. */
export function isHardwareName(spec: string): boolean {
  return DRIVER_NAME.test(spec) || (HARDWARE_LINK.test(spec) && !/\/by-id\/(?:dm-|lvm-|md-)/.test(spec));
}

/** The appliance's device for what a guest wrote: `UUID=...`, a label, a volume, or a disk name of any bus. */
export function deviceOf(spec: string, root: MountedRoot): string | undefined {
  const { uuids, aliases } = root;
  const tag = /^(UUID|LABEL|PARTUUID|PARTLABEL)="?([^"]+)"?$/i.exec(linkAsTag(spec));
  if (tag?.[1]?.toUpperCase() === 'UUID') return byUuid(uuids, tag[2] ?? '');
  if (tag) return aliases.get(aliasOf(tag[1] ?? '', tag[2] ?? ''));
  // hdX, sdX, vdX, xvdX: the same disk under another driver keeps its letter.
  const name = /^\/dev\/(?:[hsv]d|xvd)([a-z]+\d*)$/.exec(spec)?.[1];
  const device = name ? `/dev/sd${name}` : (aliases.get(spec) ?? besideRoot(spec, root));
  return device && uuids.has(device) ? device : undefined;
}

function byUuid(uuids: MountedRoot['uuids'], wanted: string): string | undefined {
  return [...uuids].find(([, candidate]) => candidate.toLowerCase() === wanted.toLowerCase())?.[0];
}

/** udev's links say the same as fstab's tags. Source: fstab(5), systemd's 60-persistent-storage.rules. */
function linkAsTag(spec: string): string {
  const link = /^\/dev\/disk\/by-(uuid|label|partuuid|partlabel)\/(\S+)$/.exec(spec);
  if (!link) return spec;
  const value = (link[2] ?? '').replace(/\\x([0-9a-f]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return `${(link[1] ?? '').toUpperCase()}=${value}`;
}

/** The key of an alias. Identifiers of partitions compare without case, labels with it. */
export function aliasOf(tag: string, value: string): string {
  const key = tag.toUpperCase();
  return `${key}=${key === 'PARTUUID' ? value.toLowerCase() : value}`;
}

/** A partition of the disk that the root is known to lie on: by-path names differ in their number alone. */
function besideRoot(spec: string, { device, spec: rootSpec }: MountedRoot): string | undefined {
  const sameDisk = /^(\/dev\/disk\/by-\S+-part|\/dev\/nvme\d+n\d+p)(\d+)$/;
  const wanted = sameDisk.exec(spec);
  const known = sameDisk.exec(rootSpec ?? '');
  const disk = /^(\/dev\/sd[a-z]+)\d+$/.exec(device)?.[1];
  return wanted && disk && wanted[1] === known?.[1] ? `${disk}${wanted[2]}` : undefined;
}

/** What device-mapper calls a logical volume: dashes in names are doubled. Source: lvm(8), "Valid names". */
export function mapperName(group: string, volume: string): string {
  const escaped = (name: string) => name.replaceAll('-', '--');
  return `/dev/mapper/${escaped(group)}-${escaped(volume)}`;
}
