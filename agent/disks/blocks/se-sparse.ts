/**
 * SE sparse extents of VMDK: what ESXi 6.5 and later write for a snapshot on VMFS 6, or of a disk beyond 2 TB.
 * VMware has not published the format; the layout is the one that QEMU's block/vmdk.c reads (version 2.1 alone).
 */
import type { DiskFile } from '../disk-file.ts';
import { addSpan, numberOf, stored, type Blocks, type LayerFile, type Span } from './blocks.ts';

const SECTOR = 512;
const MAGIC = 0xcafebaben;
const STATE_MAGIC = 0xcafecafen;
const VERSION = 0x0000000200000001n;
const GRAIN_SECTORS = 8n;
const TABLE_SECTORS = 64n;
const GRAIN_BYTES = Number(GRAIN_SECTORS) * SECTOR;
const TABLE_BYTES = Number(TABLE_SECTORS) * SECTOR;
const TABLE_ENTRIES = TABLE_BYTES / 8;

interface Geometry {
  sizeBytes: number;
  directoryAt: number;
  directoryBytes: number;
  tablesAt: number;
  grainsAt: number;
}

/** @throws disk.invalid */
export async function openSeSparse(file: LayerFile): Promise<Blocks> {
  const { tables } = file;
  const head = await tables.read(0, SECTOR, 'the header');
  const field = (index: number) => head.readBigUInt64LE(index * 8);
  if (field(0) !== MAGIC) throw tables.wrong(0, 'not an SE sparse extent of a VMDK');
  if (field(1) !== VERSION) throw tables.wrong(8, `version 0x${field(1).toString(16)} is not known`);
  if (field(3) !== GRAIN_SECTORS || field(4) !== TABLE_SECTORS) {
    throw tables.wrong(24, `grains of ${field(3)} sectors in tables of ${field(4)} are not known`);
  }
  const bytesOf = (index: number) => numberOf(field(index) * BigInt(SECTOR), tables, index * 8);
  await requireEmptyJournal(tables, bytesOf(10));
  return new SmallGrains(file, {
    sizeBytes: bytesOf(2),
    directoryAt: bytesOf(16),
    directoryBytes: bytesOf(17),
    tablesAt: bytesOf(18),
    grainsAt: bytesOf(24),
  });
}

/** What lies in the journal must be written before the file is whole, and a backup is not written to. */
async function requireEmptyJournal(file: DiskFile, at: number): Promise<void> {
  const state = await file.read(at, SECTOR, 'the state header');
  if (state.readBigUInt64LE(0) !== STATE_MAGIC) throw file.wrong(at, 'no state header');
  if (state[24] !== 0) throw file.wrong(at + 24, 'it was not closed cleanly: changes wait in its journal');
}

class SmallGrains implements Blocks {
  readonly sizeBytes: number;
  readonly #file: LayerFile;
  readonly #geometry: Geometry;

  constructor(file: LayerFile, geometry: Geometry) {
    this.sizeBytes = geometry.sizeBytes;
    this.#file = file;
    this.#geometry = geometry;
  }

  async map(offset: number, length: number): Promise<Span[]> {
    const spans: Span[] = [];
    const reach = GRAIN_BYTES * TABLE_ENTRIES;
    for (let position = offset; position < offset + length;) {
      const index = Math.floor(position / reach);
      const end = Math.min(offset + length, (index + 1) * reach);
      const table = await this.#table(index);
      if (table === undefined) addSpan(spans, { in: 'below', length: end - position });
      else await this.#mapTable(spans, table, position - index * reach, end - index * reach);
      position = end;
    }
    return spans;
  }

  async #table(index: number): Promise<number | undefined> {
    const { directoryAt, directoryBytes, tablesAt } = this.#geometry;
    const { tables } = this.#file;
    const at = directoryAt + index * 8;
    if (index * 8 >= directoryBytes) throw tables.wrong(at, `the grain directory has no entry ${index}`);
    const entry = await tables.read(at, 8, 'the grain directory');
    const [low, high] = [entry.readUInt32LE(0), entry.readUInt32LE(4)];
    if (low === 0 && high === 0) return undefined;
    // The highest 4 bits say "allocated", the lowest 32 which table it is.
    if (high !== 0x10000000) throw tables.wrong(at, 'an entry of the grain directory is not known');
    return tablesAt + low * TABLE_BYTES;
  }

  /** `from` and `to`: bytes of what the table describes. */
  async #mapTable(spans: Span[], table: number, from: number, to: number): Promise<void> {
    const first = Math.floor(from / GRAIN_BYTES);
    const last = Math.floor((to - 1) / GRAIN_BYTES);
    const entries = await this.#file.tables.read(table + first * 8, (last - first + 1) * 8, 'a grain table');
    for (let grain = first; grain <= last; grain += 1) {
      const start = grain * GRAIN_BYTES;
      const entry = entries.subarray((grain - first) * 8);
      const end = Math.min(to, start + GRAIN_BYTES);
      addSpan(spans, this.#spanOf(entry, Math.max(from, start) - start, end - start, table));
    }
  }

  /** The highest 4 bits of an entry: 0 absent, 1 unmapped, 2 zeros, 3 in the file. */
  #spanOf(entry: Buffer, from: number, to: number, table: number): Span {
    const length = to - from;
    const [low, high] = [entry.readUInt32LE(0), entry.readUInt32LE(4)];
    const kind = high >>> 28;
    if (low === 0 && high === 0) return { in: 'below', length };
    if (kind === 1 || kind === 2) return { in: 'zeros', length };
    if (kind !== 3) throw this.#file.tables.wrong(table, `a grain of kind ${kind} is not known`);
    // Bits 48 to 59 are the lowest 12 of the grain's number, bits 0 to 47 the rest.
    const grain = ((high >>> 16) & 0xfff) + ((high & 0xffff) * 2 ** 32 + low) * 4096;
    return stored(this.#file, this.#geometry.grainsAt + grain * GRAIN_BYTES + from, length);
  }
}
