/** Frames over a stream as QEMU's `-netdev stream` sends them: each behind its length in four bytes. */
import type { Socket } from 'node:net';

// Larger than any frame with the jumbo sizes that QEMU's cards take; more is not from a QEMU in its right mind.
const MAX_FRAME_BYTES = 128 * 1024;
// What waits to be taken by a guest that takes nothing is dropped, as a switch does.
const MAX_WAITING_BYTES = 1024 * 1024;

export function attach(socket: Socket, take: (frame: Buffer) => void): (frame: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length - at >= 4) {
      const length = rest.readUInt32BE(at);
      if (length > MAX_FRAME_BYTES) return void socket.destroy();
      if (rest.length - at - 4 < length) break;
      take(rest.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    rest = rest.subarray(at);
  });
  return (frame) => {
    if (socket.writableLength > MAX_WAITING_BYTES || socket.destroyed) return;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.length);
    socket.write(Buffer.concat([length, frame]));
  };
}
