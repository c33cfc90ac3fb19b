import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AscendError } from '../../proto/errors.ts';
import type { Terminal } from './terminal.ts';

/** Reads a secret from a file, or from standard input for "-"; one newline at the end does not count. */
export async function readSecret(terminal: Terminal, file: string): Promise<string> {
  const text = file === '-' ? await terminal.readStdin() : await readFileOrThrow(file);
  const secret = text.replace(/\r?\n$/, '');
  if (secret !== '') return secret;
  throw new AscendError('usage.invalid', 'The file holds no secret.', { context: { file } });
}

/** Only its owner may read it; it is there as a whole or not at all. */
export async function writeSecret(file: string, secret: string): Promise<void> {
  const part = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(part, secret, { mode: 0o600, flag: 'wx', flush: true });
  await rename(part, file);
}

async function readFileOrThrow(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new AscendError('usage.invalid', 'The file cannot be read.', { context: { file }, cause });
  }
}
