/**
 * Sparse extents of VMDK: hosted ("KDMV": monolithicSparse, streamOptimized, parts of a split disk) and ESX snapshots
 * ("COWD": vmfsSparse). Source: VMware Virtual Disks, Virtual Disk Format 5.0.
 */
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
import { keptUnits, unpackUnit } from './unit.ts';

const SECTOR = 512;
const HOSTED = 0x564d444b; // "KDMV", little-endian
const ESX = 0x44574f43; // "COWD"
const FLAG = { zeroedGrains: 1 << 2, compressed: 1 << 16, markers: 1 << 17 } as const;
/** The directory lies at the end: a streamed file learned its place last. */
const AT_END = 0xffffffffffffffffn;
// VMware writes grains of 64 KiB, and of 512 bytes or 4 KiB in ESX snapshots.
const MAX_GRAIN_BYTES = 1024 * 1024;

interface Geometry {
  sizeBytes: number;
  grainBytes: number;
  grainsATable: number;
  /** Bytes from the start of the file. */
  directoryAt: number;
  zeroedGrains: boolean;
  compressed: boolean;
  markers: boolean;
}

/** @throws disk.invalid */
export async function openSparse(file: LayerFile): Promise<Blocks> {
  const head = await file.tables.read(0, SECTOR, 'the header');
  const magic = head.readUInt32LE(0);
  if (magic === ESX) return new Grains(file, esxGeometry(head, file.tables));
  if (magic !== HOSTED) throw file.tables.wrong(0, 'not a sparse extent of a VMDK');
  const atEnd = head.readBigUInt64LE(56) === AT_END;
  const header = atEnd ? await readFooter(file.tables) : head;
  return new Grains(file, hostedGeometry(header, file.tables));
}

/** Marker, copy of the header, end-of-stream marker: the last three sectors. */
async function readFooter(file: DiskFile): Promise<Buffer> {
  const at = file.sizeBytes - 2 * SECTOR;
  const footer = await file.read(at, SECTOR, 'the footer');
  if (footer.readUInt32LE(0) === HOSTED) return footer;
  throw file.wrong(at, 'no footer, which says where all data lies: the file was cut off');
}

function hostedGeometry(header: Buffer, file: DiskFile): Geometry {
  const flags = header.readUInt32LE(8);
  const compressed = (flags & FLAG.compressed) !== 0;
  const algorithm = header.readUInt16LE(77);
  if (compressed && algorithm !== 1) throw file.wrong(77, `compression ${algorithm} is not known`);
  const bytesAt = (offset: number) => numberOf(header.readBigUInt64LE(offset) * BigInt(SECTOR), file, offset);
  return checked(file, {
    sizeBytes: bytesAt(12),
    grainBytes: bytesAt(20),
    grainsATable: header.readUInt32LE(44),
    directoryAt: bytesAt(56),
    zeroedGrains: (flags & FLAG.zeroedGrains) !== 0,
    compressed,
    markers: (flags & FLAG.markers) !== 0,
  });
}

function esxGeometry(header: Buffer, file: DiskFile): Geometry {
  return checked(file, {
    sizeBytes: header.readUInt32LE(12) * SECTOR,
    grainBytes: header.readUInt32LE(16) * SECTOR,
    grainsATable: 4096,
    directoryAt: header.readUInt32LE(20) * SECTOR,
    zeroedGrains: true,
    compressed: false,
    markers: false,
  });
}

function checked(file: DiskFile, geometry: Geometry): Geometry {
  const { grainBytes, grainsATable } = geometry;
  if (grainBytes < SECTOR || grainBytes > MAX_GRAIN_BYTES)
    throw file.wrong(20, `grain size ${grainBytes} is out of range`);
  if (grainsATable === 0 || grainsATable > 4096)
    throw file.wrong(44, `${grainsATable} grains a table is out of range`);
  return geometry;
}

class Grains implements Blocks {
  readonly sizeBytes: number;
  readonly #file: LayerFile;
  readonly #geometry: Geometry;
  readonly #unitAt: (at: number, bytes: number) => CompressedUnit;

  constructor(file: LayerFile, geometry: Geometry) {
    this.sizeBytes = geometry.sizeBytes;
    this.#file = file;
    this.#geometry = geometry;
    this.#unitAt = keptUnits(geometry.grainBytes, (at) => this.#unpack(at));
  }

  async map(offset: number, length: number): Promise<Span[]> {
    const { grainBytes, grainsATable, directoryAt } = this.#geometry;
    const spans: Span[] = [];
    const reach = grainBytes * grainsATable;
    for (let position = offset; position < offset + length;) {
      const index = Math.floor(position / reach);
      const end = Math.min(offset + length, (index + 1) * reach);
      const entry = await this.#file.tables.read(directoryAt + index * 4, 4, 'the grain directory');
      const table = entry.readUInt32LE(0) * SECTOR;
      if (table === 0) addSpan(spans, { in: 'below', length: end - position });
      else await this.#mapTable(spans, table, position - index * reach, end - index * reach);
      position = end;
    }
    return spans;
  }

  /** `from` and `to`: bytes of what the table describes. */
  async #mapTable(spans: Span[], table: number, from: number, to: number): Promise<void> {
    const { grainBytes } = this.#geometry;
    const first = Math.floor(from / grainBytes);
    const last = Math.floor((to - 1) / grainBytes);
    const entries = await this.#file.tables.read(table + first * 4, (last - first + 1) * 4, 'a grain table');
    for (let grain = first; grain <= last; grain += 1) {
      const start = grain * grainBytes;
      const end = Math.min(to, start + grainBytes);
      const sector = entries.readUInt32LE((grain - first) * 4);
      addSpan(spans, this.#spanOf(sector, Math.max(from, start) - start, end - start));
    }
  }

  /** `from` and `to`: bytes of the grain. */
  #spanOf(sector: number, from: number, to: number): Span {
    const { zeroedGrains, compressed } = this.#geometry;
    const length = to - from;
    if (sector === 0) return { in: 'below', length };
    if (sector === 1 && zeroedGrains) return { in: 'zeros', length };
    const at = sector * SECTOR;
    if (!compressed) return storedUnit(this.#file, at, from, length);
    return { in: 'unit', length, unit: this.#unitAt(at, 0), skip: from };
  }

  /** With markers: first sector (8 bytes), length of the compressed data (4 bytes), the data. */
  async #unpack(at: number): Promise<Buffer> {
    const { grainBytes, markers } = this.#geometry;
    // Deflate makes what cannot be compressed larger by 5 bytes in 16 KiB.
    const most = grainBytes + Math.ceil(grainBytes / 1024) + SECTOR;
    const found = await this.#file.content.read(at, most);
    const from = markers ? 12 : 0;
    const bytes = markers && found.length >= from ? found.readUInt32LE(8) : found.length;
    if (from + bytes > found.length) {
      throw this.#file.tables.wrong(at, `a grain of ${bytes} compressed bytes is out of range`);
    }
    return unpackUnit(found.subarray(from, from + bytes), grainBytes, 'zlib').catch((cause: unknown) => {
      throw this.#file.tables.wrong(at, `a compressed grain cannot be unpacked: ${String(cause)}`);
    });
  }
}
