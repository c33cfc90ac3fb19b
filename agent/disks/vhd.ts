/** VHD: fixed, dynamic and differencing. Source: Virtual Hard Disk Image Format Specification 1.0. */
import { warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { DiskFile } from './disk-file.ts';
import { truncated } from './disk-findings.ts';
import type { DiskHeader, ParentHint } from './disk-header.ts';
import { FOOTER_BYTES, hasVhdChecksum, isVhdFooter, parseVhdFooter, type VhdFooter } from './vhd-footer.ts';

/** The header of a dynamic or differencing disk: how its blocks lie. */
export interface VhdSparseHeader {
  blockBytes: number;
  /** Where the block allocation table lies: 4 bytes an entry, big-endian, in sectors. */
  tableOffset: bigint;
  tableEntries: number;
  /** Of a differencing disk. */
  parent: ParentHint | undefined;
}

const SPARSE_BYTES = 1024;
const MIN_BLOCK_BYTES = 512;
const MAX_BLOCK_BYTES = 256 * 1024 * 1024; // Hyper-V writes 2 MiB or 512 KiB
const LOCATORS = { offset: 576, count: 8, bytes: 24 } as const;
const MAX_LOCATOR_BYTES = 64 * 1024;

/** A VHD by its footer at the end, or the copy at the start where the end is cut off; undefined where it is no VHD. */
export async function readVhdFooter(
  file: DiskFile,
): Promise<{ footer: VhdFooter; findings: Finding[] } | undefined> {
  if (file.sizeBytes < FOOTER_BYTES) return undefined;
  const end = file.sizeBytes - FOOTER_BYTES;
  const last = await file.read(end, FOOTER_BYTES, 'the footer');
  const first = await file.read(0, FOOTER_BYTES, "the footer's copy");
  if (isVhdFooter(last)) {
    const footer = parseVhdFooter(file, last, end);
    const copyIsWrong = footer.kind !== 'fixed' && !hasVhdChecksum(first, 64);
    return { footer, findings: copyIsWrong ? [copyDamaged(file.name)] : [] };
  }
  if (!isVhdFooter(first)) return undefined;
  const footer = parseVhdFooter(file, first, 0);
  const message = `${file.name} has no footer at its end: the file was cut off, or is still being written.`;
  return { footer, findings: [truncated(file.name, message)] };
}

/** @throws disk.invalid. Undefined where the file is no VHD. */
export async function readVhdHeader(file: DiskFile): Promise<DiskHeader | undefined> {
  const found = await readVhdFooter(file);
  if (!found) return undefined;
  const { footer, findings } = found;
  const sparse = footer.kind === 'fixed' ? undefined : await readVhdSparseHeader(file, footer);
  if (!sparse) findings.push(...fixedFindings(file, footer));
  return {
    format: 'vhd',
    variant: footer.kind,
    sizeBytes: footer.sizeBytes,
    identity: footer.uniqueId,
    parent: sparse?.parent,
    dataFiles: [],
    findings,
  };
}

/** Of a dynamic or differencing disk. @throws disk.invalid */
export async function readVhdSparseHeader(file: DiskFile, footer: VhdFooter): Promise<VhdSparseHeader> {
  const { dataOffset, sizeBytes } = footer;
  const bytes = await file.read(dataOffset, SPARSE_BYTES, 'the dynamic disk header');
  const at = Number(dataOffset);
  if (bytes.toString('latin1', 0, 8) !== 'cxsparse') throw file.wrong(at, 'not a dynamic disk header');
  if (!hasVhdChecksum(bytes, 36))
    throw file.wrong(at + 36, 'the checksum of the dynamic disk header is wrong');
  const blockBytes = bytes.readUInt32BE(32);
  const isPowerOfTwo = (blockBytes & (blockBytes - 1)) === 0;
  if (!isPowerOfTwo || blockBytes < MIN_BLOCK_BYTES || blockBytes > MAX_BLOCK_BYTES)
    throw file.wrong(at + 32, `blocks of ${blockBytes} bytes are out of range`);
  const tableOffset = bytes.readBigUInt64BE(16);
  const tableEntries = bytes.readUInt32BE(28);
  if (BigInt(tableEntries) * BigInt(blockBytes) < sizeBytes)
    throw file.wrong(at + 28, `a table of ${tableEntries} blocks is too small for ${sizeBytes} bytes`);
  file.holds(tableOffset, 4n * BigInt(tableEntries), at + 16, 'the block allocation table');
  const parent = footer.kind === 'differencing' ? await readParent(file, bytes, at) : undefined;
  return { blockBytes, tableOffset, tableEntries, parent };
}

async function readParent(file: DiskFile, bytes: Buffer, at: number): Promise<ParentHint> {
  const byPlatform = new Map<string, string>();
  for (let index = 0; index < LOCATORS.count; index += 1) {
    const entry = LOCATORS.offset + index * LOCATORS.bytes;
    const platform = bytes.toString('latin1', entry, entry + 4);
    const length = bytes.readUInt32BE(entry + 8);
    if (platform === '\0\0\0\0' || length === 0) continue;
    if (length > MAX_LOCATOR_BYTES)
      throw file.wrong(at + entry + 8, `a parent locator of ${length} bytes is too long`);
    const value = await file.read(bytes.readBigUInt64BE(entry + 16), length, 'a parent locator');
    byPlatform.set(platform, decodeLocator(platform, value));
  }
  const inHeader = utf16be(bytes.subarray(64, 576));
  // Relative before absolute. "Wi2r" and "Wi2k" came before the two in Unicode; "MacX" repeats them as a URL.
  const inLocators = ['W2ru', 'Wi2r', 'W2ku', 'Wi2k'].map((platform) => byPlatform.get(platform));
  return {
    names: [...inLocators, inHeader].filter((name) => name !== undefined).filter(Boolean),
    identity: bytes.toString('hex', 40, 56),
    format: 'vhd',
  };
}

function decodeLocator(platform: string, value: Buffer): string {
  const isUtf16 = platform === 'W2ru' || platform === 'W2ku';
  return untilNul(new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(value));
}

function utf16be(value: Buffer): string {
  return untilNul(new TextDecoder('utf-16be').decode(value));
}

function untilNul(text: string): string {
  return text.split('\0', 1)[0] ?? '';
}

function fixedFindings(file: DiskFile, footer: VhdFooter): Finding[] {
  const holds = BigInt(file.sizeBytes - FOOTER_BYTES);
  if (holds === footer.sizeBytes) return [];
  const message = `${file.name} is a fixed VHD of ${footer.sizeBytes} bytes, but holds ${holds}.`;
  return [truncated(file.name, message)];
}

function copyDamaged(file: string): Finding {
  return warn(
    'disk.header-copy-damaged',
    file,
    `The copy of the footer at the start of ${file} is damaged; the footer at its end is whole.`,
    'The disk can be read. Check the storage that the backup lies on.',
  );
}
