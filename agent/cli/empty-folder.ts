import { mkdir, readdir } from 'node:fs/promises';
import { AscendError } from '../../proto/errors.ts';

/** Makes the folder that a verb writes into. @throws already-exists where something is in it */
export async function requireEmptyFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length === 0) return;
  throw new AscendError('already-exists', `${folder} is not empty.`, {
    hint: 'Give a new folder with --out.',
  });
}
