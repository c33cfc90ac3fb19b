/**
 * The table of contents of a tar archive, made from its headers alone: an OVA of a terabyte is opened in as many reads
 * as it has members. Source: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".
 */
import { AscendError } from '../../proto/errors.ts';
import { block } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { RangeReader } from '../disks/range-reader.ts';
import { isPlainPath } from './plain-path.ts';

export interface Member {
  path: string;
  /** Bytes from the start of the archive. */
  offset: number;
  sizeBytes: number;
  modifiedAt: Date;
}

export interface TableOfContents {
  members: Member[];
  findings: Finding[];
}

const BLOCK = 512;
// An OVA has a descriptor, a manifest, a certificate and its disks.
const MAX_MEMBERS = 10_000;
// A long name and some times: POSIX puts both into a header of their own.
const MAX_EXTENSION_BYTES = 64 * 1024;
const HOSTILE = 'Do not restore this archive before you know how it came by this entry.';
const AGAIN = 'Copy the archive again from where it came from.';

/** Whether these first 512 bytes are a header, be it a damaged one. */
export function isTarHeader(head: Buffer): boolean {
  return head.length >= BLOCK && head.toString('latin1', 257, 262) === 'ustar';
}

/** @throws source.invalid where what is there is no header. */
export async function readTableOfContents(archive: RangeReader, name: string): Promise<TableOfContents> {
  const members = new Map<string, Member>();
  const findings: Finding[] = [];
  const refuse = (code: string, subject: string, message: string, remedy: string) =>
    void findings.push(block(code, subject, message, remedy));
  let extended: Extensions = {};
  for (let offset = 0, count = 0; ; count++) {
    const header = await archive.read(offset, BLOCK);
    if (header.length === 0 || isZero(header)) break;
    const entry = readEntry(header, offset, name, extended);
    if (count === MAX_MEMBERS) throw wrong(name, offset, `more than ${MAX_MEMBERS} members`);
    const start = offset + BLOCK;
    if (entry.sizeBytes > archive.sizeBytes - start) {
      const left = Math.max(0, archive.sizeBytes - start);
      const message = `${name} is cut off: ${shown(entry.path)} should have ${entry.sizeBytes} bytes, and ${left} are there.`;
      refuse('archive.truncated', shown(entry.path), message, AGAIN);
      break;
    }
    offset = start + Math.ceil(entry.sizeBytes / BLOCK) * BLOCK;
    if (entry.type === 'extension') {
      extended = { ...extended, ...(await readExtension(archive, entry, start, name)) };
      continue;
    }
    extended = {};
    if (entry.type === 'folder' || entry.type === 'global') continue;
    const problem = problemOf(entry, members);
    if (problem)
      refuse(problem.code, shown(entry.path), `${shown(entry.path)} in ${name} ${problem.why}.`, HOSTILE);
    else members.set(entry.path, { ...entry, offset: start });
  }
  return { members: [...members.values()], findings };
}

type EntryType = 'file' | 'folder' | 'link' | 'device' | 'extension' | 'global';

interface Entry {
  type: EntryType;
  flag: string;
  path: string;
  sizeBytes: number;
  modifiedAt: Date;
}

/** What an extension header says of the entry that follows. */
interface Extensions {
  path?: string;
  sizeBytes?: number;
}

function readEntry(header: Buffer, offset: number, name: string, extended: Extensions): Entry {
  if (header.length < BLOCK) throw wrong(name, offset, 'the archive ends within a header');
  if (!checksumIsRight(header)) throw wrong(name, offset, 'not a tar header: its checksum is wrong');
  const flag = String.fromCharCode(header[156] ?? 0);
  const type = typeOf(flag);
  const own = numberAt(header, 124, 12);
  if (own === undefined) throw wrong(name, offset + 124, 'a size that is no number');
  const isMember = type !== 'extension' && type !== 'global';
  const sizeBytes =
    type === 'link' || type === 'device' ? 0 : ((isMember ? extended.sizeBytes : undefined) ?? own);
  const seconds = numberAt(header, 136, 12) ?? 0;
  return {
    type,
    flag,
    path: (isMember ? extended.path : undefined) ?? ustarPath(header),
    sizeBytes,
    modifiedAt: new Date(Math.min(seconds, 8.64e12) * 1000),
  };
}

function typeOf(flag: string): EntryType {
  if (flag === '0' || flag === '\0' || flag === '7') return 'file';
  if (flag === '5') return 'folder';
  if (flag === '1' || flag === '2') return 'link';
  if (flag === 'x' || flag === 'L' || flag === 'K') return 'extension';
  return flag === 'g' ? 'global' : 'device';
}

function ustarPath(header: Buffer): string {
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? textAt(header, 345, 155) : '';
  const own = textAt(header, 0, 100);
  return prefix === '' ? own : `${prefix}/${own}`;
}

function textAt(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

/** Octal digits, or GNU's binary form with the first bit set. */
function numberAt(header: Buffer, start: number, length: number): number | undefined {
  const field = header.subarray(start, start + length);
  if (((field[0] ?? 0) & 0x80) !== 0) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, (field[0] ?? 0) & 0x7f);
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const digits = field
    .toString('latin1')
    .replace(/^ +/, '')
    .replace(/[ \0]+$/, '');
  return digits === '' ? 0 : /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : undefined;
}

async function readExtension(
  archive: RangeReader,
  { flag, sizeBytes }: Entry,
  start: number,
  name: string,
): Promise<Extensions> {
  if (sizeBytes > MAX_EXTENSION_BYTES) throw wrong(name, start, `an extension header of ${sizeBytes} bytes`);
  const content = await archive.read(start, sizeBytes);
  // K: the target of a link, and links are refused anyway.
  if (flag === 'K') return {};
  if (flag === 'L') return { path: textAt(content, 0, content.length) };
  return paxRecords(content, start, name);
}

/** "27 path=some/long/name.vmdk\n": the length counts the whole record. */
function paxRecords(content: Buffer, start: number, name: string): Extensions {
  const found: Extensions = {};
  for (let offset = 0; offset < content.length;) {
    const [record, digits] = /^(\d{1,6}) /.exec(content.toString('latin1', offset, offset + 8)) ?? [];
    const length = Number(digits);
    if (record === undefined || length <= record.length || offset + length > content.length) {
      throw wrong(name, start + offset, 'a pax record of a wrong length');
    }
    const text = content.toString('utf8', offset + record.length, offset + length - 1);
    const equals = text.indexOf('=');
    const value = text.slice(equals + 1);
    if (text.slice(0, equals) === 'path') found.path = value;
    if (text.slice(0, equals) === 'size' && /^\d{1,15}$/.test(value)) found.sizeBytes = Number(value);
    offset += length;
  }
  return found;
}

function problemOf(
  entry: Entry,
  members: ReadonlyMap<string, Member>,
): { code: string; why: string } | undefined {
  if (entry.type === 'link') return { code: 'archive.link', why: 'is a link' };
  if (entry.type === 'device') return { code: 'archive.not-a-file', why: 'is not a regular file' };
  if (!isPlainPath(entry.path)) return { code: 'archive.path-outside', why: 'would lie outside the archive' };
  if (members.has(entry.path)) return { code: 'archive.duplicate', why: 'is there twice' };
  return undefined;
}

/** The sum of all bytes, the checksum's own taken for spaces. */
function checksumIsRight(header: Buffer): boolean {
  let sum = 8 * 0x20;
  for (let index = 0; index < BLOCK; index++) if (index < 148 || index >= 156) sum += header[index] ?? 0;
  return numberAt(header, 148, 8) === sum;
}

function isZero(header: Buffer): boolean {
  return header.every((byte) => byte === 0);
}

/** A name of an archive may hold anything. */
function shown(name: string): string {
  return isPlainPath(name) ? name : JSON.stringify(name.slice(0, 200));
}

function wrong(name: string, offset: number, why: string): AscendError {
  return new AscendError('source.invalid', `${name}: ${why} (offset ${offset}).`, {
    context: { file: name, offset },
    hint: AGAIN,
  });
}
