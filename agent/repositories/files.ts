/** The files of one backup, wherever they lie. Read only, and nothing leads out of it. */
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { RangeReader } from '../disks/range-reader.ts';

export interface BackupFiles extends AsyncDisposable {
  /** For people: a folder, an archive, or `s3://bucket/prefix`. */
  readonly location: string;
  /** Absolute path of the folder, where these are the files of one. */
  readonly folder: string | undefined;
  /** Sorted by path. */
  list(): Promise<Listing>;
  /** @throws OpenError of host/regular-file.ts */
  open(path: string): Promise<RangeReader>;
  /** Where a program can read that file by itself; undefined where only `open` can. */
  place(path: string): Promise<FilePlace | undefined>;
}

/** A range of a local file: the whole of it, or a member of an archive. */
export interface FilePlace {
  /** Absolute. */
  file: string;
  /** Bytes from the start of the file. */
  offset: number;
  sizeBytes: number;
}

export interface Listing {
  /** Regular files. */
  files: FileEntry[];
  /** What was passed over: links, device nodes, names that cannot be, too many files. */
  findings: Finding[];
}

export interface FileEntry {
  /** Relative, forward slashes, no "..". */
  path: string;
  sizeBytes: number;
  /** Changes when the content may have: time and inode, or an ETag. */
  version: string;
  modifiedAt: Date;
}
