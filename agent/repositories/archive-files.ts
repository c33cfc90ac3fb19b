/** The files of a backup inside an archive: an OVA is a tar of an OVF, its disks and their checksums (DSP0243, 5.3). */
import type { RangeReader } from '../disks/range-reader.ts';
import { OpenError } from '../host/regular-file.ts';
import type { BackupFiles } from './files.ts';
import { isTarHeader, readTableOfContents } from './tar.ts';

export interface Archive {
  /** For people. */
  location: string;
  /** Absolute path, where a program can read the archive by itself. */
  file: string | undefined;
  reader: RangeReader;
  /** As of a FileEntry. */
  version: string;
}

export async function isArchive(reader: RangeReader): Promise<boolean> {
  return isTarHeader(await reader.read(0, 512));
}

/** Takes the reader over: it is closed with what this gives. @throws source.invalid */
export async function openArchive({ location, file, reader, version }: Archive): Promise<BackupFiles> {
  const { members, findings } = await readTableOfContents(reader, location);
  const byPath = new Map(members.map((member) => [member.path, member]));
  const memberAt = (path: string) => {
    const member = byPath.get(path);
    if (member) return member;
    throw new OpenError('missing', path);
  };
  const files = members.map(({ path, sizeBytes, modifiedAt, offset }) => ({
    path,
    sizeBytes,
    modifiedAt,
    version: `${version}:${offset}`,
  }));
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    location,
    folder: undefined,
    list: () => Promise.resolve({ files, findings: [...findings] }),
    open: (path) => Promise.resolve().then(() => window(reader, memberAt(path))),
    place: (path) =>
      Promise.resolve().then(() => {
        const { offset, sizeBytes } = memberAt(path);
        return file === undefined ? undefined : { file, offset, sizeBytes };
      }),
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}

/** A member as a file of its own; closing it leaves the archive open. */
function window(archive: RangeReader, member: { offset: number; sizeBytes: number }): RangeReader {
  const { sizeBytes } = member;
  return {
    sizeBytes,
    read: (offset, length) =>
      archive.read(member.offset + offset, Math.max(0, Math.min(length, sizeBytes - offset))),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
