/** A disk's file while its header is read: every read is bounded by the file, every complaint names file and place. */
import { AscendError } from '../../proto/errors.ts';
import type { RangeReader } from './range-reader.ts';

// A VMDK descriptor of 1 MiB is the largest honest part of any header; what claims more is made up.
const MAX_PART_BYTES = 1024 * 1024;

const COPY_AGAIN = 'Take the backup again, or copy this file again from where it came from.';

export class DiskFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly #reader: RangeReader;

  /** `name` is what messages call the file. */
  constructor(reader: RangeReader, name: string) {
    this.#reader = reader;
    this.name = name;
    this.sizeBytes = reader.sizeBytes;
  }

  /** Exactly these bytes. @throws disk.invalid where the file ends before them, or they are more than any header has. */
  async read(offset: bigint | number, lengthBytes: number, what: string): Promise<Buffer> {
    if (lengthBytes > MAX_PART_BYTES) throw this.wrong(offset, `${what} of ${lengthBytes} bytes is too long`);
    if (BigInt(offset) < 0n || BigInt(offset) + BigInt(lengthBytes) > BigInt(this.sizeBytes))
      throw this.wrong(
        offset,
        `${what} lies at ${offset}, beyond the end of the file, which has ${this.sizeBytes} bytes`,
      );
    const bytes = await this.#reader.read(Number(offset), lengthBytes);
    if (bytes.length === lengthBytes) return bytes;
    throw this.wrong(offset, `${what} ends after ${bytes.length} of ${lengthBytes} bytes`);
  }

  /** The beginning of the file: fewer bytes where it is shorter. */
  async head(lengthBytes: number): Promise<Buffer> {
    return this.#reader.read(0, Math.min(lengthBytes, this.sizeBytes));
  }

  /** Where a table must lie inside the file. @throws disk.invalid; `field` is the offset of what says where it lies. */
  holds(offset: bigint, lengthBytes: bigint, field: number, what: string): void {
    if (offset + lengthBytes <= BigInt(this.sizeBytes)) return;
    throw this.wrong(
      field,
      `${what} of ${lengthBytes} bytes lies at ${offset}, beyond the end of the file, which has ${this.sizeBytes} bytes`,
    );
  }

  wrong(offset: bigint | number, why: string): AscendError {
    return new AscendError('disk.invalid', `${this.name}: ${why} (offset ${offset}).`, {
      context: { file: this.name, offset },
      hint: COPY_AGAIN,
    });
  }
}
