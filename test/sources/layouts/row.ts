/** One line of the table of layouts: what `analyse` must say of a backup of test/backups. */
import type { MachineJson } from '../../../proto/machine-json.ts';
import type { LayoutName } from '../../backups/make.ts';
import type { SomeFacts } from '../row.ts';

export interface LayoutRow {
  layout: LayoutName;
  machine: MachineJson;
  /** By disk id: the files of its chain, base first. */
  chains: Record<string, string[]>;
  /** Codes of warnings and blocks. */
  weighty?: string[];
  /** The file that alone describes the machine: analysed again with every disk taken away. */
  metadata?: string;
}

/** A machine of which everything else is unknown. */
export function machineWith({ guest, cpu, disks = [], nics = [], ...facts }: SomeFacts): MachineJson {
  return {
    name: '',
    platform: '',
    sourceId: null,
    guest: { family: null, id: null, name: null, arch: null, ...guest },
    cpu: { count: null, sockets: null, coresPerSocket: null, ...cpu },
    memoryBytes: null,
    firmware: null,
    secureBoot: null,
    tpm: null,
    notes: null,
    tags: {},
    ...facts,
    disks: disks.map((disk, index) => ({ ...unknownDisk, boot: index === 0, ...disk })),
    nics: nics.map((nic) => ({ ...unknownNic, ...nic })),
  };
}

const unknownDisk = {
  id: '',
  label: null,
  sizeBytes: null,
  controller: null,
  file: null,
  format: null,
};

const unknownNic = {
  id: '',
  mac: null,
  model: null,
  network: null,
  vlan: null,
  connected: null,
  addresses: [],
};
