/**
 * Compressed pieces of a guest, unpacked by programs of the host that Node has no library for: each runs with limits on
 * time, memory and output, so that a bomb ends itself.
 */
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { AscendError } from '../../../../proto/errors.ts';
import { exec } from '../../../exec.ts';

export type ForeignFormat = 'xz' | 'lzma' | 'lz4' | 'lzop' | 'bzip2';

/** By the first bytes. Source: Linux lib/decompress.c; 0x184c2102 is lz4's old frame, which the kernel wants. */
export function foreignFormat(magic: Buffer): ForeignFormat | undefined {
  const hex = magic.toString('hex');
  if (hex.startsWith('fd377a58')) return 'xz';
  if (hex.startsWith('5d0000')) return 'lzma';
  if (hex.startsWith('02214c18') || hex.startsWith('04224d18')) return 'lz4';
  if (hex.startsWith('894c5a4f')) return 'lzop';
  return hex.startsWith('425a68') ? 'bzip2' : undefined;
}

const ENDINGS: Readonly<Record<ForeignFormat, string>> = {
  xz: '.xz',
  lzma: '.lzma',
  lz4: '.lz4',
  lzop: '.lzo',
  bzip2: '.bz2',
};

// 300 MB of xz take some 10 s on one slow core, and 64 MiB of memory with the largest window of `xz -9`.
const LIMITS = ['--cpu=120', `--as=${1024 ** 3}`];

/**
 * Replaces `file` by what it unpacks to, under the same name.
 * @throws guest.unsupported where it is damaged or unpacks to more than `maxBytes`; host.tool-missing
 */
export async function unpackFile(file: string, format: ForeignFormat, maxBytes: number): Promise<void> {
  const packed = `${file}${ENDINGS[format]}`;
  await rename(file, packed);
  const program = format === 'lzma' ? ['xz', '--format=lzma'] : [format];
  const output = format === 'lz4' ? [packed, file] : [packed];
  try {
    await exec('prlimit', [...LIMITS, `--fsize=${maxBytes}`, '--', ...program, '-d', '-f', ...output], {
      timeoutMs: 180_000,
    });
  } catch (cause) {
    if (!(cause instanceof AscendError)) throw cause;
    if (cause.code === 'host.tool-missing') throw missing(program[0] ?? format, cause);
    if (cause.code !== 'host.command-failed') throw cause;
    throw new AscendError('guest.unsupported', `A file of the guest cannot be unpacked: ${cause.message}`, {
      hint: 'Rebuild the initramfs in the original machine and back it up again.',
      cause,
    });
  } finally {
    // lz4 leaves it.
    await rm(packed, { force: true });
  }
}

const PACKAGES: Readonly<Record<string, string>> = {
  xz: 'xz-utils',
  lz4: 'lz4',
  lzop: 'lzop',
  bzip2: 'bzip2',
};

function missing(program: string, cause: AscendError): AscendError {
  const message = `${program} is not installed on this conversion host; the guest's initramfs is compressed with it.`;
  return new AscendError('host.tool-missing', message, {
    context: { program },
    hint: `Install it: apt-get install ${PACKAGES[program] ?? program}`,
    cause,
  });
}

// The largest module of a distribution's kernel, amdgpu, has 25 MB.
const MAX_MODULE_BYTES = 128 * 1024 * 1024;

/** A kernel module from its file. @throws guest.unsupported where it is damaged */
export function unpackModule(content: Buffer): Promise<Buffer> {
  return unpack(content, MAX_MODULE_BYTES);
}

/**
 * By its first bytes; what is not compressed stays as it is.
 * @throws guest.unsupported where it is damaged or unpacks to more than `maxBytes`; host.tool-missing
 */
export async function unpack(content: Buffer, maxBytes: number): Promise<Buffer> {
  const magic = Buffer.concat([content.subarray(0, 4), Buffer.alloc(4)]);
  try {
    if (magic.readUInt16BE(0) === 0x1f8b) return gunzipSync(content, { maxOutputLength: maxBytes });
    if (magic.readUInt32LE(0) === 0xfd2fb528)
      return zstdDecompressSync(content, { maxOutputLength: maxBytes });
  } catch (cause) {
    throw new AscendError('guest.unsupported', 'A compressed file cannot be unpacked.', { cause });
  }
  const format = foreignFormat(magic);
  if (format === undefined) return content;
  const folder = await mkdtemp(path.join(tmpdir(), 'ascend-unpack-'));
  try {
    const file = path.join(folder, 'unpacked');
    await writeFile(file, content);
    await unpackFile(file, format, maxBytes);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}
