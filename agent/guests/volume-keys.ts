/**
 * Keys of encrypted volumes, which the user gives in files: never as an argument, in a log or in an event. What a file
 * holds may be a passphrase on a line or the bytes of a key. Source: cryptsetup(8), "Notes on passphrase processing".
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { AscendError } from '../../proto/errors.ts';

export type VolumeKey =
  | { kind: 'passphrase'; text: string }
  /** The whole of the file, byte for byte. */
  | { kind: 'file'; path: string };

// cryptsetup reads no more of a key file: 8 MiB; of a passphrase that is typed, 512 bytes.
const MAX_KEY_BYTES = 8 * 1024 * 1024;
const MAX_PASSPHRASE_BYTES = 512;
// Each is tried against each volume, and one attempt takes a second or more: that is what it is for.
export const MAX_KEY_FILES = 16;

/** In the order of the files. @throws usage.invalid with the name of a file that cannot be a key, or that others may read */
export async function readVolumeKeys(files: readonly string[]): Promise<VolumeKey[]> {
  if (files.length > MAX_KEY_FILES)
    throw new AscendError(
      'usage.invalid',
      `More than ${MAX_KEY_FILES} files with keys of volumes were given.`,
    );
  const keys = [];
  for (const file of files) keys.push(...keysIn(file, await readPrivately(file)));
  return keys;
}

/** A line may be a passphrase or, with the end of the line, a key: both are tried. */
function keysIn(path: string, content: Buffer): VolumeKey[] {
  const line = content.toString('utf8').replace(/\r?\n$/, '');
  const isText = Buffer.from(line).equals(content.subarray(0, Buffer.byteLength(line)));
  const isPassphrase =
    isText && line !== '' && !/\p{Cc}/u.test(line) && Buffer.byteLength(line) <= MAX_PASSPHRASE_BYTES;
  const asIs: VolumeKey = { kind: 'file', path };
  if (!isPassphrase) return [asIs];
  const passphrase: VolumeKey = { kind: 'passphrase', text: line };
  return content.length === Buffer.byteLength(line) ? [passphrase] : [passphrase, asIs];
}

async function readPrivately(file: string): Promise<Buffer> {
  // Without O_NONBLOCK, opening a pipe that nobody writes to never ends.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw wrong(file, 'cannot be read', 'Name a file that exists and that this user may read.', cause);
  });
  await using _held = handle;
  const stat = await handle.stat();
  const { mode, uid, size } = stat;
  if (!stat.isFile()) throw wrong(file, 'is not a file', 'Name a file that holds the key.');
  if (uid !== 0 && uid !== process.geteuid?.())
    throw wrong(file, `belongs to another user (${uid})`, `Take it over: chown root ${file}`);
  if ((mode & 0o077) !== 0) {
    const bits = (mode & 0o777).toString(8).padStart(4, '0');
    throw wrong(file, `may be read by others (mode ${bits})`, `Keep it to yourself: chmod 600 ${file}`);
  }
  if (size === 0) throw wrong(file, 'is empty', 'Put the passphrase or the key into it.');
  if (size > MAX_KEY_BYTES)
    throw wrong(
      file,
      `is larger than ${MAX_KEY_BYTES} bytes, the most that a key can be`,
      'Name another file.',
    );
  return await handle.readFile();
}

function wrong(file: string, why: string, hint: string, cause?: unknown): AscendError {
  return new AscendError('usage.invalid', `The key file ${file} ${why}.`, { context: { file }, hint, cause });
}
