/** Starts QEMU with every channel connected, and ends it for certain. */
import type { Socket } from 'node:net';
import path from 'node:path';
import { AscendError } from '../../../proto/errors.ts';
import type { Exec } from '../../exec.ts';
import { twinArguments, type TwinParts } from './arguments.ts';
import { expectConnection } from './connection.ts';
import { openQmp, type Qmp, type QmpEvent } from './qmp.ts';

export interface Twin extends AsyncDisposable {
  readonly qmp: Qmp;
  readonly serial: Socket;
  /** One a NIC. */
  readonly wires: readonly Socket[];
  /** Resolves when QEMU has ended, by the guest or by an error. */
  readonly ended: Promise<{ error: AscendError | undefined }>;
}

export interface TwinContext {
  exec: Exec;
  signal: AbortSignal;
  /** For sockets and what the guest writes. Short: it is part of a socket's path. */
  folder: string;
}

export type BareParts = Omit<TwinParts, 'qmpSocket' | 'serialSocket' | 'nics'> & {
  macs: readonly (string | undefined)[];
};

/** @throws host.tool-missing, host.command-failed where QEMU does not start, run.cancelled */
export async function startTwin(
  { macs, ...parts }: BareParts,
  context: TwinContext,
  onEvent: (event: QmpEvent) => void,
): Promise<Twin> {
  await using opened = new AsyncDisposableStack();
  const expect = async (name: string) =>
    opened.use(await expectConnection(path.join(context.folder, `${name}.sock`)));
  const [qmp, serial] = [await expect('qmp'), await expect('serial')];
  const wires = await Promise.all(macs.map((_mac, index) => expect(`nic${index}`)));
  const nics = macs.map((mac, index) => ({ mac, socket: wires[index]?.path ?? '' }));
  const args = twinArguments({ ...parts, nics, qmpSocket: qmp.path, serialSocket: serial.path });

  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  // TMPDIR is where QEMU puts what the guest writes.
  const ended = context.exec('qemu-system-x86_64', args, { signal, env: { TMPDIR: context.folder } }).then(
    () => ({ error: undefined }),
    (error: unknown) => ({ error: error as AscendError }),
  );
  opened.defer(async () => {
    stop.abort();
    await ended;
  });
  const sockets = await Promise.race([
    Promise.all([qmp, serial, ...wires].map(({ connection }) => connection)),
    ended.then(({ error }) => {
      throw error ?? new AscendError('host.command-failed', 'QEMU ended at once.');
    }),
  ]);
  const [control, console, ...cables] = sockets as [Socket, Socket, ...Socket[]];
  const twin = { qmp: await openQmp(control, onEvent), serial: console, wires: cables, ended };
  const held = opened.move();
  return { ...twin, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
