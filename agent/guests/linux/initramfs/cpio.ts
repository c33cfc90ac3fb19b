/**
 * The "newc" cpio archive, which an initramfs is made of: a reader that keeps names and lets the data pass, and a
 * writer. Source: Linux Documentation/driver-api/early-userspace/buffer-format.rst.
 */
import { AscendError } from '../../../../proto/errors.ts';

const MAGIC = '070701';
const HEADER_BYTES = 110;
const TRAILER = 'TRAILER!!!';
const FILE_TYPE = 0o170000;
const DIRECTORY = 0o040000;
const SYMLINK = 0o120000;
const MAX_NAME = 4096;
// Files whose content is wanted are lists of module names and links: small.
const MAX_KEPT_BYTES = 1024 * 1024;

export interface CpioEntry {
  /** Without a leading ".." or "/". */
  name: string;
  kind: 'file' | 'directory' | 'symlink';
  /** Of links, and of files that were asked for. */
  content: Buffer | undefined;
}

/** Reads one stream that may be cut anywhere, an archive or several with zeros between them. */
export class CpioReader {
  readonly #wanted: (name: string) => boolean;
  readonly #found: (entry: CpioEntry) => void;
  #pending: Buffer = Buffer.alloc(0);
  #skip = 0;

  constructor(wanted: (name: string) => boolean, found: (entry: CpioEntry) => void) {
    this.#wanted = wanted;
    this.#found = found;
  }

  /** @throws guest.unsupported where the bytes are no archive. */
  push(chunk: Buffer): void {
    let data = chunk;
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, data.length);
      this.#skip -= skipped;
      data = data.subarray(skipped);
    }
    if (data.length > 0)
      this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, data]) : data;
    while (this.#take());
  }

  /** True where an entry was taken and more may follow. */
  #take(): boolean {
    let start = 0;
    while (start < this.#pending.length && this.#pending[start] === 0) start += 1;
    const head = this.#pending.subarray(start);
    if (head.length < HEADER_BYTES) {
      this.#pending = head;
      return false;
    }
    if (head.toString('latin1', 0, 6) !== MAGIC) throw notCpio(JSON.stringify(head.toString('latin1', 0, 6)));
    const nameBytes = hex(head, 94);
    if (nameBytes < 1 || nameBytes > MAX_NAME) throw notCpio(`a name of ${nameBytes} bytes`);
    const dataStart = align4(HEADER_BYTES + nameBytes);
    if (head.length < dataStart) {
      this.#pending = head;
      return false;
    }
    const name = head.toString('utf8', HEADER_BYTES, HEADER_BYTES + nameBytes - 1).replace(/^(\.?\/)+/, '');
    const kind = kindOf(hex(head, 14));
    const size = hex(head, 54);
    const keep = name !== TRAILER && size <= MAX_KEPT_BYTES && (kind === 'symlink' || this.#wanted(name));
    if (keep && head.length < dataStart + align4(size)) {
      this.#pending = head;
      return false;
    }
    if (name !== TRAILER) {
      this.#found({
        name,
        kind,
        content: keep ? Buffer.from(head.subarray(dataStart, dataStart + size)) : undefined,
      });
    }
    this.#advance(head, dataStart + align4(size));
    return true;
  }

  #advance(head: Buffer, bytes: number): void {
    this.#pending = head.subarray(Math.min(bytes, head.length));
    this.#skip = Math.max(0, bytes - head.length);
  }
}

function hex(buffer: Buffer, offset: number): number {
  const text = buffer.toString('latin1', offset, offset + 8);
  if (!/^[0-9a-fA-F]{8}$/.test(text)) throw notCpio(JSON.stringify(text));
  return parseInt(text, 16);
}

function kindOf(mode: number): CpioEntry['kind'] {
  if ((mode & FILE_TYPE) === DIRECTORY) return 'directory';
  return (mode & FILE_TYPE) === SYMLINK ? 'symlink' : 'file';
}

export function align4(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

function notCpio(saw: string): AscendError {
  return new AscendError('guest.unsupported', `An initramfs of the guest is not a cpio archive: ${saw}.`);
}

/** An archive of directories and regular files, all owned by root, in the order given. */
export function writeCpio(
  directories: readonly string[],
  files: Iterable<readonly [string, Buffer]>,
): Buffer {
  const parts: Buffer[] = directories.flatMap((name) => entry(name, DIRECTORY | 0o755, Buffer.alloc(0)));
  for (const [name, content] of files) parts.push(...entry(name, 0o100644, content));
  parts.push(...entry(TRAILER, 0, Buffer.alloc(0)));
  return Buffer.concat(parts);
}

function entry(name: string, mode: number, content: Buffer): Buffer[] {
  const nameBytes = Buffer.byteLength(name) + 1;
  // ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
  const fields = [0, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, nameBytes, 0];
  const header = MAGIC + fields.map((field) => field.toString(16).padStart(8, '0')).join('');
  return [...padded(Buffer.from(`${header}${name}\0`)), ...padded(content)];
}

/** With the zeros behind it, to be put together once: drivers are megabytes. */
export function padded(content: Buffer): [Buffer, Buffer] {
  return [content, Buffer.alloc(align4(content.length) - content.length)];
}
