/** What a target needs of a guest: pure data that every target states and every fixer reads. */
import type { Firmware } from '../../proto/gen/ascend/v1/machine.ts';

export interface GuestRequirements {
  firmware: Firmware;
  /** Linux kernel modules without which the guest does not find its disks on this target. */
  bootDrivers: readonly string[];
  /** Linux kernel modules of the target's network cards. */
  networkDrivers: readonly string[];
  /** The serial device on which the target shows the guest's console, e.g. "ttyS0"; undefined: none. */
  serialConsole: string | undefined;
  /** The target's own guest agent: left alone, while the agents of other hypervisors are disabled. */
  guestAgent: GuestAgent | undefined;
  nics: readonly NicRequirement[];
}

export type GuestAgent = 'vmware-tools' | 'qemu-guest-agent' | 'hyperv-daemons' | 'xe-guest-utilities';

/** A NIC that must keep its name, and with it its address, though the hardware around it changes. */
export interface NicRequirement {
  /** On the target; lower case, colon separated. */
  mac: string;
  /** Names that it may have had in the guest, best first. */
  guestNames: readonly string[];
}
