/** The files of a backup in a folder: local, or a mount of NFS or SMB. */
import { lstat, opendir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { AscendError } from '../../proto/errors.ts';
import { warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { RangeReader } from '../disks/range-reader.ts';
import { openRegularFile } from '../host/regular-file.ts';
import type { BackupFiles, FileEntry, FilePlace, Listing } from './files.ts';
import { isPlainPath } from './plain-path.ts';

// machine/snapshots/disks: deeper trees are not one backup, and a tree of hostile depth ends.
const MAX_DEPTH = 6;
// A hundred disks in 2 GB extents of 64 TB are 32,000 files.
const MAX_FILES = 50_000;

export async function openFolder(folder: string, depth = MAX_DEPTH): Promise<BackupFiles> {
  const root = await realpath(folder).catch((cause: unknown) => {
    throw new AscendError('backup.not-found', `There is no folder ${folder}.`, {
      context: { folder },
      hint: 'Check the path, and that it is mounted.',
      cause,
    });
  });
  return {
    location: root,
    folder: root,
    list: () => listFolder(root, depth),
    open: (file) => openFile(root, file),
    place: (file) => placeOf(root, file),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function listFolder(root: string, depth: number): Promise<Listing> {
  const files: FileEntry[] = [];
  const findings: Finding[] = [];
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const name of await namesIn(root, folder, findings)) {
      if (files.length === MAX_FILES) {
        findings.push(tooMany(root));
        return { files: sorted(files), findings };
      }
      const file = folder === '' ? name : `${folder}/${name}`;
      const entry = await entryOf(root, file, findings);
      if (entry === 'folder' && file.split('/').length < depth) pending.push(file);
      else if (entry === 'folder') findings.push(tooDeep(file, depth));
      else if (entry) files.push(entry);
    }
  }
  return { files: sorted(files), findings };
}

async function namesIn(root: string, folder: string, findings: Finding[]): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(path.join(root, folder), { bufferSize: 256 })) {
      names.push(name);
      // One too many is what tells the caller that there are more.
      if (names.length > MAX_FILES) break;
    }
  } catch {
    findings.push(passedOver(folder || root, 'cannot be read'));
  }
  return names.sort();
}

async function entryOf(
  root: string,
  file: string,
  findings: Finding[],
): Promise<FileEntry | 'folder' | undefined> {
  if (!isPlainPath(file)) {
    findings.push(passedOver(JSON.stringify(file.slice(0, 200)), 'has a name that no backup has'));
    return undefined;
  }
  const stat = await lstat(path.join(root, file), { bigint: true }).catch(() => undefined);
  if (stat?.isDirectory()) return 'folder';
  if (stat?.isFile()) {
    return {
      path: file,
      sizeBytes: Number(stat.size),
      version: `${stat.size}:${stat.mtimeNs}:${stat.ino}`,
      modifiedAt: stat.mtime,
    };
  }
  if (stat) findings.push(passedOver(file, stat.isSymbolicLink() ? 'is a link' : 'is not a regular file'));
  return undefined;
}

function sorted(files: FileEntry[]): FileEntry[] {
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function openFile(root: string, file: string): Promise<RangeReader> {
  const handle = await openRegularFile(root, file);
  const { size } = await handle.stat();
  return {
    sizeBytes: size,
    async read(offset, length) {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

async function placeOf(root: string, file: string): Promise<FilePlace> {
  // Opened once, so that a link or a device is refused here and not by the program that is sent there.
  await using handle = await openRegularFile(root, file);
  const { size } = await handle.stat();
  return { file: path.join(root, file), offset: 0, sizeBytes: size };
}

function passedOver(subject: string, why: string): Finding {
  return warn(
    'backup.file-passed-over',
    subject,
    `${subject} ${why} and was passed over.`,
    'If the backup needs it, put the file itself there.',
  );
}

function tooDeep(folder: string, depth: number): Finding {
  return passedOver(folder, `lies more than ${depth} folders deep`);
}

function tooMany(root: string): Finding {
  const message = `${root} holds more than ${MAX_FILES} files; the others were not looked at.`;
  return warn('backup.too-many-files', root, message, 'Give the folder of one backup.');
}
