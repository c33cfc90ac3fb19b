/**
 * VHD: fixed, dynamic and differencing. Source: Virtual Hard Disk Image Format Specification, version 1.0 (2006).
 * Read by ourselves: qemu's vpc driver (7.2) takes the size from the geometry, which is smaller than the disk that
 * Hyper-V made, unless it knows the creating program, and it reads a differencing disk as if it had no parent.
 */
import { readVhdFooter, readVhdSparseHeader } from '../vhd.ts';
import { runsOf } from './bitmap.ts';
import { addSpan, stored, type Blocks, type LayerFile, type Span } from './blocks.ts';
import { plainBlocks } from './plain.ts';

const SECTOR = 512;
const UNUSED = 0xffffffff;

/** @throws disk.invalid */
export async function openVhd(file: LayerFile): Promise<Blocks> {
  const { tables } = file;
  const found = await readVhdFooter(tables);
  if (!found) throw tables.wrong(0, 'no footer of a VHD');
  const { footer } = found;
  const sizeBytes = Number(footer.sizeBytes);
  if (footer.kind === 'fixed') return plainBlocks(file, 0, sizeBytes);
  const { blockBytes, tableOffset } = await readVhdSparseHeader(tables, footer);
  return new VhdBlocks(file, { sizeBytes, table: Number(tableOffset), blockBytes });
}

interface Geometry {
  sizeBytes: number;
  /** The block allocation table: bytes from the start of the file. */
  table: number;
  blockBytes: number;
}

class VhdBlocks implements Blocks {
  readonly sizeBytes: number;
  readonly #file: LayerFile;
  readonly #geometry: Geometry;
  /** A bit a sector, before each block's data. */
  readonly #bitmapBytes: number;

  constructor(file: LayerFile, geometry: Geometry) {
    this.sizeBytes = geometry.sizeBytes;
    this.#file = file;
    this.#geometry = geometry;
    this.#bitmapBytes = Math.ceil(geometry.blockBytes / SECTOR / 8 / SECTOR) * SECTOR;
  }

  async map(offset: number, length: number): Promise<Span[]> {
    const { table, blockBytes } = this.#geometry;
    const spans: Span[] = [];
    const first = Math.floor(offset / blockBytes);
    const last = Math.floor((offset + length - 1) / blockBytes);
    const at = table + first * 4;
    const entries = await this.#file.tables.read(at, (last - first + 1) * 4, 'the block table');
    for (let block = first; block <= last; block += 1) {
      const start = block * blockBytes;
      const from = Math.max(offset, start) - start;
      const to = Math.min(offset + length, start + blockBytes) - start;
      const sector = entries.readUInt32BE((block - first) * 4);
      if (sector === UNUSED) addSpan(spans, { in: 'below', length: to - from });
      else await this.#mapBlock(spans, sector * SECTOR, from, to);
    }
    return spans;
  }

  /** `from` and `to`: bytes of the block. */
  async #mapBlock(spans: Span[], at: number, from: number, to: number): Promise<void> {
    const bitmap = await this.#file.tables.read(at, this.#bitmapBytes, "a block's bitmap");
    const [firstSector, endSector] = [Math.floor(from / SECTOR), Math.ceil(to / SECTOR)];
    let position = from;
    for (const run of runsOf(bitmap, firstSector, endSector, 'highest-first')) {
      const end = Math.min(to, position - (position % SECTOR) + run.length * SECTOR);
      const length = end - position;
      const place = at + this.#bitmapBytes + position;
      addSpan(spans, run.set ? stored(this.#file, place, length) : { in: 'below', length });
      position = end;
    }
  }
}
