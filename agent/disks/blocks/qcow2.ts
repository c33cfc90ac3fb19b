/** QCOW2, version 2 and 3. Source: QEMU docs/interop/qcow2.txt. */
import type { DiskFile } from '../disk-file.ts';
import {
  addSpan,
  numberOf,
  storedUnit,
  type Blocks,
  type CompressedUnit,
  type LayerFile,
  type Span,
} from './blocks.ts';
import { keptUnits, unpackUnit, type Compression } from './unit.ts';

interface Geometry {
  sizeBytes: number;
  clusterBits: number;
  /** The table of tables (L1): bytes from the start of the file, and its entries. */
  tableAt: number;
  tableEntries: number;
  compression: Compression;
  /** Entries of 16 bytes, each cluster in 32 parts. */
  extended: boolean;
}

const MAGIC = 0x514649fb; // "QFI\xfb"
const FEATURE = { dirty: 1, compressionType: 8, extendedL2: 16 } as const;
const READABLE = FEATURE.dirty | FEATURE.compressionType | FEATURE.extendedL2;
const SECTOR = 512;

/** @throws disk.invalid */
export async function openQcow2(file: LayerFile): Promise<Blocks> {
  return new Qcow2Clusters(file, await readGeometry(file.tables));
}

async function readGeometry(file: DiskFile): Promise<Geometry> {
  // The smallest file is one cluster of 512 bytes; fields that a version 2 header lacks are not looked at.
  const head = await file.read(0, 112, 'the header');
  if (head.readUInt32BE(0) !== MAGIC) throw file.wrong(0, 'not a QCOW2 file');
  const clusterBits = head.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21)
    throw file.wrong(20, `cluster size 2^${clusterBits} is out of range`);
  if (head.readUInt32BE(32) !== 0) throw file.wrong(32, 'it is encrypted');
  const features = head.readUInt32BE(4) >= 3 ? numberOf(head.readBigUInt64BE(72), file, 72) : 0;
  if (features > READABLE || (features & ~READABLE) !== 0) {
    throw file.wrong(72, `incompatible features 0x${features.toString(16)} cannot be read`);
  }
  return {
    sizeBytes: numberOf(head.readBigUInt64BE(24), file, 24),
    clusterBits,
    tableAt: numberOf(head.readBigUInt64BE(40), file, 40),
    tableEntries: head.readUInt32BE(36),
    compression: (features & FEATURE.compressionType) !== 0 && head[104] === 1 ? 'zstd' : 'deflate',
    extended: (features & FEATURE.extendedL2) !== 0,
  };
}

class Qcow2Clusters implements Blocks {
  readonly sizeBytes: number;
  readonly #file: LayerFile;
  readonly #geometry: Geometry;
  readonly #clusterBytes: number;
  readonly #entryBytes: 8 | 16;
  readonly #unitAt: (at: number, bytes: number) => CompressedUnit;

  constructor(file: LayerFile, geometry: Geometry) {
    this.sizeBytes = geometry.sizeBytes;
    this.#file = file;
    this.#geometry = geometry;
    this.#clusterBytes = 2 ** geometry.clusterBits;
    this.#entryBytes = geometry.extended ? 16 : 8;
    this.#unitAt = keptUnits(this.#clusterBytes, (at, bytes) => this.#unpack(at, bytes));
  }

  async map(offset: number, length: number): Promise<Span[]> {
    const spans: Span[] = [];
    // What one table (L2) describes.
    const reach = (this.#clusterBytes / this.#entryBytes) * this.#clusterBytes;
    for (let position = offset; position < offset + length;) {
      const index = Math.floor(position / reach);
      const end = Math.min(offset + length, (index + 1) * reach);
      const table = await this.#table(index);
      if (table === 0) addSpan(spans, { in: 'below', length: end - position });
      else await this.#mapTable(spans, table, position - index * reach, end - index * reach);
      position = end;
    }
    return spans;
  }

  /** Where the table is; 0: there is none. */
  async #table(index: number): Promise<number> {
    const { tableAt, tableEntries } = this.#geometry;
    if (index >= tableEntries) throw this.#file.tables.wrong(36, `the L1 table has no entry ${index}`);
    return offsetOf(await this.#file.tables.read(tableAt + index * 8, 8, 'the L1 table'));
  }

  /** `from` and `to`: bytes of what the table describes. */
  async #mapTable(spans: Span[], table: number, from: number, to: number): Promise<void> {
    const first = Math.floor(from / this.#clusterBytes);
    const last = Math.floor((to - 1) / this.#clusterBytes);
    const at = table + first * this.#entryBytes;
    const entries = await this.#file.tables.read(at, (last - first + 1) * this.#entryBytes, 'an L2 table');
    for (let cluster = first; cluster <= last; cluster += 1) {
      const start = cluster * this.#clusterBytes;
      const entry = entries.subarray((cluster - first) * this.#entryBytes);
      const end = Math.min(to, start + this.#clusterBytes);
      this.#mapCluster(spans, entry, Math.max(from, start) - start, end - start);
    }
  }

  /** `from` and `to`: bytes of the cluster. */
  #mapCluster(spans: Span[], entry: Buffer, from: number, to: number): void {
    const length = to - from;
    const at = offsetOf(entry);
    if ((entry.readUInt32BE(0) & 0x40000000) !== 0) {
      addSpan(spans, { in: 'unit', length, unit: this.#compressed(entry), skip: from });
    } else if (this.#geometry.extended) {
      this.#mapParts(spans, entry, from, to);
    } else if ((entry.readUInt32BE(4) & 1) !== 0) {
      addSpan(spans, { in: 'zeros', length });
    } else {
      addSpan(spans, at === 0 ? { in: 'below', length } : storedUnit(this.#file, at, from, length));
    }
  }

  #mapParts(spans: Span[], entry: Buffer, from: number, to: number): void {
    const at = offsetOf(entry);
    const zeros = entry.readUInt32BE(8);
    const allocated = entry.readUInt32BE(12);
    const partBytes = this.#clusterBytes / 32;
    for (let position = from; position < to;) {
      const part = Math.floor(position / partBytes);
      const end = Math.min(to, (part + 1) * partBytes);
      const length = end - position;
      if ((zeros >>> part) & 1) addSpan(spans, { in: 'zeros', length });
      else if ((allocated >>> part) & 1) addSpan(spans, storedUnit(this.#file, at, position, length));
      else addSpan(spans, { in: 'below', length });
      position = end;
    }
  }

  /** Bits 0 to x-1: the place in bytes; x to 61: the sectors after its first; x = 62 - (cluster bits - 8). */
  #compressed(entry: Buffer): CompressedUnit {
    const field = entry.readBigUInt64BE(0) & 0x3fffffffffffffffn;
    const x = BigInt(62 - (this.#geometry.clusterBits - 8));
    const at = numberOf(field & ((1n << x) - 1n), this.#file.tables, 0);
    const sectors = Number(field >> x) + 1;
    return this.#unitAt(at, sectors * SECTOR - (at % SECTOR));
  }

  async #unpack(at: number, bytes: number): Promise<Buffer> {
    const packed = await this.#file.content.read(at, bytes);
    return unpackUnit(packed, this.#clusterBytes, this.#geometry.compression).catch((cause: unknown) => {
      throw this.#file.tables.wrong(at, `a compressed cluster cannot be unpacked: ${String(cause)}`);
    });
  }
}

/** Bits 9 to 55 of an entry: a place in the file in bytes. */
function offsetOf(entry: Buffer): number {
  return (entry.readUInt32BE(0) & 0x00ffffff) * 2 ** 32 + ((entry.readUInt32BE(4) & 0xfffffe00) >>> 0);
}
