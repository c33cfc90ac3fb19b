/** Writes VMCX files for tests: the format as container.ts and keys.ts describe it, from the other side. */
import { crc32 } from 'node:zlib';

export type Plain = string | bigint | number | boolean | Buffer | InFile | PlainNode;

// An interface, because a type alias may not name itself through Record.
export interface PlainNode {
  [name: string]: Plain;
}

/** A string that lies in a file object of its own. */
export class InFile {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const PAGE = 0x1000;
const OBJECT_TABLE = 0x2000;
const OBJECTS = 227;
const FIRST_TABLE = 0x3000;
/** What Hyper-V leaves behind most values. */
const SLACK = Buffer.alloc(12);

interface Place {
  table: number;
  offset: number;
}

/** Offsets of what is in the file, so that a test can spoil it. */
export interface Written {
  content: Buffer;
  logOffset: number;
  /** By path, e.g. `configuration/properties`. */
  keys: Map<string, number>;
}

export function writeVmcx(tree: PlainNode): Written {
  const tables = new KeyTables();
  const pending: [parent: Place, path: string, node: PlainNode][] = [[{ table: 0, offset: 0 }, '', tree]];
  for (let next = pending.shift(); next; next = pending.shift()) {
    const [parent, path, node] = next;
    for (const [name, value] of Object.entries(node)) {
      const at = path === '' ? name : `${path}/${name}`;
      const place = tables.add(at, parent, name, value);
      if (isNode(value)) pending.push([place, at, value]);
    }
  }
  return tables.file();
}

function isNode(value: Plain): value is PlainNode {
  return typeof value === 'object' && !Buffer.isBuffer(value) && !(value instanceof InFile);
}

class KeyTables {
  readonly #tables: Buffer[] = [];
  #used = PAGE;
  readonly #keys = new Map<string, number>();
  readonly #pointers: { table: Buffer; at: number; file: Buffer }[] = [];

  add(path: string, parent: Place, name: string, value: Plain): Place {
    const key = keyOf(parent, name, value);
    const last = this.#tables.at(-1);
    const table = last && this.#used + key.length <= PAGE ? last : this.#begin();
    const offset = this.#used;
    key.copy(table, offset);
    this.#keys.set(path, FIRST_TABLE + (this.#tables.length - 1) * PAGE + offset);
    if (value instanceof InFile) {
      const file = Buffer.from(value.text, 'utf16le');
      this.#pointers.push({ table, at: offset + 21 + key.readUInt8(20), file });
    }
    this.#used += key.length;
    return { table: this.#tables.length, offset };
  }

  #begin(): Buffer {
    this.#close();
    const table = Buffer.alloc(PAGE);
    table.writeUInt16LE(2, 0);
    table.writeUInt16LE(this.#tables.length + 1, 2);
    table.writeUInt16LE(1, 4);
    seal(table, 0, 10, 6);
    this.#tables.push(table);
    this.#used = 10;
    return table;
  }

  /** What is left of a table is one free key, if there is room for its header. */
  #close(): void {
    const table = this.#tables.at(-1);
    if (!table || PAGE - this.#used < 21) return;
    table.writeUInt16LE(1, this.#used);
    table.writeUInt32LE(PAGE - this.#used, this.#used + 2);
  }

  file(): Written {
    this.#close();
    const filesAt = FIRST_TABLE + this.#tables.length * PAGE;
    const logOffset = filesAt + this.#pointers.length * PAGE;
    const content = Buffer.alloc(logOffset + PAGE);
    this.#pointers.forEach(({ table, at, file }, index) => {
      table.writeUInt32LE(file.length, at);
      table.writeBigUInt64LE(BigInt(filesAt + index * PAGE), at + 4);
      file.copy(content, filesAt + index * PAGE);
    });
    this.#tables.forEach((table, index) => table.copy(content, FIRST_TABLE + index * PAGE));
    writeHeader(content, 0x0000, 2, logOffset);
    writeHeader(content, PAGE, 1, logOffset);
    content.writeUInt32LE(0x01110001, OBJECT_TABLE);
    content.writeUInt32LE(OBJECTS, OBJECT_TABLE + 4);
    for (let index = 0; index < OBJECTS; index++) {
      if (index < this.#tables.length) writeObject(content, index, 2, FIRST_TABLE + index * PAGE);
      else if (index < this.#tables.length + this.#pointers.length) {
        writeObject(content, index, 3, filesAt + (index - this.#tables.length) * PAGE);
      } else seal(content, OBJECT_TABLE + 8 + index * 18, 18, 1);
    }
    writeLog(content, logOffset, 0);
    return { content, logOffset, keys: this.#keys };
  }
}

function keyOf(parent: Place, name: string, value: Plain): Buffer {
  const { type, data } = dataOf(value);
  const label = Buffer.from(`${name}\0`);
  const isNodeKey = type === 9;
  const key = Buffer.concat([Buffer.alloc(21), label, data, isNodeKey ? Buffer.alloc(0) : SLACK]);
  key.writeUInt8(type, 0);
  key.writeUInt8(value instanceof InFile ? 1 : 0, 1);
  key.writeUInt32LE(key.length, 2);
  key.writeUInt16LE(parent.table, 6);
  key.writeUInt32LE(parent.offset, 8);
  key.writeUInt8(label.length, 20);
  seal(key, 0, 21 + label.length + data.length, 12);
  return key;
}

function dataOf(value: Plain): { type: number; data: Buffer } {
  if (typeof value === 'string') return { type: 6, data: sized(Buffer.from(value, 'utf16le')) };
  if (Buffer.isBuffer(value)) return { type: 7, data: sized(value) };
  if (value instanceof InFile) return { type: 6, data: Buffer.alloc(12) };
  if (typeof value === 'boolean') return { type: 8, data: Buffer.from([value ? 1 : 0, 0, 0, 0]) };
  if (typeof value === 'object') return { type: 9, data: Buffer.alloc(12) };
  const data = Buffer.alloc(8);
  if (typeof value === 'bigint') data.writeBigInt64LE(value);
  else data.writeDoubleLE(value);
  return { type: typeof value === 'bigint' ? 3 : 5, data };
}

function sized(data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(data.length);
  return Buffer.concat([length, data]);
}

export function writeHeader(content: Buffer, at: number, sequence: number, logOffset: number): void {
  content.writeUInt32LE(0x01282014, at);
  content.writeUInt16LE(sequence, at + 8);
  content.writeUInt32LE(0x0400, at + 10);
  content.writeUInt32LE(PAGE, at + 22);
  content.writeBigUInt64LE(BigInt(logOffset), at + 26);
  content.writeBigUInt64LE(BigInt(PAGE), at + 34);
  content.writeUInt32LE(PAGE, at + 42);
  seal(content, at, 46, 4);
}

export function writeObject(content: Buffer, index: number, type: number, offset: number): void {
  const at = OBJECT_TABLE + 8 + index * 18;
  content.writeUInt8(type, at);
  content.writeBigUInt64LE(BigInt(offset), at + 5);
  content.writeUInt32LE(PAGE, at + 13);
  content.writeUInt8(1, at + 17);
  seal(content, at, 18, 1);
}

export function writeLog(content: Buffer, at: number, pendingChanges: number): void {
  content.writeUInt32LE(0x01110003, at);
  content.writeUInt32LE(pendingChanges, at + 8);
  seal(content, at, 34, 4);
}

/** Sets the checksum again after a change. */
export function seal(content: Buffer, at: number, length: number, checksumAt: number): void {
  content.writeUInt32LE(0, at + checksumAt);
  content.writeUInt32LE(crc32(content.subarray(at, at + length)), at + checksumAt);
}
