/** How a libvirt domain calls the storage of a disk: a file, a device, a volume of a pool, an image of a cluster. */
import type { XmlElement } from '../../../documents/xml.ts';

/** The most telling first; none for storage without a name, such as a socket. */
export function namesOf(disk: XmlElement): string[] {
  const source = disk.child('source');
  const path = ['file', 'dev', 'volume', 'name', 'dir'].map((key) => source?.attribute(key)).find(Boolean);
  return path === undefined ? [] : [path, ...volumeOf(path)];
}

// LINSTOR: the last part of /dev/drbd/by-res/cs-<uuid>/0 says nothing, and CloudStack's backups take the UUID.
const LINSTOR = /^\/dev\/drbd\/by-res\/(?:cs-)?([A-Za-z0-9-]{1,64})\/\d+$/;

function volumeOf(path: string): string[] {
  const linstor = LINSTOR.exec(path)?.[1];
  const last = linstor ?? path.slice(path.lastIndexOf('/') + 1);
  return last === '' || last === path ? [] : [last];
}

/**
 * What CloudStack gives a disk as its serial: the first 20 hex digits of the volume's UUID, and undefined where that is
 * none. Source: CloudStack, LibvirtComputingResource.
 */
export function serialOf(uuid: string): string | undefined {
  const digits = uuid.toLowerCase().replaceAll('-', '');
  return /^[0-9a-f]{32}$/.test(digits) ? digits.slice(0, 20) : undefined;
}
