/**
 * The footer of a VHD: its last 512 bytes, and a copy at the start of one that is not fixed. All numbers big-endian.
 * Source: Microsoft, Virtual Hard Disk Image Format Specification 1.0, "Hard Disk Footer Format".
 */
import type { DiskFile } from './disk-file.ts';

export const FOOTER_BYTES = 512;

export interface VhdFooter {
  kind: 'fixed' | 'dynamic' | 'differencing';
  /** "Current Size": what Hyper-V shows. Virtual PC shows what cylinders x heads x sectors give, which may be less. */
  sizeBytes: bigint;
  /** Hexadecimal, without dashes. */
  uniqueId: string;
  /** Where the header of a dynamic or differencing disk lies. */
  dataOffset: bigint;
}

const COOKIE = Buffer.from('conectix');
const KINDS: Readonly<Record<number, VhdFooter['kind']>> = { 2: 'fixed', 3: 'dynamic', 4: 'differencing' };
const MAX_SIZE_BYTES = 2040n * 1024n ** 3n; // the format's own limit

export function isVhdFooter(bytes: Buffer): boolean {
  return bytes.length >= FOOTER_BYTES && bytes.subarray(0, 8).equals(COOKIE);
}

/** @throws disk.invalid. `at`: where in the file these 512 bytes lie. */
export function parseVhdFooter(file: DiskFile, bytes: Buffer, at: number): VhdFooter {
  if (!isVhdFooter(bytes)) throw file.wrong(at, 'not the footer of a VHD');
  if (!hasVhdChecksum(bytes, 64)) throw file.wrong(at + 64, 'the checksum of the footer is wrong');
  const version = bytes.readUInt32BE(12);
  if (version >>> 16 !== 1) throw file.wrong(at + 12, `VHD version 0x${version.toString(16)} is not known`);
  const sizeBytes = bytes.readBigUInt64BE(48);
  if (sizeBytes === 0n || sizeBytes % 512n !== 0n || sizeBytes > MAX_SIZE_BYTES)
    throw file.wrong(at + 48, `virtual size ${sizeBytes} is out of range`);
  const kind = KINDS[bytes.readUInt32BE(60)];
  if (!kind) throw file.wrong(at + 60, `VHD type ${bytes.readUInt32BE(60)} is not known`);
  return {
    kind,
    sizeBytes,
    uniqueId: bytes.toString('hex', 68, 84),
    dataOffset: bytes.readBigUInt64BE(16),
  };
}

/** The one's complement of the sum of all bytes but the checksum's own four, at `field`. */
export function hasVhdChecksum(bytes: Buffer, field: number): boolean {
  let sum = 0;
  for (const [index, byte] of bytes.entries()) if (index < field || index >= field + 4) sum += byte;
  return ~sum >>> 0 === bytes.readUInt32BE(field);
}
