/** Makes the changes of a fix in an open guest. */
import { AscendError, asAscendError } from '../../proto/errors.ts';
import type { Change, DriverSegment, Fix } from './fix.ts';
import type { GuestSession } from './guest.ts';
import { driverSegment } from './linux/initramfs.ts';

/** @throws guest.fix-failed with the name of the fix. */
export async function applyFix(session: GuestSession, fix: Fix): Promise<void> {
  try {
    for (const change of fix.changes) await applyChange(session, change);
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

async function applyChange(session: GuestSession, change: Change): Promise<void> {
  if (change.kind === 'write') {
    await session.call('mkdir-p', change.path.slice(0, change.path.lastIndexOf('/')));
    await session.write(change.path, change.content);
  } else if (change.kind === 'symlink') {
    await session.call('ln-sf', change.to, change.path);
  } else {
    await appendSegment(session, change);
  }
}

async function appendSegment(session: GuestSession, segment: DriverSegment): Promise<void> {
  const files: [string, Buffer][] = [];
  for (const [from, to] of segment.files) files.push([to, await readDriver(session, from)]);
  for (const [to, text] of segment.texts) files.push([to, Buffer.from(text)]);
  const bytes = driverSegment(segment.offsetBytes, segment.directories, files, segment.compress);
  const free = await session.freeBytes(segment.path);
  if (free < BigInt(bytes.length)) {
    throw new AscendError(
      'guest.fix-failed',
      `${segment.path} needs ${bytes.length} more bytes; its file system has ${free} left.`,
      {
        hint: 'Free space in /boot of the original machine (old kernels, for instance) and back it up again.',
      },
    );
  }
  await session.call('truncate-size', segment.path, String(segment.offsetBytes));
  await session.writeAt(segment.path, bytes, segment.offsetBytes);
}

async function readDriver(session: GuestSession, path: string): Promise<Buffer> {
  const content = await session.read(path);
  if (content !== undefined) return content;
  throw new AscendError('guest.fix-failed', `${path} is in the guest's module index, but not on its disk.`, {
    hint: 'Reinstall that kernel in the original machine and back it up again.',
  });
}
