/**
 * Serves disks over NBD on a unix socket, for reading alone: qemu-img and libguestfs read through it what they cannot
 * read themselves, be it a bucket's object or a format. Source: doc/proto.md of github.com/NetworkBlockDevice/nbd.
 */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { shakeHands, type Exports } from './handshake.ts';
import { transmit } from './transmission.ts';
import { Wire, WireClosed } from './wire.ts';

/**
 * Until it is disposed of. A socket that a killed agent left at `socketPath` is replaced; who may connect is up to the
 * rights of its folder. `onFailure` hears what kept a disk from being read: the client itself only learns "I/O error".
 */
export async function serveNbd(
  socketPath: string,
  exports: Exports,
  onFailure: (error: unknown) => void,
): Promise<AsyncDisposable> {
  await rm(socketPath, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    void attend(socket, exports, onFailure);
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function attend(socket: Socket, exports: Exports, onFailure: (error: unknown) => void): Promise<void> {
  const wire = new Wire(socket);
  try {
    const terms = await shakeHands(wire, exports);
    if (terms) await transmit(wire, terms, onFailure);
  } catch (error) {
    socket.destroy();
    if (!(error instanceof WireClosed)) onFailure(error);
  }
}
