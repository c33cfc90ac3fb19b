/** One line of the table of real metadata files: what `analyse` must say of it. */
import type { MachineJson } from '../../proto/machine-json.ts';

/** Some of a machine's facts; lists of disks and NICs are given whole, with some facts of each. */
export type SomeFacts = Partial<Omit<MachineJson, 'guest' | 'cpu' | 'disks' | 'nics'>> & {
  guest?: Partial<MachineJson['guest']>;
  cpu?: Partial<MachineJson['cpu']>;
  disks?: Partial<MachineJson['disks'][number]>[];
  nics?: Partial<MachineJson['nics'][number]>[];
};

export interface SampleRow {
  /** Below the folder of samples, e.g. "vmware/esxi67-hw14-nvme-disk.vmx". */
  file: string;
  /** Files that lie in the same folder when it is analysed, below the folder of samples. */
  together?: string[];
  vm?: string;
  config?: string;
  /** The one machine that comes out. */
  machine?: SomeFacts;
  /** Several machines come out: their names in order. */
  machines?: string[];
  /** No machine comes out: what the refusal says the file is. */
  refused?: RegExp;
  /** Codes of findings that must be among the findings. */
  findings?: string[];
}
