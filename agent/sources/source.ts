/** The contract of a source: a platform whose backups Ascend reads. A provider is one folder and one line in index.ts. */
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';

/** A metadata file of a backup, read whole. Its content is hostile. */
export interface MetadataFile {
  /** Relative to the backup's folder. */
  path: string;
  content: Buffer;
}

export interface Reading {
  /** Facts that the files do not state are absent. Disk files are left to the caller: the manifest knows them. */
  machine: Machine;
  /** What the files say that a restore should know, e.g. that a snapshot was open. */
  findings: Finding[];
}

export interface Source {
  readonly kind: string;
  /** For people, e.g. "VMware". */
  readonly title: string;
  /** Whether these are this platform's files, judged by content rather than by name where that can be. */
  detect(files: readonly MetadataFile[]): boolean;
  /** @throws source.invalid with file and place where they cannot be understood. */
  read(files: readonly MetadataFile[]): Reading;
}
