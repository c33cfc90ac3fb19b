/** Drivers that the user supplies, as a list of files: a folder, or an ISO image. */
import { open, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { AscendError } from '../../../../proto/errors.ts';
import { readIso } from './iso.ts';

export interface TreeFile {
  /** Relative, with "/". */
  path: string;
  sizeBytes: number;
  read(): Promise<Buffer>;
}

/** virtio-win has some 2,000 files. */
const MAX_FILES = 50_000;
/** The largest is an installer of 60 MB. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** @throws usage.invalid where there is nothing to read, or no driver in it */
export async function driverTree(location: string): Promise<TreeFile[]> {
  const files = await listTree(location);
  if (files.some(({ path: name }) => /\.inf$/i.test(name))) return files;
  throw new AscendError('usage.invalid', `${location} holds no Windows driver (no .inf file).`, {
    context: { file: location },
    hint: 'Name virtio-win.iso, its unpacked folder, or a folder of drivers of VMware Tools or AWS.',
  });
}

/** @throws usage.invalid */
export async function listTree(location: string): Promise<TreeFile[]> {
  try {
    return (await stat(location)).isDirectory() ? await folderFiles(location) : await isoFiles(location);
  } catch (cause) {
    if (cause instanceof AscendError) throw cause;
    throw new AscendError(
      'usage.invalid',
      `${location}: drivers cannot be read: ${(cause as Error).message}`,
      {
        context: { file: location },
        hint: 'Name a folder or an ISO image of drivers that the agent can read.',
        cause,
      },
    );
  }
}

async function folderFiles(folder: string): Promise<TreeFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  if (entries.length > MAX_FILES) {
    throw new AscendError('usage.invalid', `${folder} holds more than ${MAX_FILES} files.`, {
      hint: 'Name the folder of drivers itself.',
    });
  }
  const files: TreeFile[] = [];
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const absolute = path.join(entry.parentPath, entry.name);
    const { size: sizeBytes } = await stat(absolute);
    files.push({
      path: path.relative(folder, absolute),
      sizeBytes,
      read: () => bounded(absolute, sizeBytes, () => readFile(absolute)),
    });
  }
  return files;
}

async function isoFiles(image: string): Promise<TreeFile[]> {
  await using handle = await open(image);
  const found = await readIso(image, async (offset, length) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  });
  return found.map(({ path: name, sizeBytes, offsetBytes }) => ({
    path: name,
    sizeBytes,
    read: () =>
      bounded(`${image}: ${name}`, sizeBytes, async () => {
        await using again = await open(image);
        const { buffer, bytesRead } = await again.read(Buffer.alloc(sizeBytes), 0, sizeBytes, offsetBytes);
        return buffer.subarray(0, bytesRead);
      }),
  }));
}

async function bounded(name: string, sizeBytes: number, read: () => Promise<Buffer>): Promise<Buffer> {
  if (sizeBytes <= MAX_FILE_BYTES) return read();
  throw new AscendError('usage.invalid', `${name} has ${sizeBytes} bytes, too many for a file of a driver.`);
}
