/** A disk as the convert step leaves it: an overlay with the guest's fixes over the untouched chain of the backup. */
export interface PreparedDisk {
  /** The disk's id in the machine. */
  id: string;
  boot: boolean;
  /** Absolute path of a QCOW2 file whose chain has been checked. Read-only for a target. */
  path: string;
  /** Virtual size. */
  sizeBytes: bigint;
  /** What a copy has to write. */
  allocatedBytes: bigint;
}
