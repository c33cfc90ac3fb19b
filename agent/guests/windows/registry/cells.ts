/**
 * A registry hive as a file of cells. Source: the "regf" format as documented by M. Suhanov, "Windows registry file
 * format specification": a base block of 4096 bytes, then bins ("hbin") of cells; offsets count from the first bin.
 *
 * The file is read cell by cell where it lies: a hive of SOFTWARE may have 150 MB, of which a repair needs some kB.
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { AscendError } from '../../../../proto/errors.ts';
import {
  BASE_BLOCK_BYTES,
  firstSequence,
  isHive,
  isSynchronised,
  secondSequence,
  writeState,
} from './base-block.ts';
import type { Range } from './log.ts';

export const NO_CELL = 0xffffffff;
/** A cell of 1 MiB would be a key with 130,000 subkeys in one list: no writer makes that. */
const MAX_CELL_BYTES = 1024 * 1024;
// A call to the appliance takes 150 ms under emulation, in which NTFS takes some 400 kB.
const MERGED_GAP_BYTES = 128 * 1024;

export class CellFile implements Disposable {
  readonly base: Buffer;
  /** The hive in the guest, for errors. */
  readonly name: string;
  readonly #fd: number;
  #binsBytes: number;
  readonly #written: Range[];

  /**
   * @param changed what of the file is not as it is in the guest, before anything is written here
   * @throws guest.unsupported where the file is no registry hive
   */
  constructor(localPath: string, name: string, mode: 'r' | 'r+', changed: readonly Range[] = []) {
    this.name = name;
    this.#written = [...changed];
    this.#fd = openSync(localPath, mode);
    try {
      this.base = this.#readFile(0, BASE_BLOCK_BYTES);
      if (!isHive(this.base)) throw this.damaged(0, 'no registry hive');
      this.#binsBytes = this.base.readUInt32LE(40);
      const { size } = fstatSync(this.#fd);
      if (this.#binsBytes % 4096 !== 0 || BASE_BLOCK_BYTES + this.#binsBytes > size)
        throw this.damaged(40, `${this.#binsBytes} bytes of bins in a file of ${size}`);
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  get binsBytes(): number {
    return this.#binsBytes;
  }

  get rootCell(): number {
    return this.base.readUInt32LE(36);
  }

  /** 3 for boot configuration data, 5 or 6 for hives since Windows XP. */
  get minorVersion(): number {
    return this.base.readUInt32LE(24);
  }

  /** Whether what Windows wrote last is in the hive alone, not in its log beside it. */
  get isClean(): boolean {
    return isSynchronised(this.base);
  }

  /** The content of a cell in use, as much of it as is asked for. @throws guest.unsupported */
  cell(offset: number, atLeast: number, atMost = MAX_CELL_BYTES): Buffer {
    const size = this.#sizeOf(offset);
    if (size - 4 < atLeast) throw this.damaged(offset, `a cell of ${size} bytes, less than its kind needs`);
    return this.#readFile(BASE_BLOCK_BYTES + offset + 4, Math.min(size - 4, atMost));
  }

  #sizeOf(offset: number): number {
    if (offset % 8 !== 0 || offset < 32 || offset + 4 > this.#binsBytes)
      throw this.damaged(offset, 'a cell outside of the hive');
    const size = -this.#readFile(BASE_BLOCK_BYTES + offset, 4).readInt32LE();
    if (size < 8 || size > MAX_CELL_BYTES || offset + size > this.#binsBytes)
      throw this.damaged(offset, size < 0 ? 'a free cell in use' : `a cell of ${size} bytes`);
    return size;
  }

  /** Replaces the start of a cell's content. */
  write(offset: number, content: Buffer): void {
    this.#writeFile(BASE_BLOCK_BYTES + offset + 4, content);
  }

  free(offset: number): void {
    const size = Buffer.alloc(4);
    // A free cell has its size as it is, one in use its negative.
    size.writeInt32LE(this.#sizeOf(offset));
    this.#writeFile(BASE_BLOCK_BYTES + offset, size);
  }

  /** Appends bins as they are. Their size is a multiple of 4096. */
  append(bins: Buffer): void {
    this.#writeFile(BASE_BLOCK_BYTES + this.#binsBytes, bins);
    this.#binsBytes += bins.length;
  }

  /** Overwrites from an offset among the bins on. */
  patch(offset: number, bytes: Buffer): void {
    this.#writeFile(BASE_BLOCK_BYTES + offset, bytes);
  }

  /** Writes the base block: the hive as a whole, with nothing left in a log. */
  seal(at: Buffer): void {
    const sequence = (Math.max(firstSequence(this.base), secondSequence(this.base)) + 1) >>> 0;
    at.copy(this.base, 12);
    writeState(this.base, sequence, this.#binsBytes);
    this.#writeFile(0, this.base);
  }

  damaged(offset: number, what: string): AscendError {
    return new AscendError('guest.unsupported', `${this.name} is damaged: ${what} at offset ${offset}.`, {
      context: { file: this.name, offset },
      hint: 'Take a newer backup of this machine; where it says the same, repair its registry first.',
    });
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  #readFile(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    if (readSync(this.#fd, bytes, 0, length, position) < length)
      throw this.damaged(position, 'the file ends too early');
    return bytes;
  }

  /** What was written, in ranges of the file: many small ones would take longer to carry than what lies between. */
  changes(): { offset: number; bytes: Buffer }[] {
    const ranges: Range[] = [];
    for (const { start, end } of this.#written.toSorted((a, b) => a.start - b.start)) {
      const last = ranges.at(-1);
      if (last && start <= last.end + MERGED_GAP_BYTES) last.end = Math.max(last.end, end);
      else ranges.push({ start, end });
    }
    return ranges.map(({ start, end }) => ({ offset: start, bytes: this.#readFile(start, end - start) }));
  }

  #writeFile(position: number, bytes: Buffer): void {
    writeSync(this.#fd, bytes, 0, bytes.length, position);
    this.#written.push({ start: position, end: position + bytes.length });
  }
}
