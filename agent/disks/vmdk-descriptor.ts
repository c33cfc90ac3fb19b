/**
 * The text that describes a VMDK, alone in a file or inside a sparse one. Source: VMware, Virtual Disk Format 5.0,
 * "The Descriptor File"; and, for what qemu makes of the same text, QEMU block/vmdk.c.
 */
import { AscendError } from '../../proto/errors.ts';

export interface VmdkDescriptor {
  /** Eight hexadecimal digits, lower case. */
  cid: string | undefined;
  /** Undefined where the disk has no parent. */
  parentCid: string | undefined;
  /** As written. */
  parentName: string | undefined;
  createType: string;
  extents: VmdkExtent[];
  /** Keys in lower case; all others than the above, e.g. "ddb.adaptertype". */
  values: ReadonlyMap<string, string>;
}

export interface VmdkExtent {
  access: string;
  sizeBytes: bigint;
  type: string;
  /** As written; "" for types that have none. */
  name: string;
  offsetBytes: bigint;
}

export const MAX_DESCRIPTOR_BYTES = 1024 * 1024; // qemu reads no more of one

const NO_PARENT = 'ffffffff';
const SECTOR = 512n;
const MAX_SECTORS = (64n * 1024n ** 4n) / SECTOR; // vSphere's limit is 62 TB
const MAX_EXTENTS = 8192; // 16 TB in parts of 2 GB; VMware's hosted products end at 8 TB
const EXTENT =
  /^(RW|RDONLY|NOACCESS)[ \t]+(\d{1,15})[ \t]+([A-Z]{1,16})(?:[ \t]+"([^"]{1,511})"(?:[ \t]+(\d{1,15}))?)?(?:[ \t].*)?$/;
const KEY_VALUE = /^([\w.:-]{1,200})[ \t]*=[ \t]*(.*)$/;

/** Whether a text file begins as descriptors do: with a comment that says so, or with the version. */
export function isVmdkDescriptor(head: Buffer): boolean {
  for (const line of head.toString('latin1', 0, 4096).split('\n')) {
    const text = line.trim().toLowerCase();
    if (text === '# disk descriptorfile' || /^version *=/.test(text)) return true;
    if (text !== '' && !text.startsWith('#')) return false;
  }
  return false;
}

/** @throws disk.invalid with file and line. */
export function parseVmdkDescriptor(content: Buffer, file: string): VmdkDescriptor {
  const text = decode(content);
  const values = new Map<string, string>();
  const extents: VmdkExtent[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    const extent = EXTENT.exec(line);
    if (extents.length > MAX_EXTENTS) throw wrong(file, index + 1, 'there are too many extents');
    if (extent) extents.push(parseExtent(extent, file, index + 1));
    // What qemu takes for an extent must not be passed over here.
    else if (/^(?:RW|RDONLY|NOACCESS)\b/.test(line)) throw wrong(file, index + 1, 'not a line for an extent');
    else addValue(values, line, file, index + 1);
  }
  // qemu looks for this anywhere in the text, comments included.
  const mentions = text.split('parentFileNameHint=').length - 1;
  const parentName = take(values, 'parentfilenamehint');
  if (mentions > (parentName === undefined ? 0 : 1))
    throw wrong(file, 1, 'the name of a parent is mentioned where it is none');
  const parentCid = readCid(take(values, 'parentcid'), file);
  return {
    cid: readCid(take(values, 'cid'), file),
    parentCid: parentCid === NO_PARENT ? undefined : parentCid,
    parentName: parentName || undefined,
    createType: take(values, 'createtype') ?? '',
    extents,
    values,
  };
}

/** Up to the first zero: embedded descriptors are padded with them. */
function decode(content: Buffer): string {
  const end = content.indexOf(0);
  const bytes = end < 0 ? content : content.subarray(0, end);
  const label = /^[ \t]*encoding[ \t]*=[ \t]*"?([\w-]{1,40})/im.exec(bytes.toString('latin1', 0, 4096))?.[1];
  try {
    return new TextDecoder(label ?? 'utf-8').decode(bytes);
  } catch {
    // An encoding that nobody here knows; the names that matter are mostly ASCII.
    return bytes.toString('utf8');
  }
}

function addValue(values: Map<string, string>, line: string, file: string, number: number): void {
  const match = line.startsWith('#') ? null : KEY_VALUE.exec(line);
  if (!match) return;
  const key = (match[1] ?? '').toLowerCase();
  if (values.has(key)) throw wrong(file, number, `${key} is there twice`);
  const quoted = /^"([^"]*)"/.exec(match[2] ?? '');
  values.set(key, quoted?.[1] ?? match[2] ?? '');
}

function take(values: Map<string, string>, key: string): string | undefined {
  const value = values.get(key);
  values.delete(key);
  return value;
}

function readCid(value: string | undefined, file: string): string | undefined {
  if (value === undefined) return undefined;
  if (/^[\da-f]{1,8}$/i.test(value)) return value.toLowerCase().padStart(8, '0');
  throw wrong(file, 1, `${JSON.stringify(value.slice(0, 40))} is no content id`);
}

function parseExtent(match: RegExpExecArray, file: string, line: number): VmdkExtent {
  const [, access = '', sectors = '0', type = '', name = '', offset = '0'] = match;
  if (BigInt(sectors) === 0n || BigInt(sectors) > MAX_SECTORS || BigInt(offset) > MAX_SECTORS)
    throw wrong(file, line, `an extent of ${sectors} sectors at ${offset} is out of range`);
  return {
    access,
    type,
    name,
    sizeBytes: BigInt(sectors) * SECTOR,
    offsetBytes: BigInt(offset) * SECTOR,
  };
}

function wrong(file: string, line: number, why: string): AscendError {
  return new AscendError('disk.invalid', `${file}: ${why} (line ${line} of the descriptor).`, {
    context: { file, line },
    hint: 'Take the backup again, or copy this file again from where it came from.',
  });
}
