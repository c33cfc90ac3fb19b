/** What a target needs of a guest: pure data that every target states and every fixer reads. */
import type { Firmware } from '../../proto/gen/ascend/v1/machine.ts';

export interface GuestRequirements {
  /** What the machine starts by on the target. */
  firmware: Firmware;
  /** A guest that starts by the other firmware alone is changed where that can be done; refused otherwise. */
  convertFirmware?: boolean;
  /** What the boot disk hangs on there. */
  storage: StorageController;
  network: NetworkCard;
  /** The serial device on which the target shows the guest's console, e.g. "ttyS0"; undefined: none. */
  serialConsole: string | undefined;
  /** Further arguments that a Linux kernel needs there, e.g. "net.ifnames=0". */
  kernelArguments: readonly string[];
  /** The target's own guest agent: left alone, while the agents of other hypervisors are disabled. */
  guestAgent: GuestAgent | undefined;
  /** A cloud whose guests are reached by network alone, and set up by its own agents. */
  cloud: 'ec2' | 'azure' | undefined;
  nics: readonly NicRequirement[];
  /** What the user supplies for the guest; local folders of the conversion host. */
  supplies: Supplies;
}

export type StorageController =
  'virtio-blk' | 'virtio-scsi' | 'pvscsi' | 'lsi-sas' | 'ahci' | 'ide' | 'nvme' | 'storvsc' | 'xen-blk';

export type NetworkCard = 'virtio-net' | 'vmxnet3' | 'e1000e' | 'netvsc' | 'ena' | 'xen-net';

export type GuestAgent =
  'vmware-tools' | 'qemu-guest-agent' | 'hyperv-daemons' | 'xe-guest-utilities' | 'azure-agent' | 'ssm-agent';

/** A NIC that must keep its name, and with it its address, though the hardware around it changes. */
export interface NicRequirement {
  /** On the target; lower case, colon separated. */
  mac: string;
  /** Names that it may have had in the guest, best first. */
  guestNames: readonly string[];
  addressing: Addressing;
}

/** keep: what the guest has configured for it. */
export type Addressing = 'keep' | 'dhcp' | StaticAddressing;

export interface StaticAddressing {
  /** e.g. "10.0.0.5/24" or "2001:db8::5/64". */
  cidr: string;
  gateway: string | undefined;
  dns: readonly string[];
}

export interface Supplies {
  /** Windows drivers: an unpacked virtio-win ISO, VMware Tools drivers, AWS drivers; in any folder below. */
  drivers?: string;
  /** Installers of the target's tools: a folder or an ISO image with .msi and .exe for Windows, .deb and .rpm for Linux. */
  packages?: string;
  /** Files with keys of encrypted volumes: see volume-keys.ts. */
  luksKeys?: readonly string[];
}
