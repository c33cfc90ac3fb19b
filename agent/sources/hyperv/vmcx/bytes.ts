/** Bytes of a VMCX file by position. Nothing outside of the file is ever touched. */
import { crc32 } from 'node:zlib';
import { AscendError } from '../../../../proto/errors.ts';

export class Bytes {
  readonly content: Buffer;
  readonly #file: string;

  constructor(content: Buffer, file: string) {
    this.content = content;
    this.#file = file;
  }

  get length(): number {
    return this.content.length;
  }

  /** @throws source.invalid where they are not all inside the file. */
  slice(offset: number, length: number, what: string): Buffer {
    if (offset > this.length || length > this.length - offset) {
      throw this.wrong(offset, `${what} reaches beyond the end of the file (${this.length} bytes)`);
    }
    return this.content.subarray(offset, offset + length);
  }

  /**
   * The same, where a CRC-32 of these bytes (counted with four zeros in its own place) must hold.
   * @throws source.invalid where it does not.
   */
  checked(offset: number, length: number, checksumAt: number, what: string): Buffer {
    const bytes = this.slice(offset, length, what);
    if (!sumHolds(bytes, checksumAt)) throw this.wrong(offset, `the checksum of ${what} does not match`);
    return bytes;
  }

  wrong(offset: number, why: string): AscendError {
    const hex = `0x${offset.toString(16)}`;
    return new AscendError('source.invalid', `${this.#file}, offset ${hex}: ${why}.`, {
      context: { file: this.#file, offset },
      hint: 'Export the VM again; the file may have been cut off or damaged.',
    });
  }
}

const ZEROS = Buffer.alloc(4);

export function sumHolds(bytes: Buffer, checksumAt: number): boolean {
  const before = crc32(bytes.subarray(0, checksumAt));
  const sum = crc32(bytes.subarray(checksumAt + 4), crc32(ZEROS, before));
  return sum === bytes.readUInt32LE(checksumAt);
}

/** A place in the file, or undefined where it is beyond any file that is read whole. */
export function placeOf(value: bigint): number | undefined {
  return value <= 0xffffffffn ? Number(value) : undefined;
}

/** Sequence numbers have 16 bits and begin again at 0. */
export function isLater(a: number, b: number): boolean {
  return a !== b && ((a - b) & 0xffff) < 0x8000;
}
