/**
 * Checksums that lie beside a backup's files: the `.mf` of an OVF (DSP0243 2.1, section 6), what sha1sum, sha256sum and
 * sha512sum write (GNU coreutils manual, "md5sum invocation"), with or without --tag, and a bare digest in `<file>.sha256`.
 */
import path from 'node:path';
import { warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { decodeText } from '../documents/text.ts';
import type { Algorithm } from './hash.ts';
import { isPlainPath } from './plain-path.ts';

export interface Checksum {
  /** Relative to the backup's folder. */
  path: string;
  algorithm: Algorithm;
  /** Lower-case hex. */
  digest: string;
}

export interface Sidecar {
  checksums: Checksum[];
  findings: Finding[];
}

/** A line is some 150 bytes, and a backup has at most some thousand files. */
export const MAX_SIDECAR_BYTES = 4 * 1024 * 1024;
const MAX_LINES = 50_000;
const MAX_LINE = 2048;

const NAMED_AFTER_FILE = /^(.+)\.(sha1|sha256|sha512)(?:sum)?$/i;
const LISTS = /\.mf$|^(?:sha1|sha256|sha512)sums?(?:\.txt)?$/i;

export function isSidecar(file: string): boolean {
  const name = path.posix.basename(file);
  return NAMED_AFTER_FILE.test(name) || LISTS.test(name);
}

/** `file`: relative to the backup's folder. Names in it are relative to where it lies; none may lead out of the backup. */
export function readSidecar(file: string, content: Buffer): Sidecar {
  if (content.length > MAX_SIDECAR_BYTES) return refused(file, `is ${content.length} bytes long`);
  const lines = decodeText(content).split(/\r\n|\n|\r/, MAX_LINES + 1);
  if (lines.length > MAX_LINES) return refused(file, `has more than ${MAX_LINES} lines`);
  const checksums: Checksum[] = [];
  const wrong: number[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const checksum = line.length <= MAX_LINE ? readLine(line, file) : undefined;
    if (checksum) checksums.push(checksum);
    else wrong.push(index + 1);
  }
  if (checksums.length === 0) return refused(file, 'holds no checksum that can be used');
  return { checksums, findings: wrong.length === 0 ? [] : [linesPassedOver(file, wrong)] };
}

const DIGEST = '[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128}';
// `SHA256(disk.vmdk)= 0a1b...` of OVF, `SHA256 (disk.vmdk) = 0a1b...` of BSD.
const TAGGED = new RegExp(String.raw`^(SHA1|SHA256|SHA512) ?\((.+)\) ?= ?(${DIGEST})$`, 'i');
// `0a1b...  disk.qcow2`, with `*` instead of the second space in binary mode.
const LISTED = new RegExp(`^(${DIGEST}) [ *](.+)$`, 'i');
const BARE = new RegExp(`^(${DIGEST})$`, 'i');

function readLine(line: string, file: string): Checksum | undefined {
  const text = line.trimEnd();
  const [, tag, taggedName, taggedDigest] = TAGGED.exec(text) ?? [];
  if (tag !== undefined && taggedName !== undefined && taggedDigest !== undefined) {
    const checksum = checksumOf(file, taggedName, taggedDigest);
    return checksum?.algorithm === tag.toLowerCase() ? checksum : undefined;
  }
  const [, listedDigest, listedName] = LISTED.exec(text) ?? [];
  if (listedDigest !== undefined && listedName !== undefined)
    return checksumOf(file, listedName, listedDigest);
  const bare = BARE.exec(text)?.[1];
  const subject = NAMED_AFTER_FILE.exec(path.posix.basename(file))?.[1];
  return bare === undefined || subject === undefined ? undefined : checksumOf(file, subject, bare);
}

const BY_LENGTH: ReadonlyMap<number, Algorithm> = new Map([
  [40, 'sha1'],
  [64, 'sha256'],
  [128, 'sha512'],
]);

function checksumOf(file: string, name: string, digest: string): Checksum | undefined {
  const algorithm = BY_LENGTH.get(digest.length);
  const found = pathOf(file, name);
  if (algorithm === undefined || found === undefined) return undefined;
  return { path: found, algorithm, digest: digest.toLowerCase() };
}

/** Undefined where the name leads out of the backup. */
function pathOf(file: string, name: string): string | undefined {
  const folder = path.posix.dirname(file);
  const inFolder = (local: string) => (folder === '.' ? local : `${folder}/${local}`);
  // sha256sum writes a name as it was given to it, and that may be the absolute path at the source.
  const subject = NAMED_AFTER_FILE.exec(path.posix.basename(file))?.[1];
  if (subject !== undefined && path.posix.basename(name) === subject) return inFolder(subject);
  const local = inFolder(name.replace(/^(?:\.\/)+/, ''));
  return isPlainPath(local) ? local : undefined;
}

function refused(file: string, why: string): Sidecar {
  const message = `${file} looks like a list of checksums and ${why}; nothing was compared with it.`;
  const remedy = 'Copy it again from where the backup came from.';
  return { checksums: [], findings: [warn('backup.checksums-unusable', file, message, remedy)] };
}

function linesPassedOver(file: string, lines: readonly number[]): Finding {
  const some = lines.slice(0, 5).join(', ') + (lines.length > 5 ? ', ...' : '');
  const message = `${file} has ${lines.length} lines that give no checksum of a file of this backup (line ${some}).`;
  return warn('backup.checksums-unusable', file, message, 'Look at these lines; the others were used.');
}
