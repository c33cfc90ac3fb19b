/** The contract of a source: a platform whose backups Ascend reads. A provider is one folder and one line in index.ts. */
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import type { Document } from '../documents/document.ts';
import type { Origins } from './origins.ts';

export interface Source {
  readonly kind: string;
  /** For people, e.g. "VMware". */
  readonly title: string;
  /**
   * What this file is, or undefined where it is none of this platform's. Judged by content, never by the name alone.
   * Must be cheap and must not throw, whatever the file holds.
   */
  recognise(document: Document): Recognition | undefined;
  /** Backups that show by the names of their files alone, where the platform writes some without metadata. */
  recogniseLayout?(paths: readonly string[]): Recognition | undefined;
  /**
   * For a platform whose increments lie in folders beside each other: the folder that the backup in `folder` (absolute)
   * may read from; undefined where that is `folder` itself.
   */
  boundary?(folder: string): string | undefined;
  /**
   * The machines that the files describe together.
   * @throws source.invalid with file and place where they cannot be understood.
   */
  read(evidence: Evidence, choice: Choice): Reading;
}

export interface Recognition {
  /** For people, with its article: "a VMX file", "EC2 volumes (DescribeVolumes)". */
  what: string;
  /**
   * machine: describes one machine or more;
   * part: says more about a machine that another file describes (volumes, a list of disks, a sidecar);
   * other: valid and this platform's, but never a machine that could be restored (a template, a host's registry).
   */
  role: 'machine' | 'part' | 'other';
}

export interface Evidence {
  /** Files of role machine and part that this source recognised. Their content is hostile. */
  documents: readonly Document[];
  /** Every file of the backup, relative to its folder. */
  paths: readonly string[];
  /** Name of that folder; a platform may have called it after the machine. */
  folderName?: string;
}

/** What the user decided where the files leave a choice. */
export interface Choice {
  /** `--config`: which deployment configuration of a document that has several. */
  config?: string | undefined;
}

export interface Reading {
  /** None where the files are valid but describe no machine; `findings` says what they are then. */
  machines: SourcedMachine[];
  /** About the files as such; what concerns one machine is with the machine. */
  findings: Finding[];
}

export interface SourcedMachine {
  /** Facts that the files do not state are absent. `file` and `format` of disks are left to the caller. */
  machine: Machine;
  /** The file that describes it, relative to the backup's folder. */
  from: string;
  origins: Origins;
  /** By disk id. */
  diskReferences: ReadonlyMap<string, DiskReference>;
  /** What a restore should know, e.g. that a snapshot was open. Facts that are merely absent are the caller's to report. */
  findings: Finding[];
}

/** How the metadata calls the file that holds a disk. */
export interface DiskReference {
  /**
   * As written, the most telling first: a path in any platform's spelling (`web01.vmdk`, `[ds1] web01/web01.vmdk`,
   * `C:\VMs\web01.vhdx`) or an identifier that a file may be named after (`vol-0abc`, a volume's UUID).
   */
  names: readonly string[];
}
