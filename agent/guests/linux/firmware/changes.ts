/** The changes to a guest that make it start by the other firmware. Devices are the appliance's. */
import type { DiskWrite, Extent } from './partition-table.ts';
import type { GrubPlatform, Menu } from './grub.ts';

export type FirmwareChange =
  | NewPartitionChange
  | { kind: 'device-bytes'; path: string; offsetBytes: number; content: Buffer }
  /** `path`: where; the folder is made. */
  | { kind: 'mount'; path: string; device: string }
  /** GRUB of this host, made to read the guest's own menu. */
  | { kind: 'grub-loader'; path: string; menu: Menu }
  /** GRUB of this host in the first sector of disk `path`, and in the sectors that are given. */
  | { kind: 'grub-boot-sectors'; path: string; menu: Menu; at: Extent }
  /** What GRUB loads when it runs, in a folder of the guest. */
  | { kind: 'grub-modules'; path: string; platform: GrubPlatform };

/** A partition more in the table of disk `path`. */
export interface NewPartitionChange extends Extent {
  kind: 'partition';
  path: string;
  number: number;
  writes: readonly DiskWrite[];
  /** Undefined where nothing is going to be mounted from it. */
  device: string | undefined;
}
