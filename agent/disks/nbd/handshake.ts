/** The first part of a connection: which export the client wants, and in which shape it takes answers. */
import type { DiskReader } from '../disk-reader.ts';
import {
  HANDSHAKE,
  INFO,
  MAX_REQUEST_BYTES,
  NBD_MAGIC,
  OPTION,
  OPTION_MAGIC,
  OPTION_REPLY,
  OPTION_REPLY_MAGIC,
  TRANSMISSION,
} from './protocol.ts';
import { WireClosed, type Wire } from './wire.ts';

export type Exports = ReadonlyMap<string, DiskReader>;

/** What was agreed. */
export interface Terms {
  disk: DiskReader;
  structured: boolean;
  /** The client asks for `base:allocation` under `ALLOCATION_ID`. */
  allocation: boolean;
}

export const ALLOCATION_ID = 1;
const ALLOCATION = 'base:allocation';
const FLAGS = TRANSMISSION.hasFlags | TRANSMISSION.readOnly | TRANSMISSION.canMultiConn;
// A name has 4096 bytes at most, and a client of ours asks for one context.
const MAX_OPTION_BYTES = 64 * 1024;

/** Undefined where the client only asked, and goes. @throws WireClosed */
export async function shakeHands(wire: Wire, exports: Exports): Promise<Terms | undefined> {
  return new Handshake(wire, exports).run();
}

class Handshake {
  readonly #wire: Wire;
  readonly #exports: Exports;
  #noZeroes = false;
  #structured = false;
  /** The export for which the client asked for `base:allocation`. */
  #allocationOf: string | undefined;

  constructor(wire: Wire, exports: Exports) {
    this.#wire = wire;
    this.#exports = exports;
  }

  async run(): Promise<Terms | undefined> {
    await this.#wire.send(
      packed(u64(NBD_MAGIC), u64(OPTION_MAGIC), u16(HANDSHAKE.fixedNewstyle | HANDSHAKE.noZeroes)),
    );
    const flags = (await this.#wire.take(4)).readUInt32BE(0);
    if ((flags & HANDSHAKE.fixedNewstyle) === 0 || flags > 3) throw new WireClosed('not fixed newstyle');
    this.#noZeroes = (flags & HANDSHAKE.noZeroes) !== 0;
    for (;;) {
      const head = await this.#wire.take(16);
      const length = head.readUInt32BE(12);
      if (head.readBigUInt64BE(0) !== OPTION_MAGIC || length > MAX_OPTION_BYTES)
        throw new WireClosed('no option');
      const option = head.readUInt32BE(8);
      const data = await this.#wire.take(length);
      if (option === OPTION.abort) return this.#abort();
      const name = option === OPTION.exportName ? data.toString('utf8') : await this.#answer(option, data);
      if (name !== undefined) return this.#agree(option, name);
    }
  }

  async #abort(): Promise<undefined> {
    await this.#reply(OPTION.abort, OPTION_REPLY.ack);
    this.#wire.end();
    return undefined;
  }

  async #agree(option: number, name: string): Promise<Terms> {
    const disk = this.#exports.get(name);
    if (!disk) throw new WireClosed('unknown export');
    if (option === OPTION.exportName) {
      await this.#wire.send(packed(exportInfo(disk), Buffer.alloc(this.#noZeroes ? 0 : 124)));
    }
    return { disk, structured: this.#structured, allocation: this.#allocationOf === name };
  }

  /** The name of the export that the client chose, where it did. */
  async #answer(option: number, data: Buffer): Promise<string | undefined> {
    const fields = new Fields(data);
    try {
      if (option === OPTION.list) await this.#list();
      else if (option === OPTION.structuredReply) await this.#acceptStructured();
      else if (option === OPTION.info || option === OPTION.go) return await this.#inform(option, fields);
      else if (option === OPTION.listMetaContext || option === OPTION.setMetaContext)
        await this.#contexts(option, fields);
      else await this.#reply(option, OPTION_REPLY.unsupported);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      await this.#reply(option, OPTION_REPLY.invalid);
    }
    return undefined;
  }

  async #list(): Promise<void> {
    for (const name of this.#exports.keys()) {
      const bytes = Buffer.from(name);
      await this.#reply(OPTION.list, OPTION_REPLY.server, u32(bytes.length), bytes);
    }
    await this.#reply(OPTION.list, OPTION_REPLY.ack);
  }

  async #acceptStructured(): Promise<void> {
    this.#structured = true;
    await this.#reply(OPTION.structuredReply, OPTION_REPLY.ack);
  }

  async #inform(option: number, fields: Fields): Promise<string | undefined> {
    const name = fields.text();
    const asked = Array.from({ length: fields.u16() }, () => fields.u16());
    const disk = this.#exports.get(name);
    if (!disk) {
      await this.#reply(option, OPTION_REPLY.unknown);
      return undefined;
    }
    await this.#reply(option, OPTION_REPLY.info, u16(INFO.export), exportInfo(disk));
    if (asked.includes(INFO.blockSize)) {
      // Any byte may be asked for; 64 KiB suit the tables of every format.
      const sizes = [u32(1), u32(64 * 1024), u32(MAX_REQUEST_BYTES)];
      await this.#reply(option, OPTION_REPLY.info, u16(INFO.blockSize), ...sizes);
    }
    await this.#reply(option, OPTION_REPLY.ack);
    return option === OPTION.go ? name : undefined;
  }

  async #contexts(option: number, fields: Fields): Promise<void> {
    const name = fields.text();
    const queries = Array.from({ length: Math.min(fields.u32(), MAX_OPTION_BYTES) }, () => fields.text());
    if (!this.#exports.has(name)) return this.#reply(option, OPTION_REPLY.unknown);
    const isSet = option === OPTION.setMetaContext;
    if (isSet && !this.#structured) return this.#reply(option, OPTION_REPLY.invalid);
    const wanted = queries.includes(ALLOCATION);
    const listed = !isSet && (wanted || queries.length === 0 || queries.includes('base:'));
    if (isSet) this.#allocationOf = wanted ? name : undefined;
    if (wanted || listed) {
      const id = u32(isSet ? ALLOCATION_ID : 0);
      await this.#reply(option, OPTION_REPLY.metaContext, id, Buffer.from(ALLOCATION));
    }
    await this.#reply(option, OPTION_REPLY.ack);
  }

  #reply(option: number, type: number, ...data: Buffer[]): Promise<void> {
    const payload = Buffer.concat(data);
    return this.#wire.send(
      packed(u64(OPTION_REPLY_MAGIC), u32(option), u32(type), u32(payload.length), payload),
    );
  }
}

/** Reads an option's data in order; a field that runs over its end is a RangeError. */
class Fields {
  readonly #data: Buffer;
  #at = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  u16(): number {
    this.#at += 2;
    return this.#data.readUInt16BE(this.#at - 2);
  }

  u32(): number {
    this.#at += 4;
    return this.#data.readUInt32BE(this.#at - 4);
  }

  /** Its length, then its bytes. */
  text(): string {
    const length = this.u32();
    if (this.#at + length > this.#data.length) throw new RangeError('text runs over the end');
    this.#at += length;
    return this.#data.toString('utf8', this.#at - length, this.#at);
  }
}

function exportInfo(disk: DiskReader): Buffer {
  return packed(u64(BigInt(disk.sizeBytes)), u16(FLAGS));
}

function packed(...parts: Buffer[]): Buffer {
  return Buffer.concat(parts);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
