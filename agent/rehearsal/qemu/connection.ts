/** A unix socket that QEMU connects to as it starts: so nothing it says first is lost, and nobody has to try again. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { AscendError } from '../../../proto/errors.ts';

export interface Expected extends AsyncDisposable {
  readonly path: string;
  /** The one connection that is taken. */
  readonly connection: Promise<Socket>;
}

// sun_path of unix(7), without the final zero.
const MAX_SOCKET_PATH_BYTES = 107;

export async function expectConnection(path: string): Promise<Expected> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    throw new AscendError('config.invalid', `${path} is too long a path for a socket.`, {
      hint: `Keep the agent's state in a folder with a shorter path; a socket's has ${MAX_SOCKET_PATH_BYTES} bytes at most.`,
    });
  }
  const { promise, resolve } = Promise.withResolvers<Socket>();
  let socket: Socket | undefined;
  const server = createServer((incoming) => {
    if (socket) return void incoming.destroy();
    socket = incoming;
    // QEMU that is killed resets its connections: its end is heard elsewhere.
    incoming.on('error', () => undefined);
    resolve(incoming);
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    path,
    connection: promise,
    async [Symbol.asyncDispose]() {
      socket?.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
