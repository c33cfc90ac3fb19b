/** Reads what a .deb says of itself, without unpacking the rest. Source: deb(5), ar(5), tar(5). */
import { AscendError } from '../../../../../proto/errors.ts';
import { unpack } from '../../initramfs/decompress.ts';
import { parseNeeds, parseParagraph, parseProvisions } from './control.ts';
import type { Package } from './package.ts';

const MAGIC = '!<arch>\n';
const HEADER_BYTES = 60;
// Maintainer scripts and checksums of every file: the largest in Debian 12 has 2 MB.
const MAX_CONTROL_BYTES = 16 * 1024 * 1024;
// debian-binary, control and data, and what signing programs add.
const MAX_MEMBERS = 16;

/** @throws usage.invalid where it is no package, or a damaged one */
export async function readDeb(file: string, content: Buffer): Promise<Package> {
  const archive = await controlArchive(file, content);
  const control = parseParagraph(fileInTar(archive, 'control', file));
  const field = (name: string): string => {
    const value = control.get(name);
    if (value) return value;
    throw notDeb(file, `its control file has no ${name}`);
  };
  return {
    file,
    name: field('package'),
    version: field('version'),
    arch: field('architecture'),
    needs: [...parseNeeds(control.get('pre-depends')), ...parseNeeds(control.get('depends'))],
    provides: parseProvisions(control.get('provides')),
  };
}

async function controlArchive(file: string, content: Buffer): Promise<Buffer> {
  if (content.toString('latin1', 0, MAGIC.length) !== MAGIC) throw notDeb(file, 'it is no archive');
  for (let offset = MAGIC.length, count = 0; count < MAX_MEMBERS; count += 1) {
    const header = content.toString('latin1', offset, offset + HEADER_BYTES);
    const size = Number(/^\d{1,10}/.exec(header.slice(48, 58))?.[0]);
    if (Number.isNaN(size) || header.slice(58, 60) !== '`\n') break;
    const start = offset + HEADER_BYTES;
    if (header.startsWith('control.tar')) {
      if (size > MAX_CONTROL_BYTES) throw notDeb(file, 'its control archive is too large');
      return unpackControl(content.subarray(start, start + size), file);
    }
    // Members start at even offsets.
    offset = start + size + (size % 2);
  }
  throw notDeb(file, 'it has no control archive');
}

async function unpackControl(content: Buffer, file: string): Promise<Buffer> {
  try {
    return await unpack(content, MAX_CONTROL_BYTES);
  } catch (cause) {
    if (cause instanceof AscendError && cause.code === 'guest.unsupported')
      throw notDeb(file, 'its control archive is damaged', cause);
    throw cause;
  }
}

const BLOCK = 512;

function fileInTar(archive: Buffer, wanted: string, file: string): string {
  for (let offset = 0; offset + BLOCK <= archive.length;) {
    const name = textAt(archive, offset, 100).replace(/^\.\//, '');
    const size = parseInt(textAt(archive, offset + 124, 12).trim(), 8) || 0;
    const start = offset + BLOCK;
    if (name === wanted) return archive.toString('utf8', start, start + size);
    offset = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw notDeb(file, `it has no file "${wanted}"`);
}

function textAt(archive: Buffer, offset: number, length: number): string {
  return archive.toString('latin1', offset, offset + length).replace(/\0.*$/s, '');
}

function notDeb(file: string, why: string, cause?: unknown): AscendError {
  return new AscendError('usage.invalid', `${file} is no Debian package: ${why}.`, {
    context: { file },
    hint: 'Download it again, or take it out of the folder.',
    cause,
  });
}
