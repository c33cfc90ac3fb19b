/** The controller's long-lived keys on disk. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AscendError } from '../../proto/errors.ts';

export interface AuthorityKeys {
  /** PEM */
  readonly certificate: string;
  readonly caKey: KeyObject;
  readonly orderKey: KeyObject;
}

const files = { certificate: 'ca.pem', caKey: 'ca.key', orderKey: 'order.key' } as const;

/**
 * @returns undefined where no authority has been made yet.
 * @throws state.invalid when a file is missing or damaged, or a key can be read by others
 */
export async function readAuthority(directory: string): Promise<AuthorityKeys | undefined> {
  if (!existsSync(directory)) return undefined;
  return {
    certificate: await readFile(join(directory, files.certificate), 'utf8').catch(unreadable(directory)),
    caKey: await readKey(join(directory, files.caKey)),
    orderKey: await readKey(join(directory, files.orderKey)),
  };
}

/** All files appear at once, by the rename: a controller killed in the middle starts over with a new authority. */
export async function writeAuthority(directory: string, keys: AuthorityKeys): Promise<void> {
  const draft = `${directory}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await writeDurably(join(draft, files.certificate), keys.certificate);
  await writeDurably(join(draft, files.caKey), pem(keys.caKey));
  await writeDurably(join(draft, files.orderKey), pem(keys.orderKey));
  await rename(draft, directory);
  await syncDirectory(dirname(directory));
}

async function readKey(path: string): Promise<KeyObject> {
  const { mode } = await stat(path).catch(unreadable(path));
  if ((mode & 0o077) !== 0) {
    throw new AscendError('state.invalid', `The key ${path} can be read by others than its owner.`, {
      context: { path, mode: (mode & 0o777).toString(8) },
      hint: `Run "chmod 600 ${path}". If somebody may have read it, remove its folder and enrol every agent again.`,
    });
  }
  try {
    return createPrivateKey(await readFile(path, 'utf8'));
  } catch (cause) {
    return unreadable(path)(cause);
  }
}

function unreadable(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new AscendError(
      'state.invalid',
      `The controller's certificate authority cannot be read: ${path}.`,
      {
        context: { path },
        hint: 'Restore the folder from a backup. Without it every agent has to be enrolled again.',
        cause,
      },
    );
  };
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }) as string;
}

async function writeDurably(path: string, content: string): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(content);
  await file.sync();
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r');
  await directory.sync();
}
