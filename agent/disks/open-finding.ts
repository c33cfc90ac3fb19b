/** Why a file of a disk could not be opened or understood, as a finding. */
import { AscendError, asAscendError } from '../../proto/errors.ts';
import { block } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { OpenError } from '../host/regular-file.ts';
import { HOSTILE, REPLACE } from './disk-findings.ts';

/** `neededBy`: the file that names it. @throws `cause` itself where it is no failure to read: a cancelled run, or a bug. */
export function openFinding(file: string, cause: unknown, neededBy?: string): Finding {
  if (cause instanceof OpenError) return byProblem(file, cause, neededBy);
  const isSystemError = cause instanceof Error && 'syscall' in cause;
  if (!isSystemError && !(cause instanceof AscendError)) throw cause;
  const { code, message, hint = REPLACE } = asAscendError(cause);
  if (code === 'run.cancelled') throw cause;
  return block(code === 'disk.invalid' ? 'disk.invalid' : 'disk.unreadable', file, message, hint);
}

function byProblem(file: string, { problem }: OpenError, neededBy: string | undefined): Finding {
  const which = neededBy === undefined ? file : `${file}, which ${neededBy} builds on,`;
  switch (problem) {
    case 'missing':
      return block('disk.missing', file, `${which} is missing from the backup.`, REPLACE);
    case 'symlink':
      return block('disk.symlink', file, `${file} is a symbolic link, or lies behind one.`, HOSTILE);
    case 'not-a-file':
      return block('disk.not-a-file', file, `${file} is not a regular file.`, HOSTILE);
    case 'unreadable':
      return block(
        'disk.unreadable',
        file,
        `${file} cannot be opened.`,
        'Give the agent the right to read it.',
      );
  }
}
