/**
 * A unified kernel image is one program for UEFI with a kernel, its arguments and its initramfs as sections. It is often
 * signed, so nothing can be appended to it; but what it holds can be read, and may prove enough.
 * Source: UAPI specification UKI, "File Format"; PE format, "Section Table".
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { GuestFiles } from '../../files.ts';
import { readInitramfs, type Initramfs } from '../initramfs/initramfs.ts';

export interface UnifiedKernel {
  path: string;
  /** Undefined where the image does not say. */
  version: string | undefined;
  /** Arguments; "" where there are none in it. */
  arguments: string;
  /** Undefined where there is none in it, or its compression is not known. */
  initramfs: Initramfs | undefined;
}

const ESPS = ['/boot/efi', '/efi', '/boot'];
const MAX_IMAGES = 4;
const MAX_IMAGE_BYTES = 512 * 1024 * 1024;

export async function readUnifiedKernels(files: GuestFiles): Promise<UnifiedKernel[]> {
  for (const esp of ESPS) {
    const folder = `${esp}/EFI/Linux`;
    const names = (await files.list(folder)).filter((name) => /\.efi$/i.test(name));
    const found: UnifiedKernel[] = [];
    for (const name of names.slice(0, MAX_IMAGES)) {
      const local = await files.download(`${folder}/${name}`, MAX_IMAGE_BYTES);
      if (local !== undefined) found.push({ path: `${folder}/${name}`, ...(await readImage(local)) });
    }
    if (found.length > 0) return found;
  }
  return [];
}

async function readImage(local: string): Promise<Omit<UnifiedKernel, 'path'>> {
  await using handle = await open(local, 'r');
  const sections = await readSections(handle);
  const version = (await textOf(handle, sections.get('.uname'))).trim();
  return {
    version: /^[\w.+~-]{1,128}$/.test(version) ? version : undefined,
    arguments: (await textOf(handle, sections.get('.cmdline'))).trim(),
    initramfs: await initramfsOf(local, sections.get('.initrd')),
  };
}

interface Section {
  offset: number;
  length: number;
}

const SECTION_BYTES = 40;
// Of the specification of PE; images have some ten.
const MAX_SECTIONS = 96;

/** None where it is no such program. */
async function readSections(handle: FileHandle): Promise<Map<string, Section>> {
  const sections = new Map<string, Section>();
  const { size } = await handle.stat();
  const dos = await bytesAt(handle, 0, 64);
  if (dos.length < 64 || dos.toString('latin1', 0, 2) !== 'MZ') return sections;
  const start = dos.readUInt32LE(0x3c);
  const head = await bytesAt(handle, start, 24);
  if (head.length < 24 || head.toString('latin1', 0, 4) !== 'PE\0\0') return sections;
  const count = Math.min(head.readUInt16LE(6), MAX_SECTIONS);
  const table = await bytesAt(handle, start + 24 + head.readUInt16LE(20), count * SECTION_BYTES);
  for (let at = 0; at + SECTION_BYTES <= table.length; at += SECTION_BYTES) {
    const name = table.toString('latin1', at, at + 8).replace(/\0.*$/s, '');
    // What is loaded may be shorter than what is in the file, which ends on a multiple of its alignment.
    const length = Math.min(table.readUInt32LE(at + 8), table.readUInt32LE(at + 16));
    const offset = table.readUInt32LE(at + 20);
    if (length > 0 && offset + length <= size) sections.set(name, { offset, length });
  }
  return sections;
}

async function bytesAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

// The kernel takes no more arguments than that on x86. Source: COMMAND_LINE_SIZE.
const MAX_TEXT_BYTES = 2048;

async function textOf(handle: FileHandle, section: Section | undefined): Promise<string> {
  if (section === undefined) return '';
  const bytes = await bytesAt(handle, section.offset, Math.min(section.length, MAX_TEXT_BYTES));
  return bytes.toString('utf8').replace(/\0.*$/s, '');
}

async function initramfsOf(local: string, section: Section | undefined): Promise<Initramfs | undefined> {
  if (section === undefined) return undefined;
  const { offset, length } = section;
  const piece = `${local}.initrd`;
  try {
    await pipeline(
      createReadStream(local, { start: offset, end: offset + length - 1 }),
      createWriteStream(piece, { mode: 0o600 }),
    );
    return await readInitramfs(piece);
  } finally {
    await rm(piece, { force: true });
  }
}
