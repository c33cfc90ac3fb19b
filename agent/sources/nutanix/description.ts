/**
 * What every generation of the Nutanix API says about a VM, each in its own spelling. A generation's file finds the places;
 * machine.ts alone knows what they mean together.
 */
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import type { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import type { JsonNode } from '../../documents/json.ts';

/** A fact that a generation had to work out, and where from. */
export interface Stated<T> {
  value: T;
  where: string;
}

/** A quantity in a unit of `unit` bytes. */
export interface Size {
  node: JsonNode;
  unit: bigint;
}

export interface Description {
  /** Relative to the backup's folder. */
  file: string;
  id: JsonNode;
  name: JsonNode;
  notes: JsonNode;
  cpu: { sockets: JsonNode; coresPerSocket: JsonNode; threadsPerCore: JsonNode } | { count: JsonNode };
  memory: Size;
  firmware: Stated<Firmware> | undefined;
  secureBoot: Stated<boolean> | undefined;
  tpm: JsonNode;
  guest: { id: JsonNode; os: JsonNode };
  disks: DiskDescription[];
  boot: BootDescription;
  nics: NicDescription[];
  tags: (Stated<string> & { key: string })[];
  /** Identifiers of v4 categories, whose names lie in another document. */
  categoryIds: JsonNode[];
  /** Identifiers of volume groups that are attached to the VM. */
  volumeGroups: JsonNode[];
  gpus: JsonNode[];
  serialPorts: JsonNode[];
  /** What only this generation can tell. */
  findings: Finding[];
}

export interface DiskDescription {
  bus: JsonNode;
  index: JsonNode;
  label: JsonNode;
  /** The most exact first. */
  sizes: Size[];
  /** How a file of the backup may be named after it, the most telling first. */
  names: JsonNode[];
}

export interface BootDescription {
  bus: JsonNode;
  index: JsonNode;
  /** Of the NIC that it boots from. */
  mac: JsonNode;
  /** Kinds of devices in the order in which they are tried. */
  order: JsonNode;
}

export interface NicDescription {
  id: JsonNode;
  mac: JsonNode;
  model: JsonNode;
  connected: JsonNode;
  networkId: JsonNode;
  networkName: JsonNode;
  /** NORMAL_NIC, DIRECT_NIC (the host's device passed through), NETWORK_FUNCTION_NIC. */
  kind: JsonNode;
  /** ACCESS or TRUNKED. */
  vlanMode: JsonNode;
  addresses: AddressDescription[];
}

/** The address may be a CIDR itself. */
export interface AddressDescription {
  address: JsonNode;
  prefix?: JsonNode;
}
