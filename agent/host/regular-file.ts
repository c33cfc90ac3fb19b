/** Opens files of a backup: regular files inside its folder and nothing else, whatever the names lead to. */
import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

export type OpenProblem = 'missing' | 'symlink' | 'not-a-file' | 'unreadable';

export class OpenError extends Error {
  readonly problem: OpenProblem;

  constructor(problem: OpenProblem, file: string, cause?: unknown) {
    super(`${file}: ${problem}`, { cause });
    this.name = 'OpenError';
    this.problem = problem;
  }
}

/**
 * Read-only. `file` is relative to the folder. A link is refused in the last place and in any before it; a pipe or
 * device is refused without waiting for it.
 *
 * @throws OpenError
 */
export async function openRegularFile(folder: string, file: string): Promise<FileHandle> {
  let handle: FileHandle | undefined;
  try {
    const absolute = path.join(await realpath(folder), file);
    if ((await realpath(path.dirname(absolute))) !== path.dirname(absolute))
      throw new OpenError('symlink', file);
    handle = await open(absolute, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await handle.stat()).isFile()) return handle;
    throw new OpenError('not-a-file', file);
  } catch (cause) {
    await handle?.close();
    throw cause instanceof OpenError ? cause : new OpenError(problemOf(cause), file, cause);
  }
}

function problemOf(cause: unknown): OpenProblem {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ELOOP') return 'symlink';
  return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable';
}
