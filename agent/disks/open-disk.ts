/** Opens a disk's chain for reading, whatever its files are and wherever they lie. */
import { AscendError } from '../../proto/errors.ts';
import type { FilePlace } from '../repositories/files.ts';
import { numberOf, type Blocks, type LayerFile } from './blocks/blocks.ts';
import { joinedBlocks } from './blocks/joined.ts';
import { OBJECTS, PagePool, TABLES } from './blocks/pages.ts';
import { plainBlocks } from './blocks/plain.ts';
import { openQcow2 } from './blocks/qcow2.ts';
import { openSeSparse } from './blocks/se-sparse.ts';
import { openSparse } from './blocks/sparse.ts';
import { openVhd } from './blocks/vhd.ts';
import { openVhdx } from './blocks/vhdx.ts';
import type { Chain, Layer, LocatedDataFile } from './chain.ts';
import { DiskFile } from './disk-file.ts';
import type { DiskFormat } from './disk-header.ts';
import { ChainReader, type DiskReader } from './disk-reader.ts';
import type { RangeReader } from './range-reader.ts';

/** A backup's files as far as disks are read from them; `BackupFiles` of the repositories has both. */
export interface DiskFiles {
  /** @throws OpenError of host/regular-file.ts */
  open(path: string): Promise<RangeReader>;
  /** Undefined where the file lies behind a network. */
  place(path: string): Promise<FilePlace | undefined>;
}

/** What the disks of one backup share: memory for what was read last. */
export interface DiskMemory {
  tables: PagePool;
  objects: PagePool;
}

export function diskMemory(): DiskMemory {
  return { tables: new PagePool(TABLES), objects: new PagePool(OBJECTS) };
}

export interface OpenDisk extends DiskReader, AsyncDisposable {}

/** The chain must be usable. @throws disk.invalid, disk.read-failed */
export async function openDisk(chain: Chain, files: DiskFiles, memory: DiskMemory): Promise<OpenDisk> {
  await using opened = new AsyncDisposableStack();
  const open = async (path: string): Promise<LayerFile> => {
    const reader = opened.use(await openNamed(path, files));
    const content = (await files.place(path)) ? reader : memory.objects.over(reader);
    return { content, tables: new DiskFile(memory.tables.over(content), path) };
  };
  const layers: Blocks[] = [];
  for (const layer of chain.layers) layers.push(await openLayer(layer, open));
  const reader = new ChainReader(layers, Number(chain.sizeBytes));
  const held = opened.move();
  return {
    sizeBytes: reader.sizeBytes,
    read: (offset, length) => reader.read(offset, length),
    extents: (offset, length) => reader.extents(offset, length),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

type OpenFile = (path: string) => Promise<LayerFile>;

const OPENERS: Readonly<Record<Exclude<DiskFormat, 'raw'>, (file: LayerFile) => Promise<Blocks>>> = {
  qcow2: openQcow2,
  vmdk: openSparse,
  vhd: openVhd,
  vhdx: openVhdx,
};

async function openLayer({ file, header, dataFiles }: Layer, open: OpenFile): Promise<Blocks> {
  if (dataFiles.length > 0) {
    const parts: Blocks[] = [];
    for (const part of dataFiles) parts.push(await openExtent(part, await open(part.path)));
    return joinedBlocks(parts);
  }
  const opened = await open(file);
  if (header.format === 'raw') return plainBlocks(opened, 0, numberOf(header.sizeBytes, opened.tables, 0));
  return OPENERS[header.format](opened);
}

async function openExtent(
  { kind, offsetBytes, sizeBytes }: LocatedDataFile,
  file: LayerFile,
): Promise<Blocks> {
  const share = numberOf(sizeBytes, file.tables, 0);
  if (kind === 'flat') return plainBlocks(file, numberOf(offsetBytes, file.tables, 0), share);
  const blocks = await (kind === 'seSparse' ? openSeSparse(file) : openSparse(file));
  if (blocks.sizeBytes >= share)
    return { sizeBytes: share, map: (offset, length) => blocks.map(offset, length) };
  throw file.tables.wrong(0, `it holds ${blocks.sizeBytes} bytes of a disk, and should hold ${share}`);
}

/** A file whose errors say which file it is. */
async function openNamed(path: string, files: DiskFiles): Promise<RangeReader> {
  const reader = await files.open(path).catch((cause: unknown) => {
    throw readFailed(path, 0, cause);
  });
  return {
    sizeBytes: reader.sizeBytes,
    async read(offset, length) {
      const bytes = await reader.read(offset, length).catch((cause: unknown) => {
        throw readFailed(path, offset, cause);
      });
      const expected = Math.max(0, Math.min(length, reader.sizeBytes - offset));
      if (bytes.length >= expected) return bytes;
      // Cut off since it was opened: what is missing must not pass for zeros.
      throw readFailed(path, offset, `it gives ${bytes.length} bytes in place of ${expected}`);
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}

function readFailed(file: string, offset: number, cause: unknown): AscendError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AscendError('disk.read-failed', `${file} cannot be read at byte ${offset}: ${why}`, {
    context: { file, offset },
    hint:
      (cause instanceof AscendError && cause.hint) ||
      'See whether the file can be read there, and try again.',
    cause,
  });
}
