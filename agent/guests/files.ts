/**
 * What inspecting and mending a guest takes of its files. A libguestfs session offers it for a real guest; paths are
 * the guest's own, and links are followed inside its root, as the guest itself would.
 */
export interface GuestFiles {
  /** The whole of a small file; undefined where there is none. @throws guest.unsupported where it is a device, or too large. */
  read(path: string): Promise<Buffer | undefined>;
  readText(path: string): Promise<string | undefined>;
  /** Names in a directory; none where there is no such directory. */
  list(path: string): Promise<string[]>;
  test(what: 'is-file' | 'is-dir' | 'is-symlink' | 'exists', path: string): Promise<boolean>;
  /** Where a link points, as written; undefined where there is no link. */
  readLink(path: string): Promise<string | undefined>;
  /** Path of a local copy of a large file; undefined where there is none. */
  download(path: string, maxBytes: number): Promise<string | undefined>;
  /** Whether it has a label of SELinux. */
  isLabelled(path: string): Promise<boolean>;

  /** Makes the folders that lead there. Keeps owner and mode of a file that exists. */
  write(path: string, content: string | Buffer): Promise<void>;
  writeAt(path: string, content: Buffer, offsetBytes: number): Promise<void>;
  truncate(path: string, lengthBytes: number): Promise<void>;
  /** Replaces what is there. */
  link(path: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  freeBytes(path: string): Promise<bigint>;
}

/** What changing the disks beneath the files takes. Devices are the appliance's. */
export interface GuestDisks {
  writeDevice(device: string, content: Buffer, offsetBytes: number): Promise<void>;
  deviceBytes(device: string): Promise<bigint>;
  /** Has the appliance read the table of partitions again, which has one more by now. */
  noticePartition(disk: string, number: number): Promise<void>;
  /** Makes the folder where there is none. */
  mount(device: string, path: string): Promise<void>;
  /** An archive (tar) of this host, into a folder, which is made where there is none. */
  unpack(archive: string, folder: string): Promise<void>;
}

/** For what only the guest's own programs can do. They run in the appliance, as root, without a network. */
export interface GuestPrograms {
  /**
   * Runs a program from the guest's disk to its end, without a shell.
   * @throws guest.fix-failed where it fails; guest.session-failed where it takes longer than `limitMs`: the appliance is
   *   switched off then; guest.unsupported for words with blanks, quotes or wildcards
   */
  run(program: string, args: readonly string[], limitMs: number): Promise<void>;
  /** Gives a file that a program has made the label of its folder, where that has one. */
  relabel(path: string): Promise<void>;
}
