/** What the guest calls its disks, and which of the appliance's devices that is. */

/** As the appliance names devices: disks in the machine's order are /dev/sda, /dev/sdb, ... */
export interface MountedRoot {
  device: string;
  /** What the guest's own fstab calls it. */
  spec: string | undefined;
  /** Every file system and swap area: device in the appliance -> UUID. */
  uuids: ReadonlyMap<string, string>;
}

/** A block device named after its driver. CD-ROM drives (/dev/sr0) are named alike everywhere. */
export const DRIVER_NAME = /^\/dev\/(?:[hsv]d[a-z]+\d*|xvd[a-z]+\d*|nvme\d+n\d+(?:p\d+)?)$/;

/** The appliance's device for what a guest wrote: `UUID=...`, or a disk name of any bus. */
export function deviceOf(spec: string, uuids: ReadonlyMap<string, string>): string | undefined {
  const uuid = /^UUID="?([^"]+)"?$/i.exec(spec)?.[1]?.toLowerCase();
  if (uuid !== undefined) return [...uuids].find(([, candidate]) => candidate.toLowerCase() === uuid)?.[0];
  // hdX, sdX, vdX, xvdX: the same disk under another driver keeps its letter.
  const name = /^\/dev\/(?:[hsv]d|xvd)([a-z]+\d*)$/.exec(spec)?.[1];
  const device = name && `/dev/sd${name}`;
  return device && uuids.has(device) ? device : undefined;
}
