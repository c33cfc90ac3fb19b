/** Bytes of one file by position, wherever it lies: in a folder, inside an archive, in a bucket. */
export interface RangeReader extends AsyncDisposable {
  readonly sizeBytes: number;
  /** Bytes from `offset` (bytes); fewer than `length` at the end of the file, none beyond it. */
  read(offset: number, length: number): Promise<Buffer>;
}
