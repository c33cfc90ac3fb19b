/** What an initramfs holds, read from its bytes: the proof that drivers are there, or the reason to add them. */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { PassThrough, type Duplex, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress, gzipSync } from 'node:zlib';
import { AscendError } from '../../../../proto/errors.ts';
import { align4, CpioReader, padded, writeCpio, type CpioEntry } from './cpio.ts';
import { foreignFormat, unpackFile, type ForeignFormat } from './decompress.ts';

export interface Initramfs {
  /** Length without a driver segment of ours. */
  mainBytes: number;
  totalBytes: number;
  /** Kernel modules in it, as modprobe names them. */
  modules: ReadonlySet<string>;
  /** Paths of module files, relative to the kernel's module directory. */
  moduleFiles: ReadonlySet<string>;
  directories: ReadonlySet<string>;
  /** Link -> where it points, as written. */
  links: ReadonlyMap<string, string>;
  /** Content of the small files that decide how modules are loaded. */
  texts: ReadonlyMap<string, string>;
  builtBy: InitramfsBuilder;
}

/** nash is Red Hat's of the years before dracut: it loads what its script names and nothing else. */
export type InitramfsBuilder = 'initramfs-tools' | 'dracut' | 'mkinitcpio' | 'mkinitrd' | 'nash' | 'other';

const OWN_MARK = 'ascend-segment';
// A mark is an archive of one small file and a trailer: always shorter than this.
const MARK_WINDOW = 1024;
// A generic initramfs unpacks to some 300 MB; a bomb is stopped here. Nothing of it is kept.
const MAX_UNPACKED = 2 * 1024 ** 3;

const KEPT =
  /^(conf\/modules|etc\/systemd\/network\/10-ascend-[^/]+\.link|etc\/lvm\/(lvm|lvmlocal)\.conf|etc\/lvm\/devices\/system\.devices)$/;
// A generic initramfs has some 3000; names are all that is kept of most.
const MAX_ENTRIES = 200_000;

/**
 * `undefined`: compressed in a way that is not known, so nothing can be said of it.
 * @throws guest.unsupported where it is no archive at all, or unpacks to more than `maxUnpacked` bytes;
 *   host.tool-missing where this host lacks the program for its compression.
 */
export async function readInitramfs(
  file: string,
  maxUnpacked = MAX_UNPACKED,
): Promise<Initramfs | undefined> {
  await using handle = await open(file, 'r');
  const { size } = await handle.stat();
  const mark = await findMark(handle, size);
  const mainBytes = mark?.mainBytes ?? size;
  const content = new Content(maxUnpacked);
  const start = await content.readPlain(file, mainBytes);
  if (start < mainBytes && !(await content.readCompressed(file, start, mainBytes))) return undefined;
  // A segment starts on the next multiple of four: the kernel wants its archives aligned.
  if (mark && !(await content.readCompressed(file, align4(mark.mainBytes), mark.endBytes))) return undefined;
  return { ...content.facts(), mainBytes, totalBytes: size };
}

class Content {
  readonly #entries = new Map<string, CpioEntry>();
  readonly #maxUnpacked: number;
  #unpacked = 0;

  constructor(maxUnpacked: number) {
    this.#maxUnpacked = maxUnpacked;
  }

  /** Reads uncompressed archives (microcode comes first) and returns the offset of what follows them. */
  async readPlain(file: string, end: number): Promise<number> {
    const plain = await plainLength(file, end);
    if (plain > 0) await this.#feed(createReadStream(file, { end: plain - 1 }), new PassThrough());
    return plain;
  }

  /** False where the compression is not known. */
  async readCompressed(file: string, start: number, end: number): Promise<boolean> {
    await using handle = await open(file, 'r');
    const magic = Buffer.alloc(4);
    await handle.read(magic, 0, 4, start);
    const source = createReadStream(file, { start, end: end - 1 });
    const decoder = decoderOf(magic);
    if (decoder !== undefined) {
      await this.#feed(source, decoder);
      return true;
    }
    const format = foreignFormat(magic);
    if (format !== undefined) await this.#readForeign(source, format, `${file}.piece`);
    source.destroy();
    return format !== undefined;
  }

  async #readForeign(source: Readable, format: ForeignFormat, piece: string): Promise<void> {
    try {
      await pipeline(source, createWriteStream(piece, { mode: 0o600 }));
      await unpackFile(piece, format, this.#maxUnpacked);
      await this.#feed(createReadStream(piece), new PassThrough());
    } finally {
      await rm(piece, { force: true });
    }
  }

  async #feed(source: Readable, decoder: Duplex): Promise<void> {
    const reader = new CpioReader(
      (name) => KEPT.test(name),
      (entry) => {
        this.#entries.set(entry.name, entry);
        if (this.#entries.size > MAX_ENTRIES) throw tooManyEntries();
      },
    );
    try {
      await pipeline(source, decoder, async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) {
          this.#unpacked += chunk.length;
          if (this.#unpacked > this.#maxUnpacked) throw tooLarge(this.#maxUnpacked);
          reader.push(chunk);
        }
      });
    } catch (cause) {
      if (cause instanceof AscendError) throw cause;
      throw new AscendError(
        'guest.unsupported',
        `An initramfs of the guest cannot be unpacked: ${(cause as Error).message}.`,
        { cause },
      );
    }
  }

  facts(): Omit<Initramfs, 'mainBytes' | 'totalBytes'> {
    const entries = [...this.#entries.values()];
    const moduleFiles = new Set<string>();
    for (const { name } of entries) {
      const file = /^(?:usr\/)?lib\/modules\/[^/]+\/(.+\.ko(?:\.(?:gz|xz|zst))?)$/.exec(name)?.[1];
      if (file) moduleFiles.add(file);
    }
    return {
      moduleFiles,
      modules: new Set([...moduleFiles].map(moduleName)),
      directories: new Set(entries.filter(({ kind }) => kind === 'directory').map(({ name }) => name)),
      links: new Map(
        entries.flatMap(({ name, kind, content }) =>
          kind === 'symlink' && content ? [[name, content.toString('utf8')]] : [],
        ),
      ),
      texts: new Map(
        entries.flatMap(({ name, kind, content }) =>
          kind === 'file' && content ? [[name, content.toString('utf8')]] : [],
        ),
      ),
      builtBy: BUILDERS.find(([, marks]) => marks.some((mark) => this.#entries.has(mark)))?.[0] ?? 'other',
    };
  }
}

/** What each leaves in what it builds. */
const BUILDERS: readonly (readonly [InitramfsBuilder, readonly string[]])[] = [
  ['initramfs-tools', ['conf/initramfs.conf']],
  ['dracut', ['usr/lib/dracut', 'usr/lib/dracut-lib.sh', 'lib/dracut-lib.sh', 'lib/dracut']],
  ['mkinitcpio', ['init_functions']],
  ['mkinitrd', ['run_all.sh']],
  ['nash', ['bin/nash', 'sbin/nash']],
];

function tooManyEntries(): AscendError {
  return new AscendError(
    'guest.unsupported',
    `An initramfs of the guest holds more than ${MAX_ENTRIES} files.`,
  );
}

function decoderOf(magic: Buffer): Duplex | undefined {
  if (magic.toString('latin1') === '0707') return new PassThrough();
  if (magic.readUInt16BE(0) === 0x1f8b) return createGunzip();
  return magic.readUInt32LE(0) === 0xfd2fb528 ? createZstdDecompress() : undefined;
}

function tooLarge(maxUnpacked: number): AscendError {
  const message = `An initramfs of the guest unpacks to more than ${maxUnpacked} bytes.`;
  return new AscendError('guest.unsupported', message);
}

/** "kernel/drivers/block/virtio-blk.ko.xz" -> "kernel/drivers/block/virtio-blk.ko". */
export function uncompressedName(file: string): string {
  return file.replace(/\.(gz|xz|zst)$/, '');
}

/** "kernel/drivers/block/virtio_blk.ko.xz" -> "virtio_blk". A dash and an underscore are the same to modprobe. */
export function moduleName(file: string): string {
  const base = file.slice(file.lastIndexOf('/') + 1);
  return base.replace(/\.ko(\.(gz|xz|zst))?$/, '').replace(/-/g, '_');
}

/** Length of the uncompressed archives at the start, with the zeros behind them. */
async function plainLength(file: string, end: number): Promise<number> {
  await using handle = await open(file, 'r');
  const head = Buffer.alloc(110);
  let offset = 0;
  while (offset + 4 <= end) {
    const { bytesRead } = await handle.read(head, 0, Math.min(head.length, end - offset), offset);
    if (head.readUInt32BE(0) === 0) offset = await zerosEnd(handle, offset, end);
    else if (bytesRead === head.length && head.toString('latin1', 0, 6) === '070701') {
      const field = (at: number) => parseInt(head.toString('latin1', at, at + 8), 16) || 0;
      offset += align4(110 + field(94)) + align4(field(54));
    } else return offset;
  }
  return Math.min(offset, end);
}

/** Offset of the first four bytes that are not all zero. In blocks: a hostile file may hold nothing but zeros. */
async function zerosEnd(handle: FileHandle, start: number, end: number): Promise<number> {
  const zeros = Buffer.alloc(64 * 1024);
  const block = Buffer.alloc(zeros.length);
  for (let offset = start; offset < end;) {
    const { bytesRead } = await handle.read(block, 0, Math.min(block.length, end - offset), offset);
    if (bytesRead === 0) break;
    if (zeros.compare(block, 0, bytesRead, 0, bytesRead) === 0) offset += bytesRead;
    else {
      const at = offset + block.findIndex((byte) => byte !== 0);
      return at - (at % 4);
    }
  }
  return end;
}

/**
 * A segment ends with a mark: one more archive, uncompressed, whose one file says where the segment starts. So a
 * later restore finds it, believes what it holds, and replaces it instead of piling up another.
 */
async function findMark(handle: FileHandle, size: number): Promise<Mark | undefined> {
  const length = Math.min(MARK_WINDOW, size);
  const tail = Buffer.alloc(length);
  await handle.read(tail, 0, length, size - length);
  const at = tail.lastIndexOf(`${OWN_MARK}\0`);
  const match =
    at < 0 ? undefined : /{"mainBytes":(\d{1,15}),"endBytes":(\d{1,15})}/.exec(tail.toString('latin1', at));
  const mark = match && { mainBytes: Number(match[1]), endBytes: Number(match[2]) };
  return mark && align4(mark.mainBytes) < mark.endBytes && mark.endBytes < size ? mark : undefined;
}

/** Where a segment lies: from the next multiple of four after `mainBytes` up to `endBytes`. */
interface Mark {
  mainBytes: number;
  endBytes: number;
}

/** The bytes to append behind `mainBytes` of an initramfs. */
export function driverSegment(
  mainBytes: number,
  directories: readonly string[],
  files: Iterable<readonly [string, Buffer]>,
  compress: boolean,
): Buffer {
  const archive = writeCpio(directories, files);
  const content = compress ? gzipSync(archive, { level: 6 }) : archive;
  const start = align4(mainBytes);
  const mark: Mark = { mainBytes, endBytes: start + content.length };
  return Buffer.concat([
    Buffer.alloc(start - mainBytes),
    ...padded(content),
    writeCpio([], [[OWN_MARK, Buffer.from(JSON.stringify(mark))]]),
  ]);
}
