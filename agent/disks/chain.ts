/**
 * The files that one disk is made of, found and proven to be the right ones inside the backup, before any program
 * opens one of them.
 */
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { DataFile, DiskHeader } from './disk-header.ts';
import type { RangeReader } from './range-reader.ts';

/** A backup's files as far as disks need them; `BackupFiles` of the repositories has both. */
export interface ChainFiles {
  /** @throws OpenError of host/regular-file.ts */
  open(path: string): Promise<RangeReader>;
  /** Every file of the backup. */
  paths: readonly string[];
}

export interface ChainSpec {
  diskId: string;
  /** Path of the newest layer. */
  file: string;
  /** All layers where a manifest lists them, base first; the last is `file`. */
  layers?: readonly string[] | undefined;
  /** Virtual size where a manifest states it. */
  sizeBytes?: bigint | undefined;
}

export interface Layer {
  /** Path in the backup. */
  file: string;
  header: DiskHeader;
  /** The header's data files, each with its path in the backup. */
  dataFiles: LocatedDataFile[];
}

export interface LocatedDataFile extends DataFile {
  path: string;
}

export interface Chain {
  diskId: string;
  /** Base first. Where the chain is not usable: those that could be read. */
  layers: Layer[];
  /** Nothing blocks: every layer is there, refers to files of this backup alone, and is the one that its child means. */
  usable: boolean;
  /** Virtual size as the newest layer's header states it. */
  sizeBytes: bigint | undefined;
  findings: Finding[];
}

/** Reads every header of one disk's chain. Never throws for what the backup holds: that becomes findings. */
export declare function resolveChain(files: ChainFiles, spec: ChainSpec): Promise<Chain>;
