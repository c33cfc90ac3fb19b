/**
 * Reads the header of a QCOW2 file ourselves, before qemu sees the file: a hostile header can make qemu open
 * any file or network address. Source: QEMU docs/interop/qcow2.txt.
 */
import type { FileHandle } from 'node:fs/promises';
import { AscendError } from '../../proto/errors.ts';

export interface Qcow2Header {
  version: 2 | 3;
  /** Virtual size. */
  sizeBytes: bigint;
  clusterBytes: number;
  /** As written in the file, unchecked: it may be anything, including `nbd://...` or `json:{...}`. */
  backingFile: string | undefined;
  /** From the header extension; undefined: qemu would probe. */
  backingFormat: string | undefined;
  encrypted: boolean;
  externalDataFile: boolean;
  corrupt: boolean;
  /** The file was not closed cleanly: its reference counts must be rebuilt before it is written to. */
  dirty: boolean;
  internalSnapshots: number;
  compression: 'zlib' | 'zstd';
}

const MAGIC = 0x514649fb; // "QFI\xfb"
const INCOMPATIBLE = {
  dirty: 1n,
  corrupt: 2n,
  externalDataFile: 4n,
  compressionType: 8n,
  extendedL2: 16n,
} as const;
const KNOWN_INCOMPATIBLE = Object.values(INCOMPATIBLE).reduce((all, bit) => all | bit, 0n);
const EXTENSION = { end: 0, backingFormat: 0xe2792aca, externalData: 0x44415441 } as const;
const MAX_BACKING_NAME = 1023; // the specification's own limit
const MAX_HEADER_BYTES = 64 * 1024; // the smallest common cluster: extensions must fit into the first cluster

/** @throws disk.invalid with the offset of what is wrong. `name` is the file's name for the message. */
export async function readQcow2Header(file: FileHandle, name: string): Promise<Qcow2Header> {
  const head = Buffer.alloc(MAX_HEADER_BYTES);
  const { bytesRead } = await file.read(head, 0, head.length, 0);
  return parseQcow2Header(head.subarray(0, bytesRead), name);
}

/** `head`: the first 64 KiB of the file, or all of a shorter one. @throws disk.invalid */
export function parseQcow2Header(head: Buffer, name: string): Qcow2Header {
  const wrong = (offset: number, why: string) =>
    new AscendError('disk.invalid', `${name}: ${why} (offset ${offset}).`, {
      context: { file: name, offset },
      hint: 'Take the backup again, or copy this file again from where it came from.',
    });
  if (head.length < 72) throw wrong(0, `too short for a QCOW2 header: ${head.length} bytes`);
  if (head.readUInt32BE(0) !== MAGIC) throw wrong(0, 'not a QCOW2 file');
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw wrong(4, `QCOW2 version ${version} is not known`);
  const clusterBits = head.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21) throw wrong(20, `cluster size 2^${clusterBits} is out of range`);
  const sizeBytes = head.readBigUInt64BE(24);
  if (sizeBytes === 0n || sizeBytes > 1n << 56n) throw wrong(24, `virtual size ${sizeBytes} is out of range`);

  if (version === 3 && head.length < 104) throw wrong(72, 'too short for a version 3 header');
  const features = version === 3 ? head.readBigUInt64BE(72) : 0n;
  const unknown = features & ~KNOWN_INCOMPATIBLE;
  if (unknown !== 0n) throw wrong(72, `incompatible features 0x${unknown.toString(16)} are not known`);
  const headerLength = version === 3 ? head.readUInt32BE(100) : 72;
  if (headerLength < 72 || headerLength > head.length)
    throw wrong(100, `header length ${headerLength} is out of range`);

  const extensions = readExtensions(head, headerLength, wrong);
  return {
    version,
    sizeBytes,
    clusterBytes: 2 ** clusterBits,
    backingFile: readBackingName(head, wrong),
    backingFormat: extensions.get(EXTENSION.backingFormat)?.toString('utf8'),
    encrypted: head.readUInt32BE(32) !== 0,
    externalDataFile:
      (features & INCOMPATIBLE.externalDataFile) !== 0n || extensions.has(EXTENSION.externalData),
    corrupt: (features & INCOMPATIBLE.corrupt) !== 0n,
    dirty: (features & INCOMPATIBLE.dirty) !== 0n,
    internalSnapshots: head.readUInt32BE(60),
    compression: headerLength > 104 && head[104] === 1 ? 'zstd' : 'zlib',
  };
}

type Wrong = (offset: number, why: string) => AscendError;

function readBackingName(head: Buffer, wrong: Wrong): string | undefined {
  const offset = head.readBigUInt64BE(8);
  if (offset === 0n) return undefined;
  const length = head.readUInt32BE(16);
  if (length === 0 || length > MAX_BACKING_NAME) throw wrong(16, `backing file name of ${length} bytes`);
  if (offset + BigInt(length) > BigInt(head.length))
    throw wrong(8, `backing file name lies at ${offset}, outside the header`);
  return head.subarray(Number(offset), Number(offset) + length).toString('utf8');
}

function readExtensions(head: Buffer, start: number, wrong: Wrong): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let offset = start; offset + 8 <= head.length;) {
    const type = head.readUInt32BE(offset);
    const length = head.readUInt32BE(offset + 4);
    if (type === EXTENSION.end) break;
    if (offset + 8 + length > head.length)
      throw wrong(offset, `header extension of ${length} bytes runs over the header`);
    found.set(type, head.subarray(offset + 8, offset + 8 + length));
    offset += 8 + Math.ceil(length / 8) * 8;
  }
  return found;
}
