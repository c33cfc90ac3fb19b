/** A TPM 2.0 without a past, by swtpm: keys sealed to the source's TPM stay closed, as on the real target. */
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AscendError } from '../../../proto/errors.ts';
import type { Exec } from '../../exec.ts';

export interface Tpm extends AsyncDisposable {
  socket: string;
}

// swtpm listens within 50 ms; a host under load may need longer.
const START_LIMIT_MS = 10_000;

/** @throws host.tool-missing */
export async function startTpm(folder: string, exec: Exec, signal: AbortSignal): Promise<Tpm> {
  const [state, socket] = [path.join(folder, 'tpm'), path.join(folder, 'tpm.sock')];
  await mkdir(state, { recursive: true, mode: 0o700 });
  const stop = new AbortController();
  const ended = exec(
    'swtpm',
    ['socket', '--tpm2', '--tpmstate', `dir=${state}`, '--ctrl', `type=unixio,path=${socket}`, '--terminate'],
    { signal: AbortSignal.any([signal, stop.signal]) },
  ).then(
    () => new AscendError('host.command-failed', 'swtpm ended at once.'),
    (error: unknown) => error,
  );
  await Promise.race([appears(socket, signal), ended.then((error) => Promise.reject(error as Error))]);
  return {
    socket,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

async function appears(file: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await exists(file))) {
    if (Date.now() > deadline) throw new AscendError('host.command-failed', 'swtpm does not listen.');
    await sleep(50, undefined, { signal });
  }
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
