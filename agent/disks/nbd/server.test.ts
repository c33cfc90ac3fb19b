import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AscendError } from '../../../proto/errors.ts';
import { exec } from '../../exec.ts';
import type { DiskReader } from '../disk-reader.ts';
import { sampleContent, SAMPLE_BYTES } from '../fixtures/sample-disk.ts';
import { serveNbd } from './server.ts';
import { Wire } from './wire.ts';

const PAGE = 64 * 1024;
const content = sampleContent();
let folder: string;
let socket: string;
let server: AsyncDisposable;
let failures: unknown[];

/** Says "zeros" of whole pages of zeros, and fails where it is told to. */
const disk: DiskReader = {
  sizeBytes: SAMPLE_BYTES,
  read: (offset, length) => Promise.resolve(parts(offset, length)),
  extents: (offset, length) =>
    Promise.resolve(parts(offset, length).map((part) => ({ length: part.length, data: !!part.bytes }))),
};

const broken: DiskReader = {
  ...disk,
  read: (offset) =>
    offset < PAGE
      ? Promise.resolve([{ length: 512, bytes: Buffer.alloc(512, 1) }])
      : Promise.reject(new AscendError('disk.read-failed', 'web01.vmdk cannot be read')),
};

function parts(offset: number, length: number) {
  const found: { length: number; bytes: Buffer | undefined }[] = [];
  for (let at = offset; at < offset + length;) {
    const end = Math.min(offset + length, (Math.floor(at / PAGE) + 1) * PAGE);
    const bytes = content.subarray(at, end);
    found.push({ length: end - at, bytes: bytes.every((byte) => byte === 0) ? undefined : bytes });
    at = end;
  }
  return found;
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ascend-nbd-'));
  socket = path.join(folder, 'nbd');
  failures = [];
  await writeFile(path.join(folder, 'disk.raw'), content);
  server = await serve();
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function serve(): Promise<AsyncDisposable> {
  const exports = new Map([
    ['disk0', disk],
    ['broken', broken],
  ]);
  return serveNbd(socket, exports, (error) => void failures.push(error));
}

const address = (name = 'disk0') => `nbd:unix:${socket}:exportname=${name}`;
const qemuImg = (...args: string[]) => exec('qemu-img', args, { cwd: folder });

it('gives qemu the same bytes, and the same again under many requests at once', async () => {
  await qemuImg('compare', '-f', 'raw', '-F', 'raw', 'disk.raw', address());
  await qemuImg('convert', '-f', 'raw', '-O', 'qcow2', '-W', '-m', '16', address(), 'copy.qcow2');
  await qemuImg('compare', '-f', 'raw', '-F', 'qcow2', 'disk.raw', 'copy.qcow2');
});

it('tells qemu where there are zeros, so that a copy does not read them', async () => {
  const { stdout } = await qemuImg('map', '--output', 'json', '-f', 'raw', address());
  const map = JSON.parse(stdout) as { start: number; length: number; zero: boolean }[];
  expect(map.filter(({ zero }) => zero).length).toBeGreaterThan(3);
  for (const { start, length, zero } of map) {
    if (zero) expect(content.subarray(start, start + length).every((byte) => byte === 0)).toBe(true);
  }
  expect(map.reduce((sum, { length }) => sum + length, 0)).toBe(SAMPLE_BYTES);
});

it('says what it is to another client: its exports, their size, and that they cannot be written', async () => {
  const { stdout } = await exec('nbdinfo', ['--json', '--list', `nbd+unix:///?socket=${socket}`]);
  const { exports } = JSON.parse(stdout) as { exports: Record<string, unknown>[] };
  expect(exports).toMatchObject([
    { 'export-name': 'disk0', 'export-size': SAMPLE_BYTES, is_read_only: true, can_multi_conn: true },
    { 'export-name': 'broken' },
  ]);
  const { stdout: map } = await exec('nbdinfo', ['--map', '--totals', `nbd+unix:///disk0?socket=${socket}`]);
  expect(map).toMatch(/hole,zero/);
  await exec('nbdcopy', [`nbd+unix:///disk0?socket=${socket}`, path.join(folder, 'other.raw')]);
  await qemuImg('compare', '-f', 'raw', '-F', 'raw', 'disk.raw', 'other.raw');
});

it('refuses to be written to', async () => {
  const io = exec('qemu-io', ['-f', 'raw', '-c', 'write 0 512', address()]);
  await expect(io).rejects.toThrow('Permission denied');
});

it('fails one read and hears why, and the connection goes on', async () => {
  const commands = ['-c', 'read 128k 512', '-c', 'read -P 1 0 512'];
  const { stdout } = await exec('qemu-io', ['-r', '-f', 'raw', ...commands, address('broken')]).catch(
    (error: unknown) => ({ stdout: String((error as { cause?: { stdout?: string } }).cause?.stdout) }),
  );
  expect(stdout).toMatch(/Input\/output error[\s\S]*read 512\/512 bytes at offset 0/);
  expect(failures).toMatchObject([{ code: 'disk.read-failed', message: 'web01.vmdk cannot be read' }]);
});

it('takes over the socket of a killed agent, and leaves none behind', async () => {
  await server[Symbol.asyncDispose]();
  expect(await readdir(folder)).toEqual(['disk.raw']);
  await writeFile(socket, '');
  server = await serve();
  await qemuImg('info', '-f', 'raw', address());
});

it('is gone at once, whoever is connected', async () => {
  await using client = await Client.greet();
  await server[Symbol.asyncDispose]();
  await client.closed;
  server = await serve();
});

it('answers what it does not know, and a name that it does not have', async () => {
  await using client = await Client.greet();
  await client.option(5, Buffer.alloc(0)); // STARTTLS
  expect(await client.optionReply()).toMatchObject({ option: 5, type: 0x80000001 });
  await client.option(7, goFor('../disk0'));
  expect(await client.optionReply()).toMatchObject({ option: 7, type: 0x80000006 });
  await client.option(7, Buffer.from([0, 0, 0, 9, 65])); // a name that runs over the end
  expect(await client.optionReply()).toMatchObject({ option: 7, type: 0x80000003 });
  await client.option(10, Buffer.concat([goFor('disk0').subarray(0, 9), Buffer.from([255, 255, 255, 255])]));
  expect(await client.optionReply()).toMatchObject({ option: 10, type: 0x80000003 });
  await client.option(2, Buffer.alloc(0)); // ABORT
  expect(await client.optionReply()).toMatchObject({ option: 2, type: 1 });
  await client.closed;
});

it('serves a client that knows nothing but the oldest option and simple replies', async () => {
  await using client = await Client.greet();
  await client.option(1, Buffer.from('disk0'));
  const info = await client.take(10);
  expect(info.readBigUInt64BE(0)).toBe(BigInt(SAMPLE_BYTES));
  await client.request(0, 1024 * 1024 - 100, 5000);
  const head = await client.take(16);
  expect(head.readUInt32BE(0)).toBe(0x67446698);
  expect(head.readUInt32BE(4)).toBe(0);
  expect(await client.take(5000)).toEqual(content.subarray(1024 * 1024 - 100, 1024 * 1024 + 4900));
});

it.each([
  ['beyond the end', 0, SAMPLE_BYTES - 100, 200, 22],
  ['of nothing', 0, 0, 0, 22],
  ['of more than it may ask for', 0, 0, 33 * 1024 * 1024, 22],
  ['of a status that was not agreed on', 7, 0, 512, 22],
  ['to trim', 4, 0, 512, 1],
  ['that is not known', 99, 0, 512, 1],
])('refuses a request %s, and goes on', async (_what, command, offset, length, failure) => {
  await using client = await Client.greet();
  await client.option(1, Buffer.from('disk0'));
  await client.take(10);
  await client.request(command, offset, length);
  expect((await client.take(16)).readUInt32BE(4)).toBe(failure);
  await client.request(0, 0, 512);
  expect((await client.take(16 + 512)).subarray(16)).toEqual(content.subarray(0, 512));
});

it('reads past what a refused write carries', async () => {
  await using client = await Client.greet();
  await client.option(1, Buffer.from('disk0'));
  await client.take(10);
  await client.request(1, 0, 200_000, Buffer.alloc(200_000));
  expect((await client.take(16)).readUInt32BE(4)).toBe(1);
  await client.request(0, 0, 512);
  expect((await client.take(16 + 512)).subarray(16)).toEqual(content.subarray(0, 512));
});

it('hangs up on what is no NBD, and serves others', async () => {
  const attempts = ['GET / HTTP/1.1\r\n\r\n'.repeat(10), '\xff'.repeat(64), ''];
  for (const text of attempts) {
    const client = createConnection(socket).on('error', () => undefined);
    client.end(text, 'latin1');
    client.resume();
    await once(client, 'close');
  }
  await qemuImg('info', '-f', 'raw', address());
  expect(failures).toEqual([]);
});

it('waits for a client that asks much and takes nothing', async () => {
  await using client = await Client.greet();
  await client.option(1, Buffer.from('disk0'));
  await client.take(10);
  for (let index = 0; index < 200; index += 1) await client.request(0, 8 * 1024 * 1024, 1024 * 1024);
  for (let index = 0; index < 200; index += 1) {
    const reply = await client.take(16 + 1024 * 1024);
    expect(reply.readUInt32BE(4)).toBe(0);
  }
});

function goFor(name: string): Buffer {
  const data = Buffer.alloc(4 + name.length + 2);
  data.writeUInt32BE(name.length);
  data.write(name, 4);
  return data;
}

/** A client by hand, for what no good client says. */
class Client implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #wire: Wire;
  readonly closed: Promise<void>;

  private constructor(connection: Socket) {
    this.#socket = connection;
    this.#wire = new Wire(connection);
    this.closed = new Promise((resolve) => connection.once('close', () => resolve()));
  }

  static async greet(): Promise<Client> {
    const client = new Client(createConnection(socket));
    expect((await client.take(18)).toString('latin1', 0, 16)).toBe('NBDMAGICIHAVEOPT');
    client.#socket.write(Buffer.from([0, 0, 0, 3]));
    return client;
  }

  take(bytes: number): Promise<Buffer> {
    return this.#wire.take(bytes);
  }

  async option(option: number, data: Buffer): Promise<void> {
    const head = Buffer.alloc(16);
    head.write('IHAVEOPT', 'latin1');
    head.writeUInt32BE(option, 8);
    head.writeUInt32BE(data.length, 12);
    await this.#write(head, data);
  }

  async optionReply(): Promise<{ option: number; type: number }> {
    const head = await this.take(20);
    const length = head.readUInt32BE(16);
    if (length > 0) await this.take(length);
    return { option: head.readUInt32BE(8), type: head.readUInt32BE(12) };
  }

  async request(command: number, offset: number, length: number, data = Buffer.alloc(0)): Promise<void> {
    const head = Buffer.alloc(28);
    head.writeUInt32BE(0x25609513);
    head.writeUInt16BE(command, 6);
    head.writeBigUInt64BE(BigInt(offset), 16);
    head.writeUInt32BE(length, 24);
    await this.#write(head, data);
  }

  async #write(...data: Buffer[]): Promise<void> {
    await new Promise((resolve) => this.#socket.write(Buffer.concat(data), resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }
}
