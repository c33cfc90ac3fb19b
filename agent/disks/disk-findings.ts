/** Findings about a disk's file that several formats have in common. */
import { block, info, warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';

export const REPLACE = 'Take the backup again, or copy this file again from where it came from.';
export const HOSTILE =
  'Do not restore this backup before you know how it came by this file: it may have been tampered with.';

/** `how`: e.g. "with LUKS"; "" where it is not known. */
export function encrypted(file: string, how: string, remedy: string): Finding {
  return block('disk.encrypted', file, `${file} is encrypted${how && ` ${how}`}: its key is needed.`, remedy);
}

export function truncated(file: string, message: string): Finding {
  return block('disk.truncated', file, message, REPLACE);
}

/** Recognised, and no part of Ascend reads it. */
export function unsupported(file: string, message: string, remedy: string): Finding {
  return block('disk.unsupported', file, message, remedy);
}

/** `message` says how it shows. */
export function notClosed(file: string, message: string): Finding {
  return warn(
    'disk.not-closed',
    file,
    message,
    'The disk can be read. If the machine was running when it was copied, expect the state of a power cut.',
  );
}

export function internalSnapshots(file: string, count: number): Finding {
  const message = `${file} holds ${count} internal snapshot${count === 1 ? '' : 's'}; the newest state is restored.`;
  return info('disk.internal-snapshots', file, message, 'Nothing to do.');
}
