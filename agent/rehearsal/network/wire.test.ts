import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { attach } from './wire.ts';

let ours: Socket;
let qemus: Socket;
const server = createServer();

beforeEach(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  qemus = connect((server.address() as AddressInfo).port, '127.0.0.1');
  [ours] = (await once(server, 'connection')) as [Socket];
});

afterEach(async () => {
  qemus.destroy();
  ours.destroy();
  await new Promise((closed) => server.close(closed));
});

function withLength(frame: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}

it('tells frames apart by their lengths, however the bytes are cut', async () => {
  const frames: string[] = [];
  const done = new Promise<void>((resolve) => {
    attach(ours, (frame) => {
      frames.push(frame.toString());
      if (frames.length === 3) resolve();
    });
  });
  const bytes = Buffer.concat(['one', 'and two', ''].map((text) => withLength(Buffer.from(text))));
  for (const byte of bytes) {
    qemus.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  expect(frames).toEqual(['one', 'and two', '']);
});

it('sends a frame behind its length', async () => {
  attach(ours, () => undefined)(Buffer.from('hello'));
  const [chunk] = (await once(qemus, 'data')) as [Buffer];
  expect(chunk).toEqual(withLength(Buffer.from('hello')));
});

it('ends a wire that announces a frame which no card can send', async () => {
  attach(ours, () => undefined);
  qemus.write(Buffer.from([0x7f, 0xff, 0xff, 0xff]));
  await once(ours, 'close');
  expect(ours.destroyed).toBe(true);
});
