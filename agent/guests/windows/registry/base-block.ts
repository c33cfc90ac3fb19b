/** The first 4096 bytes of a hive, of which its logs repeat the first 512. Source: as for `cells.ts`. */

export const BASE_BLOCK_BYTES = 4096;
const CHECKSUM_AT = 508;

export const FILE_TYPE = { hive: 0, log: 1, olderLog: 2, logOfEntries: 6 } as const;

export function checksumOf(base: Buffer): number {
  let sum = 0;
  for (let at = 0; at < CHECKSUM_AT; at += 4) sum ^= base.readUInt32LE(at);
  sum >>>= 0;
  if (sum === 0) return 1;
  return sum === 0xffffffff ? 0xfffffffe : sum;
}

export function hasChecksum(base: Buffer): boolean {
  return base.readUInt32LE(CHECKSUM_AT) === checksumOf(base);
}

export function writeChecksum(base: Buffer): void {
  base.writeUInt32LE(checksumOf(base), CHECKSUM_AT);
}

export const isHive = (base: Buffer): boolean => base.toString('latin1', 0, 4) === 'regf';
/** Raised when writing begins, and when it ends. */
export const firstSequence = (base: Buffer): number => base.readUInt32LE(4);
export const secondSequence = (base: Buffer): number => base.readUInt32LE(8);
export const lastWritten = (base: Buffer): bigint => base.readBigUInt64LE(12);
export const fileType = (base: Buffer): number => base.readUInt32LE(28);
export const binsBytes = (base: Buffer): number => base.readUInt32LE(40);

/** Whether all that Windows wrote is in the hive itself. */
export function isSynchronised(base: Buffer): boolean {
  return firstSequence(base) === secondSequence(base) && hasChecksum(base);
}

export function writeState(base: Buffer, sequence: number, bytes: number): void {
  base.writeUInt32LE(sequence, 4);
  base.writeUInt32LE(sequence, 8);
  base.writeUInt32LE(FILE_TYPE.hive, 28);
  base.writeUInt32LE(bytes, 40);
  writeChecksum(base);
}
