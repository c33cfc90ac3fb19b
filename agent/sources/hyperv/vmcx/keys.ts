/**
 * The keys of a VMCX file. A key table begins with signature 2, index and sequence number (16 bits each) and a checksum;
 * then key follows key. A key names its parent by table index and offset in that table, and holds a name and a value.
 */
import { Key } from '../configuration/key.ts';
import { isLater, sumHolds } from './bytes.ts';
import type { Container, Stretch } from './container.ts';
import { TYPE, valueFromFile, valueLength, valueOf } from './value.ts';

const TABLE_SIGNATURE = 2;
const TABLE_HEADER_LENGTH = 10;
const KEY_HEADER_LENGTH = 21;
const VALUE_IS_IN_FILE = 1;

// A machine with four disks has some 500; Hyper-V's own limits (256 disks, 68 NICs) lead to about 15,000.
const MAX_KEYS = 100_000;
const MAX_DEPTH = 64;

interface Entry {
  type: number;
  offset: number;
  name: string;
  parent: string;
  data: Buffer;
  inFile: boolean;
}

/**
 * The keys without a parent: one, named "configuration", in the configuration of a VM.
 * @throws source.invalid with the offset of what is wrong.
 */
export function readKeys(container: Container): Key[] {
  const entries = new Map<string, Entry>();
  for (const [index, table] of currentTables(container)) readTable(container, index, table, entries);
  return treeOf(container, entries);
}

/** By index; where a table is there twice, the later one counts. */
function currentTables({ bytes, keyTables }: Container): Map<number, Stretch> {
  const tables = new Map<number, Stretch & { sequence: number }>();
  for (const table of keyTables) {
    const header = bytes.checked(table.offset, TABLE_HEADER_LENGTH, 6, 'the header of a key table');
    if (header.readUInt16LE(0) !== TABLE_SIGNATURE) throw bytes.wrong(table.offset, 'this is no key table');
    const index = header.readUInt16LE(2);
    const sequence = header.readUInt16LE(4);
    const known = tables.get(index);
    if (!known || isLater(sequence, known.sequence)) tables.set(index, { ...table, sequence });
  }
  return tables;
}

function readTable(container: Container, index: number, table: Stretch, into: Map<string, Entry>): void {
  const { bytes } = container;
  let at = TABLE_HEADER_LENGTH;
  while (at + KEY_HEADER_LENGTH <= table.length) {
    const offset = table.offset + at;
    const size = bytes.slice(offset, KEY_HEADER_LENGTH, 'a key').readUInt32LE(2);
    if (size < KEY_HEADER_LENGTH || at + size > table.length) {
      throw bytes.wrong(offset, `a key of ${size} bytes, which does not fit its table`);
    }
    const raw = bytes.slice(offset, size, 'a key');
    if (raw.readUInt8(0) !== TYPE.free) {
      if (into.size >= MAX_KEYS) throw bytes.wrong(offset, `more than ${MAX_KEYS} keys`);
      into.set(`${index}:${at}`, entryOf(container, raw, offset));
    }
    at += size;
  }
}

function entryOf({ bytes }: Container, raw: Buffer, offset: number): Entry {
  const type = raw.readUInt8(0);
  if (type < TYPE.free || type > TYPE.node) throw bytes.wrong(offset, `unknown type ${type} of a key`);
  const nameEnd = KEY_HEADER_LENGTH + raw.readUInt8(20);
  if (nameEnd > raw.length) throw bytes.wrong(offset, 'the name of a key is longer than the key');
  const data = raw.subarray(nameEnd);
  const inFile = (raw.readUInt8(1) & VALUE_IS_IN_FILE) !== 0;
  if (!inFile) checkSum(bytes, raw, nameEnd, valueLength(type, data), offset);
  return {
    type,
    offset,
    name: raw.subarray(KEY_HEADER_LENGTH, nameEnd).toString('utf8').replace(/\0$/, ''),
    parent: `${raw.readUInt16LE(6)}:${raw.readUInt32LE(8)}`,
    data,
    inFile,
  };
}

/** The checksum covers header, name and value; the slack behind the value is left as it was. */
function checkSum(
  bytes: Container['bytes'],
  raw: Buffer,
  nameEnd: number,
  length: number | undefined,
  offset: number,
): void {
  if (length === undefined) return;
  if (nameEnd + length > raw.length) throw bytes.wrong(offset, 'the value of a key is longer than the key');
  if (!sumHolds(raw.subarray(0, nameEnd + length), 12)) {
    throw bytes.wrong(offset, 'the checksum of a key does not match');
  }
}

/** From the roots down, so that keys which lead in a circle are found out as those never reached. */
function treeOf(container: Container, entries: ReadonlyMap<string, Entry>): Key[] {
  const { bytes } = container;
  const files = new Map(container.files.map(({ offset, length }) => [offset, length]));
  const childrenOf = new Map<string, [id: string, entry: Entry][]>();
  for (const [id, entry] of entries) {
    const parent = isRoot(entry.parent) ? '' : entry.parent;
    if (parent !== '' && entries.get(parent)?.type !== TYPE.node) {
      throw bytes.wrong(entry.offset, `the key ${JSON.stringify(entry.name)} hangs on no other key`);
    }
    const siblings = childrenOf.get(parent);
    if (siblings) siblings.push([id, entry]);
    else childrenOf.set(parent, [[id, entry]]);
  }
  const roots: Key[] = [];
  let reached = 0;
  let level: [id: string, parent: Key | undefined][] = [['', undefined]];
  for (let depth = 0; level.length > 0; depth++) {
    const below: typeof level = [];
    for (const [parentId, parent] of level) {
      for (const [id, entry] of childrenOf.get(parentId) ?? []) {
        if (depth > MAX_DEPTH) throw bytes.wrong(entry.offset, `keys nested more than ${MAX_DEPTH} deep`);
        const value = entry.inFile
          ? valueFromFile(entry.type, entry.data, bytes, files)
          : valueOf(entry.type, entry.data);
        const key = parent ? parent.add(entry.name, value) : new Key(entry.name, undefined, value);
        if (!parent) roots.push(key);
        reached++;
        below.push([id, key]);
      }
    }
    level = below;
  }
  if (reached < entries.size) throw bytes.wrong(0, 'some keys lead in a circle and not to the root');
  return roots;
}

/** Tables count from 1. */
function isRoot(parent: string): boolean {
  return parent.startsWith('0:');
}
