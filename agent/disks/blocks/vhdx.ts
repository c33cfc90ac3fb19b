/**
 * VHDX: fixed, dynamic and differencing. Source: [MS-VHDX] v20180912. Read by ourselves: qemu's driver (7.2) refuses
 * differencing disks.
 */
import { KNOWN_ITEMS, readVhdxGeometry } from '../vhdx.ts';
import { NO_GUID, openVhdxItems, readVhdxHeader, readVhdxRegions } from '../vhdx-structure.ts';
import { runsOf } from './bitmap.ts';
import { addSpan, stored, type Blocks, type LayerFile, type Span } from './blocks.ts';

const MIB = 1024 * 1024;
/** Sectors that one bitmap block describes (2.4). */
const SECTORS_A_BITMAP = 2 ** 23;

/** States of a payload block (2.5.1.1); 5 is "unmapped" of the draft 0.95, which others still write. */
const NOT_PRESENT = 0;
const FULLY_PRESENT = 6;
const PARTIALLY_PRESENT = 7;
const READ_AS_ZEROS = new Set([1, 2, 3, 5]);

interface Geometry {
  sizeBytes: number;
  blockBytes: number;
  sectorBytes: number;
  /** The block allocation table: bytes from the start of the file. */
  tableAt: number;
  tableBytes: number;
}

/** @throws disk.invalid */
export async function openVhdx(file: LayerFile): Promise<Blocks> {
  const { tables } = file;
  const { logGuid } = await readVhdxHeader(tables);
  // What lies in the log must be written before the file is whole, and a backup is not written to.
  if (logGuid !== NO_GUID) throw tables.wrong(0, 'it was not closed cleanly: changes wait in its log');
  const regions = await readVhdxRegions(tables);
  const items = await openVhdxItems(tables, regions.metadata, KNOWN_ITEMS);
  const { sizeBytes, blockBytes, logicalSectorBytes } = await readVhdxGeometry(tables, items, regions);
  return new VhdxBlocks(file, {
    sizeBytes: Number(sizeBytes),
    blockBytes,
    sectorBytes: logicalSectorBytes,
    tableAt: Number(regions.table.offset),
    tableBytes: regions.table.lengthBytes,
  });
}

class VhdxBlocks implements Blocks {
  readonly sizeBytes: number;
  readonly #file: LayerFile;
  readonly #geometry: Geometry;
  /** Payload blocks that share a bitmap block. */
  readonly #chunkRatio: number;

  constructor(file: LayerFile, geometry: Geometry) {
    this.sizeBytes = geometry.sizeBytes;
    this.#file = file;
    this.#geometry = geometry;
    this.#chunkRatio = (SECTORS_A_BITMAP * geometry.sectorBytes) / geometry.blockBytes;
  }

  async map(offset: number, length: number): Promise<Span[]> {
    const { blockBytes } = this.#geometry;
    const spans: Span[] = [];
    for (let position = offset; position < offset + length;) {
      const block = Math.floor(position / blockBytes);
      const start = block * blockBytes;
      const end = Math.min(offset + length, start + blockBytes);
      await this.#mapBlock(spans, block, position - start, end - start);
      position = end;
    }
    return spans;
  }

  /** `from` and `to`: bytes of the block. */
  async #mapBlock(spans: Span[], block: number, from: number, to: number): Promise<void> {
    const index = block + Math.floor(block / this.#chunkRatio);
    const { state, at } = await this.#entry(index);
    const length = to - from;
    if (state === NOT_PRESENT) addSpan(spans, { in: 'below', length });
    else if (READ_AS_ZEROS.has(state)) addSpan(spans, { in: 'zeros', length });
    else if (state === FULLY_PRESENT) addSpan(spans, stored(this.#file, at + from, length));
    else if (state === PARTIALLY_PRESENT) await this.#mapSectors(spans, block, at, from, to);
    else throw this.#wrongEntry(index, `block state ${state} is not known`);
  }

  async #mapSectors(spans: Span[], block: number, at: number, from: number, to: number): Promise<void> {
    const { sectorBytes, blockBytes } = this.#geometry;
    const chunk = Math.floor(block / this.#chunkRatio);
    const index = (chunk + 1) * this.#chunkRatio + chunk;
    const bitmap = await this.#entry(index);
    if (bitmap.state !== FULLY_PRESENT) {
      throw this.#wrongEntry(index, `block ${block} needs a sector bitmap, which is absent`);
    }
    // A block's sectors are whole bytes of the bitmap: the smallest block holds 256 of the largest sectors.
    const bitmapBytes = blockBytes / sectorBytes / 8;
    const bitsAt = bitmap.at + (block % this.#chunkRatio) * bitmapBytes;
    const bits = await this.#file.tables.read(bitsAt, bitmapBytes, 'a sector bitmap');
    const [firstSector, endSector] = [Math.floor(from / sectorBytes), Math.ceil(to / sectorBytes)];
    let position = from;
    for (const run of runsOf(bits, firstSector, endSector, 'lowest-first')) {
      const end = Math.min(to, position - (position % sectorBytes) + run.length * sectorBytes);
      const length = end - position;
      addSpan(spans, run.set ? stored(this.#file, at + position, length) : { in: 'below', length });
      position = end;
    }
  }

  async #entry(index: number): Promise<{ state: number; at: number }> {
    const { tableAt, tableBytes } = this.#geometry;
    if ((index + 1) * 8 > tableBytes)
      throw this.#wrongEntry(index, `the block table ends before entry ${index}`);
    const bytes = await this.#file.tables.read(tableAt + index * 8, 8, 'the block table');
    // State in the lowest 3 bits, the offset in MiB in the highest 44.
    const [low, high] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
    return { state: low & 7, at: (high * 2 ** 12 + Math.floor(low / 2 ** 20)) * MIB };
  }

  #wrongEntry(index: number, why: string): Error {
    return this.#file.tables.wrong(this.#geometry.tableAt + index * 8, why);
  }
}
