/** What a disk file is, by its content; its name decides only where the content says nothing. */
import { warn } from '../../proto/finding.ts';
import { AscendError } from '../../proto/errors.ts';
import { DiskFile } from './disk-file.ts';
import type { DiskFormat, DiskHeader } from './disk-header.ts';
import { QCOW2_MAGIC, readQcow2Header } from './qcow2.ts';
import type { RangeReader } from './range-reader.ts';
import { readRaw } from './raw.ts';
import { readVhdHeader } from './vhd.ts';
import { readVhdx } from './vhdx.ts';
import { isVhdx } from './vhdx-structure.ts';
import { readVmdkSparse, readVmdkText } from './vmdk.ts';
import { isVmdkDescriptor } from './vmdk-descriptor.ts';
import { sparseKindOf } from './vmdk-sparse.ts';

const HEAD_BYTES = 4096;

/** Endings that promise a format. A `.img` may be anything, and the data of a flat VMDK is raw. */
const PROMISED: Readonly<Record<string, DiskFormat>> = {
  qcow2: 'qcow2',
  qcow: 'qcow2',
  vmdk: 'vmdk',
  vhd: 'vhd',
  avhd: 'vhd',
  vhdx: 'vhdx',
  avhdx: 'vhdx',
  raw: 'raw',
};

/** Formats that are recognised so that they can be refused by name: bytes at an offset. */
const REFUSED: readonly [name: string, offset: number, bytes: string][] = [
  ['a VirtualBox VDI', 64, '\x7f\x10\xda\xbe'],
  ['a QED image', 0, 'QED\0'],
  ['a Parallels image', 0, 'WithoutFreeSpace'],
  ['a Parallels image', 0, 'WithouFreSpacExt'],
];

/**
 * `stated`: the format that the file which refers to this one gives. Its name then promises nothing; that the header
 * has that format is the caller's to check.
 * Reads some hundred KiB at most, a VMDK descriptor of up to 1 MiB as a whole.
 * @throws disk.invalid with file and offset where it cannot be understood.
 */
export async function readDiskHeader(
  reader: RangeReader,
  name: string,
  stated?: DiskFormat,
): Promise<DiskHeader> {
  const file = new DiskFile(reader, name);
  const head = await file.head(HEAD_BYTES);
  const promised = stated ?? promisedBy(name);
  const header = await readByContent(file, head);
  if (header)
    return stated || !promised || promised === header.format ? header : disagreeing(header, name, promised);
  if (promised !== undefined && promised !== 'raw')
    throw file.wrong(0, head.length === 0 ? 'the file is empty' : `not a ${promised.toUpperCase()} file`);
  return readRaw(file);
}

async function readByContent(file: DiskFile, head: Buffer): Promise<DiskHeader | undefined> {
  if (head.length >= 4 && head.readUInt32BE(0) === QCOW2_MAGIC) return readQcow2Header(file);
  if (isVhdx(head)) return readVhdx(file);
  const grains = sparseKindOf(head);
  if (grains) return readVmdkSparse(file, grains);
  if (isVmdkDescriptor(head)) return readVmdkText(file);
  refuse(file, head);
  // Last, because a fixed VHD shows at its end alone.
  return readVhdHeader(file);
}

function refuse(file: DiskFile, head: Buffer): void {
  const text = head.toString('latin1');
  const found = REFUSED.find(([, offset, bytes]) => text.startsWith(bytes, offset));
  if (!found) return;
  throw new AscendError('disk.invalid', `${file.name} is ${found[0]}, which Ascend does not read.`, {
    context: { file: file.name, offset: found[1] },
    hint: 'Convert it with qemu-img convert -O qcow2, and bring the result in.',
  });
}

function promisedBy(name: string): DiskFormat | undefined {
  if (/-flat\.vmdk$|-f\d{3}\.vmdk$/i.test(name)) return 'raw';
  const ending = /\.([a-z\d]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(PROMISED, ending) ? PROMISED[ending] : undefined;
}

function disagreeing(header: DiskHeader, name: string, promised: DiskFormat): DiskHeader {
  const message = `${name} should be ${promised.toUpperCase()}, but begins as ${header.format.toUpperCase()} does, and is read as that.`;
  const remedy =
    'If a guest could write to this file as a raw disk, do not restore it: the guest may have made that up.';
  return { ...header, findings: [...header.findings, warn('disk.format-disagrees', name, message, remedy)] };
}
