/** Makes the changes of a fix in an open guest. */
import path from 'node:path';
import { AscendError, asAscendError } from '../../proto/errors.ts';
import type { Change, DriverSegment, Fix, ProgramRun } from './fix.ts';
import type { GuestDisks, GuestFiles, GuestPrograms } from './files.ts';
import { unpackModule } from './linux/initramfs/decompress.ts';
import { applyFirmwareChange } from './linux/firmware/apply.ts';
import { driverSegment } from './linux/initramfs/initramfs.ts';
import type { OpenHives } from './windows/registry/open-hives.ts';

/** What not every guest has. */
export interface Means {
  /** Takes changes of a registry, which are made when it is saved. */
  hives?: OpenHives;
  /** A guest that lies in a folder has none. */
  disks?: GuestDisks;
  programs?: GuestPrograms;
}

/** @throws guest.fix-failed with the name of the fix. */
export async function applyFix(guest: GuestFiles, fix: Fix, means: Means = {}): Promise<void> {
  try {
    for (const change of fix.changes) await applyChange(guest, change, means);
  } catch (cause) {
    const error = asAscendError(cause);
    if (error.code === 'run.cancelled') throw error;
    throw new AscendError('guest.fix-failed', `${fix.name}: ${error.message}`, {
      context: { fix: fix.name },
      ...(error.hint && { hint: error.hint }),
      cause,
    });
  }
}

async function applyChange(
  guest: GuestFiles,
  change: Change,
  { hives, disks, programs }: Means,
): Promise<void> {
  if (change.kind === 'write' || change.kind === 'upload') await guest.write(change.path, change.content);
  else if (change.kind === 'symlink') await guest.link(change.path, change.to);
  else if (change.kind === 'remove') await guest.remove(change.path);
  else if (change.kind === 'copy') await guest.copy(change.from, change.path);
  else if (change.kind === 'registry') await needed(hives).edit(change.path, change.edits);
  else if (change.kind === 'driver-segment') await appendSegment(guest, change);
  else if (change.kind === 'run') await runProgram(guest, needed(programs), change);
  else await applyFirmwareChange(guest, needed(disks), change);
}

function needed<T>(means: T | undefined): T {
  if (means !== undefined) return means;
  throw new AscendError(
    'guest.unsupported',
    'This guest has no registry, no disks, or nothing that runs its programs.',
  );
}

async function runProgram(guest: GuestFiles, programs: GuestPrograms, run: ProgramRun): Promise<void> {
  for (const [place, bytes] of run.room) {
    const free = await guest.freeBytes(place);
    if (free >= BigInt(bytes)) continue;
    const mib = (count: number | bigint) => Math.floor(Number(count) / 1024 ** 2);
    throw new AscendError(
      'guest.fix-failed',
      `${run.program} needs ${mib(bytes)} MiB in ${place}; its file system has ${mib(free)} MiB left.`,
      { hint: `Free space in ${place} of the original machine and back it up again.` },
    );
  }
  await programs.run(run.program, run.args, run.limitMs);
  await programs.relabel(run.path);
}

async function appendSegment(guest: GuestFiles, segment: DriverSegment): Promise<void> {
  const files: [string, Buffer][] = [];
  for (const [from, to] of segment.files) files.push([to, await readDriver(guest, from, to)]);
  for (const [to, text] of segment.texts) files.push([to, Buffer.from(text)]);
  const bytes = driverSegment(segment.offsetBytes, segment.directories, files, segment.compress);
  const free = await guest.freeBytes(segment.path);
  if (free < BigInt(bytes.length)) {
    throw new AscendError(
      'guest.fix-failed',
      `${segment.path} needs ${bytes.length} more bytes; its file system has ${free} left.`,
      {
        hint: 'Free space in /boot of the original machine (old kernels, for instance) and back it up again.',
      },
    );
  }
  await guest.truncate(segment.path, segment.offsetBytes);
  await guest.writeAt(segment.path, bytes, segment.offsetBytes);
}

async function readDriver(guest: GuestFiles, from: string, to: string): Promise<Buffer> {
  const content = await guest.read(from);
  if (content === undefined) {
    throw new AscendError(
      'guest.fix-failed',
      `${from} is in the guest's module index, but not on its disk.`,
      {
        hint: 'Reinstall that kernel in the original machine and back it up again.',
      },
    );
  }
  return path.extname(from) === path.extname(to) ? content : unpackModule(content);
}
