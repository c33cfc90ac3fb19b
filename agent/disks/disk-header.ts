/** What the header of a disk file says, in one shape for every format. */
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';

export type DiskFormat = 'qcow2' | 'vmdk' | 'vhd' | 'vhdx' | 'raw';

export interface DiskHeader {
  format: DiskFormat;
  /** For people, in the format's own words: "v3, zstd", "streamOptimized", "dynamic". */
  variant: string;
  /** Virtual size, as the platform that wrote the file sees it. */
  sizeBytes: bigint;
  /** What a child knows its parent by: VMDK's CID, VHD's unique id, VHDX's data write GUID. Lower case. */
  identity: string | undefined;
  parent: ParentHint | undefined;
  /** Other files that hold the disk's data, in the order of the data; none where the file holds it itself. */
  dataFiles: DataFile[];
  /** What a restore should know or what forbids one. A file that cannot be understood at all is disk.invalid instead. */
  findings: Finding[];
}

/** How a child names its parent. Unchecked: a name may be anything, including `nbd://...` or `json:{...}`. */
export interface ParentHint {
  /** As written, the most telling first. */
  names: readonly string[];
  /** The parent's `identity`; undefined where the format records none. */
  identity: string | undefined;
  /** As written, e.g. "qcow2" or "vpc"; undefined where the child does not say. */
  format: string | undefined;
}

export interface DataFile {
  /** As written, unchecked. */
  name: string;
  /** flat: bytes as they are, whatever they look like; the others have a header of their own. */
  kind: 'flat' | 'sparse' | 'vmfsSparse' | 'seSparse';
  /** Where this file's share of the disk begins inside it; flat files only. */
  offsetBytes: bigint;
  /** Its share of the virtual disk. */
  sizeBytes: bigint;
}
