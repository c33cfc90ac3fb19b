/** Takes what arrives on a call one message at a time. */
import type { ServerDuplexStream } from '@grpc/grpc-js';

/**
 * Calls `handle` for each message when the one before is done, and lets the sender wait meanwhile. Not `for await`: that
 * destroys the call when it is left, and a destroyed call tells its client no status (grpc-js 1.14).
 *
 * @returns when the client has ended its side; rejects with what `handle` rejects with, or when the call has ended.
 */
export function eachMessage<Message, Answer>(
  call: ServerDuplexStream<Message, Answer>,
  handle: (message: Message) => Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    call.on('data', (message: Message) => {
      call.pause();
      handle(message).then(() => call.resume(), reject);
    });
    call.on('end', resolve);
    call.on('error', reject);
    call.on('cancelled', () => reject(new Error('The connection broke off.')));
  });
}
