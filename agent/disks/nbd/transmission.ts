/** The second part of a connection: requests as they come, answers as they are ready, in any order. */
import type { DiskReader, Extent, Part } from '../disk-reader.ts';
import { ALLOCATION_ID, type Terms } from './handshake.ts';
import {
  CHUNK,
  CHUNK_DONE,
  COMMAND,
  FAILURE,
  MAX_REQUEST_BYTES,
  REQUEST_MAGIC,
  REQUEST_ONE,
  SIMPLE_REPLY_MAGIC,
  STATE,
  STRUCTURED_REPLY_MAGIC,
} from './protocol.ts';
import { WireClosed, type Wire } from './wire.ts';

interface Request {
  flags: number;
  command: number;
  /** Opaque, and sent back with the answer. */
  cookie: Buffer;
  offset: number;
  length: number;
}

// What is on its way for one connection: two of the largest requests, and more small ones than any client sends.
const MAX_BYTES = 2 * MAX_REQUEST_BYTES;
const MAX_REQUESTS = 128;
// How far a status is looked ahead at first; it doubles while nothing changes.
const FIRST_STATUS_BYTES = 2 * 1024 * 1024;
const MAX_STATUS_BYTES = 1024 * 1024 * 1024;
const MAX_EXTENTS = 4096;
const ZEROS = Buffer.alloc(1024 * 1024);

/** Ends when the client does. `onFailure` hears what kept a disk from being read. @throws WireClosed */
export async function transmit(wire: Wire, terms: Terms, onFailure: (error: unknown) => void): Promise<void> {
  await new Transmission(wire, terms, onFailure).run();
}

class Transmission {
  readonly #wire: Wire;
  readonly #terms: Terms;
  readonly #onFailure: (error: unknown) => void;
  readonly #pending = new Set<Promise<void>>();
  #pendingBytes = 0;

  constructor(wire: Wire, terms: Terms, onFailure: (error: unknown) => void) {
    this.#wire = wire;
    this.#terms = terms;
    this.#onFailure = onFailure;
  }

  async run(): Promise<void> {
    try {
      for (let request = await this.#next(); request; request = await this.#next()) {
        while (!this.#hasRoomFor(request)) await Promise.race(this.#pending);
        this.#start(request);
      }
    } finally {
      await Promise.all(this.#pending);
    }
    this.#wire.end();
  }

  async #next(): Promise<Request | undefined> {
    const head = await this.#wire.take(28);
    if (head.readUInt32BE(0) !== REQUEST_MAGIC) throw new WireClosed('not a request');
    const command = head.readUInt16BE(6);
    const length = head.readUInt32BE(24);
    if (command === COMMAND.disconnect) return undefined;
    // Refused, but what it carries must be out of the way of the next request.
    if (command === COMMAND.write) await this.#wire.skip(length);
    return {
      flags: head.readUInt16BE(4),
      command,
      cookie: head.subarray(8, 16),
      offset: Number(head.readBigUInt64BE(16)),
      length,
    };
  }

  #hasRoomFor(request: Request): boolean {
    if (this.#pending.size === 0) return true;
    return this.#pendingBytes + weightOf(request) <= MAX_BYTES && this.#pending.size < MAX_REQUESTS;
  }

  #start(request: Request): void {
    this.#pendingBytes += weightOf(request);
    const answering = this.#answer(request)
      // The connection has gone: the loop that reads from it ends by itself.
      .catch(() => undefined)
      .finally(() => {
        this.#pending.delete(answering);
        this.#pendingBytes -= weightOf(request);
      });
    this.#pending.add(answering);
  }

  async #answer(request: Request): Promise<void> {
    const { command, offset, length } = request;
    const { disk, allocation } = this.#terms;
    if (command !== COMMAND.read && command !== COMMAND.blockStatus) {
      return this.#fail(request, FAILURE.notPermitted);
    }
    const isInside = length > 0 && offset + length <= disk.sizeBytes;
    const isAgreed = command === COMMAND.read ? length <= MAX_REQUEST_BYTES : allocation;
    if (!isInside || !isAgreed) return this.#fail(request, FAILURE.invalid);
    const result = await this.#ask(disk, request);
    if (!result) return this.#fail(request, FAILURE.io);
    if (result.kind === 'extents') return this.#sendStatus(request, result.extents);
    return this.#terms.structured
      ? this.#sendChunks(request, result.parts)
      : this.#sendSimple(request, result.parts);
  }

  async #ask(
    disk: DiskReader,
    { command, flags, offset, length }: Request,
  ): Promise<{ kind: 'parts'; parts: Part[] } | { kind: 'extents'; extents: Extent[] } | undefined> {
    try {
      if (command === COMMAND.read) return { kind: 'parts', parts: await disk.read(offset, length) };
      const most = (flags & REQUEST_ONE) === 0 ? MAX_EXTENTS : 1;
      return { kind: 'extents', extents: await firstExtents(disk, offset, length, most) };
    } catch (error) {
      this.#onFailure(error);
      return undefined;
    }
  }

  async #sendSimple({ cookie }: Request, parts: readonly Part[]): Promise<void> {
    const buffers = parts.flatMap(({ bytes, length }) => (bytes ? [bytes] : zeros(length)));
    await this.#wire.send(simpleHead(cookie, 0), ...buffers);
  }

  async #sendChunks({ cookie, offset }: Request, parts: readonly Part[]): Promise<void> {
    const message: Buffer[] = [];
    let position = offset;
    for (const [index, { bytes, length }] of parts.entries()) {
      const flags = index === parts.length - 1 ? CHUNK_DONE : 0;
      const place = Buffer.alloc(bytes ? 8 : 12);
      place.writeBigUInt64BE(BigInt(position));
      if (!bytes) place.writeUInt32BE(length, 8);
      const payload = bytes ? [place, bytes] : [place];
      message.push(chunkHead(cookie, flags, bytes ? CHUNK.data : CHUNK.hole, payload), ...payload);
      position += length;
    }
    await this.#wire.send(...message);
  }

  async #sendStatus({ cookie }: Request, extents: readonly Extent[]): Promise<void> {
    const payload = Buffer.alloc(4 + extents.length * 8);
    payload.writeUInt32BE(ALLOCATION_ID);
    for (const [index, { length, data }] of extents.entries()) {
      payload.writeUInt32BE(length, 4 + index * 8);
      payload.writeUInt32BE(data ? STATE.data : STATE.holeOfZeros, 8 + index * 8);
    }
    await this.#wire.send(chunkHead(cookie, CHUNK_DONE, CHUNK.blockStatus, [payload]), payload);
  }

  async #fail({ cookie }: Request, failure: number): Promise<void> {
    if (!this.#terms.structured) return this.#wire.send(simpleHead(cookie, failure));
    const payload = Buffer.alloc(6);
    payload.writeUInt32BE(failure);
    await this.#wire.send(chunkHead(cookie, CHUNK_DONE, CHUNK.error, [payload]), payload);
  }
}

function weightOf({ command, length }: Request): number {
  return command === COMMAND.read ? Math.min(length, MAX_REQUEST_BYTES) : 0;
}

/** As many extents as are wanted, no further than they are: most clients ask for one at a time. */
async function firstExtents(
  disk: DiskReader,
  offset: number,
  length: number,
  most: number,
): Promise<Extent[]> {
  const total = Math.min(length, MAX_STATUS_BYTES);
  const found: Extent[] = [];
  for (let done = 0, step = FIRST_STATUS_BYTES; done < total && found.length <= most; step *= 2) {
    const now = Math.min(step, total - done);
    for (const extent of await disk.extents(offset + done, now)) {
      const last = found.at(-1);
      if (last?.data === extent.data) last.length += extent.length;
      else found.push({ ...extent });
    }
    done += now;
  }
  return found.slice(0, most);
}

function zeros(length: number): Buffer[] {
  const buffers: Buffer[] = [];
  for (let left = length; left > 0; left -= ZEROS.length)
    buffers.push(ZEROS.subarray(0, Math.min(left, ZEROS.length)));
  return buffers;
}

function simpleHead(cookie: Buffer, failure: number): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32BE(SIMPLE_REPLY_MAGIC);
  head.writeUInt32BE(failure, 4);
  cookie.copy(head, 8);
  return head;
}

function chunkHead(cookie: Buffer, flags: number, type: number, payload: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt32BE(STRUCTURED_REPLY_MAGIC);
  head.writeUInt16BE(flags, 4);
  head.writeUInt16BE(type, 6);
  cookie.copy(head, 8);
  head.writeUInt32BE(
    payload.reduce((sum, { length }) => sum + length, 0),
    16,
  );
  return head;
}
