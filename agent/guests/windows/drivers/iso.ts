/**
 * Lists the files of an ISO 9660 image by its Joliet tree, which virtio-win.iso has: long names, in UTF-16.
 * Source: ECMA-119 (volume descriptors and directory records) and the Joliet specification (escape sequences).
 */
import { AscendError } from '../../../../proto/errors.ts';

export interface IsoFile {
  path: string;
  sizeBytes: number;
  offsetBytes: number;
}

type ReadAt = (offsetBytes: number, lengthBytes: number) => Promise<Buffer>;

const SECTOR = 2048;
const FIRST_DESCRIPTOR = 16;
const MAX_DESCRIPTORS = 64;
const SUPPLEMENTARY = 2;
const TERMINATOR = 255;
const MAX_DIRECTORIES = 10_000;
const MAX_DIRECTORY_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 12;

interface Directory {
  path: string;
  depth: number;
  sector: number;
  bytes: number;
}

/** @throws usage.invalid where it is no ISO image with Joliet names */
export async function readIso(name: string, readAt: ReadAt): Promise<IsoFile[]> {
  const files: IsoFile[] = [];
  const left: Directory[] = [await rootOf(name, readAt)];
  const seen = new Set<number>();
  for (let directory = left.pop(); directory; directory = left.pop()) {
    if (seen.has(directory.sector) || directory.depth > MAX_DEPTH || seen.size > MAX_DIRECTORIES)
      throw invalid(name, 'its folders are nested without end');
    if (directory.bytes > MAX_DIRECTORY_BYTES) throw invalid(name, 'one of its folders is too large');
    seen.add(directory.sector);
    const records = await readAt(directory.sector * SECTOR, directory.bytes);
    for (const entry of entriesOf(records, directory)) {
      if (entry.isFolder) left.push(entry);
      else files.push({ path: entry.path, sizeBytes: entry.bytes, offsetBytes: entry.sector * SECTOR });
    }
  }
  return files;
}

async function rootOf(name: string, readAt: ReadAt): Promise<Directory> {
  for (let sector = FIRST_DESCRIPTOR; sector < FIRST_DESCRIPTOR + MAX_DESCRIPTORS; sector++) {
    const descriptor = await readAt(sector * SECTOR, SECTOR);
    if (descriptor.length < SECTOR || descriptor.toString('latin1', 1, 6) !== 'CD001')
      throw invalid(name, 'it is no ISO image');
    const type = descriptor[0];
    if (type === TERMINATOR) break;
    // The levels of Joliet: %/@, %/C, %/E.
    if (type === SUPPLEMENTARY && /^%\/[@CE]/.test(descriptor.toString('latin1', 88, 91)))
      return {
        path: '',
        depth: 0,
        sector: descriptor.readUInt32LE(158),
        bytes: descriptor.readUInt32LE(166),
      };
  }
  throw invalid(name, 'its names are not in Joliet form');
}

function* entriesOf(
  records: Buffer,
  { path, depth }: Directory,
): Generator<Directory & { isFolder: boolean }> {
  for (let at = 0; at < records.length;) {
    const length = records[at] ?? 0;
    if (length === 0) {
      // A record never crosses into the next sector: the rest of this one is empty.
      at = (Math.floor(at / SECTOR) + 1) * SECTOR;
      continue;
    }
    const record = records.subarray(at, at + length);
    at += length;
    if (record.length < 34 || 33 + (record[32] ?? 0) > record.length) continue;
    const nameBytes = record.subarray(33, 33 + (record[32] ?? 0));
    // "\0" and "\1" are the folder itself and the one above.
    if (nameBytes.length < 2) continue;
    const name = Buffer.from(nameBytes.subarray(0, nameBytes.length & ~1))
      .swap16()
      .toString('utf16le')
      .replace(/;\d+$/, '');
    if (name === '..' || name.includes('/') || name.includes('\0')) continue;
    yield {
      path: path === '' ? name : `${path}/${name}`,
      depth: depth + 1,
      sector: record.readUInt32LE(2),
      bytes: record.readUInt32LE(10),
      isFolder: ((record[25] ?? 0) & 2) !== 0,
    };
  }
}

function invalid(name: string, why: string): AscendError {
  return new AscendError('usage.invalid', `${name} cannot be read as an image of drivers: ${why}.`, {
    context: { file: name },
    hint: 'Unpack the image and name its folder instead.',
  });
}
