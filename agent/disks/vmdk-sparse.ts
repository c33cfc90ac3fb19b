/**
 * Headers of VMDK files that hold data in grains. All numbers little-endian, offsets in sectors of 512 bytes.
 * Source: VMware, Virtual Disk Format 5.0, "Hosted Sparse Extents" and "ESXi Host Sparse Extents"; seSparse, which
 * VMware has not published: QEMU block/vmdk.c.
 */
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { DiskFile } from './disk-file.ts';
import { notClosed, truncated, unsupported } from './disk-findings.ts';
import type { DataFile } from './disk-header.ts';

export interface SparseExtent {
  kind: Exclude<DataFile['kind'], 'flat'>;
  sizeBytes: bigint;
  compressed: boolean;
  /** Where an embedded descriptor lies. */
  descriptor: { offset: bigint; lengthBytes: number } | undefined;
  findings: Finding[];
}

export const HEADER_BYTES = 512;

const SECTOR = 512n;
export const MAX_VMDK_BYTES = 64n * 1024n ** 4n; // vSphere's limit is 62 TB
// VMware writes grains of 64 KiB. qemu unpacks a grain as a whole, so a made-up size would fill the memory.
const MAX_GRAIN_BYTES = 8n * 1024n * 1024n;
// 64 TiB in grains of 64 KiB, eight times over: qemu holds the grain directory in memory as a whole.
const MAX_DIRECTORY_BYTES = 64n * 1024n * 1024n;
const FOOTER_AT_END = 0xffffffffffffffffn;
const FLAG_REDUNDANT_DIRECTORY = 2;
const FLAG_COMPRESSED = 0x10000;
const SE_SPARSE_MAGIC = 0xcafebaben;
const SE_SPARSE_VERSION = 0x200000001n;
const SE_SPARSE_VOLATILE_MAGIC = 0xcafecafen;

/** What a file's first bytes say it is. */
export function sparseKindOf(head: Buffer): SparseExtent['kind'] | undefined {
  if (head.length < HEADER_BYTES) return undefined;
  const magic = head.toString('latin1', 0, 4);
  if (magic === 'KDMV') return 'sparse';
  if (magic === 'COWD') return 'vmfsSparse';
  return head.readBigUInt64LE(0) === SE_SPARSE_MAGIC ? 'seSparse' : undefined;
}

/** @throws disk.invalid */
export async function readSparseExtent(file: DiskFile, kind: SparseExtent['kind']): Promise<SparseExtent> {
  const head = await file.read(0, HEADER_BYTES, 'the header');
  if (sparseKindOf(head) !== kind) throw file.wrong(0, `not the header of a ${kind} extent`);
  if (kind === 'sparse') return readHostedSparse(file, head);
  return kind === 'vmfsSparse' ? readVmfsSparse(file, head) : readSeSparse(file, head);
}

/** monolithicSparse, streamOptimized and the parts of twoGbMaxExtentSparse. */
async function readHostedSparse(file: DiskFile, head: Buffer): Promise<SparseExtent> {
  const atEnd = head.readBigUInt64LE(56) === FOOTER_AT_END;
  const footer = atEnd ? await readFooter(file) : undefined;
  const bytes = footer ?? head;
  const version = bytes.readUInt32LE(4);
  if (version < 1 || version > 3) throw file.wrong(4, `VMDK version ${version} is not known`);
  const sizeBytes = checkedSize(file, 12, bytes.readBigUInt64LE(12));
  const findings: Finding[] = [];
  if (atEnd && !footer) {
    const message = `${file.name} has no footer at its end: the file was cut off, or is still being written.`;
    findings.push(truncated(file.name, message));
  } else checkGrains(file, bytes, sizeBytes);
  if (head[72] === 1)
    findings.push(
      notClosed(file.name, `${file.name} is marked as in use: it was copied before it was closed.`),
    );
  const descriptorSectors = head.readBigUInt64LE(36);
  const descriptorOffset = head.readBigUInt64LE(28) * SECTOR;
  return {
    kind: 'sparse',
    sizeBytes,
    compressed: (bytes.readUInt32LE(8) & FLAG_COMPRESSED) !== 0,
    descriptor:
      descriptorOffset === 0n || descriptorSectors === 0n
        ? undefined
        : { offset: descriptorOffset, lengthBytes: bounded(descriptorSectors * SECTOR) },
    findings,
  };
}

/** Marker, footer and end-of-stream marker are the last three sectors. Undefined where they are not there. */
async function readFooter(file: DiskFile): Promise<Buffer | undefined> {
  const end = file.sizeBytes - (file.sizeBytes % 512);
  if (end < 4 * 512) return undefined;
  const bytes = await file.read(end - 3 * 512, 3 * 512, 'the footer');
  const footer = bytes.subarray(512, 1024);
  const isFooter = bytes.readUInt32LE(12) === 3 && footer.toString('latin1', 0, 4) === 'KDMV';
  const isEnd = bytes.readBigUInt64LE(1024) === 0n && bytes.readUInt32LE(1024 + 12) === 0;
  return isFooter && isEnd && footer.readBigUInt64LE(56) !== FOOTER_AT_END ? footer : undefined;
}

function checkGrains(file: DiskFile, bytes: Buffer, sizeBytes: bigint): void {
  const grainBytes = bytes.readBigUInt64LE(20) * SECTOR;
  checkGrainBytes(file, 20, grainBytes);
  const grainsPerTable = bytes.readUInt32LE(44);
  if (grainsPerTable === 0 || grainsPerTable > 512)
    throw file.wrong(44, `grain tables of ${grainsPerTable} entries are out of range`);
  const tableBytes = grainBytes * BigInt(grainsPerTable);
  const directoryBytes = 4n * ((sizeBytes + tableBytes - 1n) / tableBytes);
  checkDirectory(file, 56, bytes.readBigUInt64LE(56) * SECTOR, directoryBytes);
  if ((bytes.readUInt32LE(8) & FLAG_REDUNDANT_DIRECTORY) !== 0)
    checkDirectory(file, 48, bytes.readBigUInt64LE(48) * SECTOR, directoryBytes);
}

/** A snapshot on VMFS 5 and before: "COWD". */
function readVmfsSparse(file: DiskFile, head: Buffer): SparseExtent {
  const version = head.readUInt32LE(4);
  if (version !== 1) throw file.wrong(4, `COWD version ${version} is not known`);
  const sizeBytes = checkedSize(file, 12, BigInt(head.readUInt32LE(12)));
  const grainBytes = BigInt(head.readUInt32LE(16)) * SECTOR;
  checkGrainBytes(file, 16, grainBytes);
  const entries = BigInt(head.readUInt32LE(24));
  const tableBytes = grainBytes * 4096n;
  if (entries * tableBytes < sizeBytes)
    throw file.wrong(24, `a grain directory of ${entries} entries is too small for ${sizeBytes} bytes`);
  checkDirectory(file, 20, BigInt(head.readUInt32LE(20)) * SECTOR, 4n * entries);
  return { kind: 'vmfsSparse', sizeBytes, compressed: false, descriptor: undefined, findings: [] };
}

/** A snapshot on VMFS 6. */
async function readSeSparse(file: DiskFile, head: Buffer): Promise<SparseExtent> {
  const version = head.readBigUInt64LE(8);
  if (version !== SE_SPARSE_VERSION)
    throw file.wrong(8, `seSparse version 0x${version.toString(16)} is not known`);
  const sizeBytes = checkedSize(file, 16, head.readBigUInt64LE(16));
  if (head.readBigUInt64LE(24) !== 8n || head.readBigUInt64LE(32) !== 64n)
    throw file.wrong(24, 'grains or grain tables of another size than 4 KiB and 64 sectors');
  const directorySectors = head.readBigUInt64LE(136);
  if (directorySectors * 64n * 4096n * 4096n < sizeBytes)
    throw file.wrong(
      136,
      `a grain directory of ${directorySectors} sectors is too small for ${sizeBytes} bytes`,
    );
  checkDirectory(file, 128, head.readBigUInt64LE(128) * SECTOR, directorySectors * SECTOR);
  const volatileAt = head.readBigUInt64LE(80) * SECTOR;
  const volatile = await file.read(volatileAt, 512, 'the volatile header');
  if (volatile.readBigUInt64LE(0) !== SE_SPARSE_VOLATILE_MAGIC)
    throw file.wrong(volatileAt, 'not the volatile header of a seSparse extent');
  const findings: Finding[] = [];
  if (volatile[24] !== 0) {
    const message = `${file.name} was not closed: its journal holds changes that are not in its tables yet.`;
    findings.push(
      unsupported(file.name, message, 'Remove the snapshot on the platform and take the backup again.'),
    );
  }
  return { kind: 'seSparse', sizeBytes, compressed: false, descriptor: undefined, findings };
}

function checkedSize(file: DiskFile, field: number, sectors: bigint): bigint {
  const sizeBytes = sectors * SECTOR;
  if (sizeBytes > 0n && sizeBytes <= MAX_VMDK_BYTES) return sizeBytes;
  throw file.wrong(field, `virtual size ${sizeBytes} is out of range`);
}

function checkGrainBytes(file: DiskFile, field: number, grainBytes: bigint): void {
  if (grainBytes > 0n && grainBytes <= MAX_GRAIN_BYTES) return;
  throw file.wrong(field, `grains of ${grainBytes} bytes are out of range`);
}

function checkDirectory(file: DiskFile, field: number, offset: bigint, lengthBytes: bigint): void {
  if (lengthBytes > MAX_DIRECTORY_BYTES)
    throw file.wrong(field, `a grain directory of ${lengthBytes} bytes is too large`);
  file.holds(offset, lengthBytes, field, 'the grain directory');
}

/** As a number that the bound on every read refuses where it is too long. */
function bounded(lengthBytes: bigint): number {
  return lengthBytes > 1n << 40n ? 2 ** 40 : Number(lengthBytes);
}
