/**
 * Reads the header of a QCOW2 file ourselves, before qemu sees the file: a hostile header can make qemu open
 * any file or network address, or fill the memory. Source: QEMU docs/interop/qcow2.txt.
 */
import { block } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { DiskFile } from './disk-file.ts';
import { encrypted, HOSTILE, internalSnapshots, notClosed, REPLACE } from './disk-findings.ts';
import type { DiskHeader } from './disk-header.ts';

export const QCOW2_MAGIC = 0x514649fb; // "QFI\xfb"

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
// qemu's own limits (block/qcow2.h): what is larger, it does not open.
const MAX_L1_BYTES = 32n * 1024n * 1024n;
const MAX_REFCOUNT_TABLE_BYTES = 8n * 1024n * 1024n;
const MAX_SNAPSHOTS = 65_536;
const CRYPT = { none: 0, aes: 1, luks: 2 } as const;

/** @throws disk.invalid with the offset of what is wrong. */
export async function readQcow2Header(file: DiskFile): Promise<DiskHeader> {
  const head = await file.head(MAX_HEADER_BYTES);
  if (head.length < 72) throw file.wrong(0, `too short for a QCOW2 header: ${head.length} bytes`);
  if (head.readUInt32BE(0) !== QCOW2_MAGIC) throw file.wrong(0, 'not a QCOW2 file');
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw file.wrong(4, `QCOW2 version ${version} is not known`);
  if (version === 3 && head.length < 104) throw file.wrong(72, 'too short for a version 3 header');
  const features = version === 3 ? head.readBigUInt64BE(72) : 0n;
  const unknown = features & ~KNOWN_INCOMPATIBLE;
  if (unknown !== 0n) throw file.wrong(72, `incompatible features 0x${unknown.toString(16)} are not known`);
  const headerLength = version === 3 ? head.readUInt32BE(100) : 72;
  if (headerLength < 72 || headerLength > head.length)
    throw file.wrong(100, `header length ${headerLength} is out of range`);

  const sizeBytes = checkTables(file, head, version, (features & INCOMPATIBLE.extendedL2) !== 0n);
  const backing = readBackingName(file, head);
  const extensions = readExtensions(file, head, headerLength);
  return {
    format: 'qcow2',
    variant: variantOf(version, features, headerLength > 104 ? head[104] : 0),
    sizeBytes,
    identity: undefined,
    parent:
      backing === undefined
        ? undefined
        : {
            names: [backing],
            identity: undefined,
            format: extensions.get(EXTENSION.backingFormat)?.toString('utf8'),
          },
    dataFiles: [],
    findings: qcow2Findings(file.name, head, features, extensions),
  };
}

function variantOf(version: number, features: bigint, compression: number | undefined): string {
  const extras = [compression === 1 && 'zstd', (features & INCOMPATIBLE.extendedL2) !== 0n && 'extended L2'];
  return [`v${version}`, ...extras.filter(Boolean)].join(', ');
}

/** The numbers that say how much memory the tables take, and where they lie. Gives the virtual size. */
function checkTables(file: DiskFile, head: Buffer, version: 2 | 3, extendedL2: boolean): bigint {
  const clusterBits = head.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21)
    throw file.wrong(20, `cluster size 2^${clusterBits} is out of range`);
  const clusterBytes = 1n << BigInt(clusterBits);
  const sizeBytes = head.readBigUInt64BE(24);
  if (sizeBytes === 0n || sizeBytes > 1n << 56n)
    throw file.wrong(24, `virtual size ${sizeBytes} is out of range`);

  const l1Entries = BigInt(head.readUInt32BE(36));
  const bytesPerL1Entry = clusterBytes * (clusterBytes / (extendedL2 ? 16n : 8n));
  if (l1Entries * 8n > MAX_L1_BYTES) throw file.wrong(36, `an L1 table of ${l1Entries} entries is too large`);
  if (l1Entries * bytesPerL1Entry < sizeBytes)
    throw file.wrong(36, `an L1 table of ${l1Entries} entries is too small for ${sizeBytes} bytes`);
  const l1Offset = head.readBigUInt64BE(40);
  if (l1Offset % clusterBytes !== 0n || l1Offset === 0n)
    throw file.wrong(40, `the L1 table lies at ${l1Offset}, where no cluster begins`);
  file.holds(l1Offset, l1Entries * 8n, 40, 'the L1 table');

  const refcountOffset = head.readBigUInt64BE(48);
  const refcountBytes = BigInt(head.readUInt32BE(56)) * clusterBytes;
  if (refcountBytes === 0n || refcountBytes > MAX_REFCOUNT_TABLE_BYTES)
    throw file.wrong(56, `a refcount table of ${refcountBytes} bytes is out of range`);
  if (refcountOffset % clusterBytes !== 0n || refcountOffset === 0n)
    throw file.wrong(48, `the refcount table lies at ${refcountOffset}, where no cluster begins`);
  // The last cluster of a file may be short.
  file.holds(refcountOffset, refcountBytes - clusterBytes + 8n, 48, 'the refcount table');
  if (version === 3 && head.readUInt32BE(96) > 6)
    throw file.wrong(96, `reference counts of 2^${head.readUInt32BE(96)} bits are not known`);

  const snapshots = head.readUInt32BE(60);
  if (snapshots > MAX_SNAPSHOTS) throw file.wrong(60, `${snapshots} internal snapshots are too many`);
  if (snapshots > 0) file.holds(head.readBigUInt64BE(64), 40n * BigInt(snapshots), 64, 'the snapshot table');
  return sizeBytes;
}

function readBackingName(file: DiskFile, head: Buffer): string | undefined {
  const offset = head.readBigUInt64BE(8);
  if (offset === 0n) return undefined;
  const length = head.readUInt32BE(16);
  if (length === 0 || length > MAX_BACKING_NAME) throw file.wrong(16, `backing file name of ${length} bytes`);
  if (offset + BigInt(length) > BigInt(head.length))
    throw file.wrong(8, `backing file name lies at ${offset}, outside the header`);
  return head.subarray(Number(offset), Number(offset) + length).toString('utf8');
}

/** As qemu does, up to the backing file's name, or to the end of the first cluster. */
function readExtensions(file: DiskFile, head: Buffer, start: number): Map<number, Buffer> {
  const end = Number(head.readBigUInt64BE(8)) || 2 ** head.readUInt32BE(20);
  const found = new Map<number, Buffer>();
  let offset = start;
  while (offset + 8 <= Math.min(end, head.length)) {
    const type = head.readUInt32BE(offset);
    const length = head.readUInt32BE(offset + 4);
    if (type === EXTENSION.end) return found;
    if (offset + 8 + length > head.length)
      throw file.wrong(offset, `header extension of ${length} bytes runs over the header`);
    found.set(type, head.subarray(offset + 8, offset + 8 + length));
    offset += 8 + Math.ceil(length / 8) * 8;
  }
  if (offset + 8 <= end) throw file.wrong(offset, 'the header extensions have no end');
  return found;
}

function qcow2Findings(
  name: string,
  head: Buffer,
  features: bigint,
  extensions: ReadonlyMap<number, Buffer>,
): Finding[] {
  const findings: Finding[] = [];
  if ((features & INCOMPATIBLE.externalDataFile) !== 0n || extensions.has(EXTENSION.externalData)) {
    const message = `${name} keeps its data in another file, which a backup may not.`;
    findings.push(block('disk.external-data-file', name, message, HOSTILE));
  }
  const crypt = head.readUInt32BE(32);
  if (crypt !== CRYPT.none) {
    const how = crypt === CRYPT.luks ? 'with LUKS' : crypt === CRYPT.aes ? 'with AES' : '';
    const remedy =
      'Decrypt it where the key is kept (qemu-img convert with --object secret and encrypt.key-secret) and take the result into the backup.';
    findings.push(encrypted(name, how, remedy));
  }
  if ((features & INCOMPATIBLE.corrupt) !== 0n)
    findings.push(block('disk.corrupt', name, `${name} is marked as corrupt by qemu.`, REPLACE));
  if ((features & INCOMPATIBLE.dirty) !== 0n)
    findings.push(notClosed(name, `${name} is marked as in use: it was copied before it was closed.`));
  const snapshots = head.readUInt32BE(60);
  if (snapshots > 0) findings.push(internalSnapshots(name, snapshots));
  return findings;
}
