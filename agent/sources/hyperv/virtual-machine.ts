/** What Hyper-V's files say of a VM, whichever files they are. Facts that they do not state are absent. */
import type { JsonNode } from '../../documents/json.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import { fact, type Fact } from '../origins.ts';

export interface VirtualMachine {
  /** The file that describes it. */
  from: string;
  /** Lower case, no braces. */
  id?: Fact<string> | undefined;
  name?: Fact<string> | undefined;
  notes?: Fact<string> | undefined;
  /** 1: BIOS, IDE; 2: UEFI, SCSI. */
  generation?: Fact<1 | 2> | undefined;
  cpuCount?: Fact<bigint> | undefined;
  /** At start, where memory is dynamic. */
  memoryBytes?: Fact<bigint> | undefined;
  dynamicMemory?: Fact<boolean> | undefined;
  secureBoot?: Fact<boolean> | undefined;
  tpm?: Fact<boolean> | undefined;
  guestName?: Fact<string> | undefined;
  arch?: Fact<string> | undefined;
  /** What boots, in order, as far as it can be told. */
  bootOrder?: Fact<BootEntry[]> | undefined;
  state?: Fact<State> | undefined;
  hasCheckpoints?: Fact<boolean> | undefined;
  drives: Drive[];
  adapters: Adapter[];
  findings: Finding[];
}

export type State = 'running' | 'saved' | 'paused';

/** A hard disk by its address; on SCSI the bus may be known by the controller's channel alone. */
export type BootEntry =
  | { kind: 'network' | 'hard-disks' | 'other' }
  | { kind: 'scsi' | 'ide'; bus: number | undefined; channel: string | undefined; unit: number };

export interface Address {
  kind: 'ide' | 'scsi';
  bus: number;
  unit: number;
}

export interface Drive {
  address?: Fact<Address> | undefined;
  /** Lower case: the VMBus channel of its SCSI controller, by which boot entries know it. */
  channel?: string | undefined;
  /** As written: a path on the Hyper-V host. Absent for a disk of the host that was passed through. */
  path?: Fact<string> | undefined;
  /** A disk of the host: how the file calls it. */
  physical?: Fact<string> | undefined;
  sizeBytes?: Fact<bigint> | undefined;
  /** Other VMs may write to it. */
  shared?: Fact<boolean> | undefined;
  /** Differences to another file. */
  differencing?: Fact<boolean> | undefined;
}

export interface Adapter {
  /** The platform's identifier of the adapter, lower case, to join what several files say. */
  id?: string | undefined;
  /** Named in the VM's settings, e.g. "Network Adapter". */
  name?: string | undefined;
  mac?: Fact<string> | undefined;
  legacy?: Fact<boolean> | undefined;
  network?: Fact<string> | undefined;
  vlan?: Fact<number> | undefined;
  /** VLANs are set up in a way that no single number says. */
  vlanUnclear?: Fact<'trunk' | 'not-read'> | undefined;
  connected?: Fact<boolean> | undefined;
  addresses?: Fact<string[]> | undefined;
}

export function factOf<T>(value: T | undefined, node: JsonNode, file: string): Fact<T> | undefined {
  return fact(value, file, node.where);
}
