/**
 * Writes into a registry hive. Nothing that is there is moved: new cells go into new bins at the end, as Windows
 * itself grows a hive, and what they replace is marked as free. The hive is whole again when `seal` returns.
 */
import { AscendError } from '../../../../proto/errors.ts';
import { NO_CELL } from './cells.ts';
import { Hive, upperCase, type Key, type NamedValue } from './hive.ts';
import type { Range } from './log.ts';
import { sameValue, type RegistryValue } from './registry.ts';

const BIN_BYTES = 4096;
const BIN_HEADER_BYTES = 32;
/** Entries of one list of subkeys before Windows splits it: as many as fit into one bin. */
const MAX_LIST_ENTRIES = 500;
const MAX_WRITTEN_BYTES = 16_344;
/** A key with more below it is none that a repair would remove. */
const MAX_REMOVED_KEYS = 10_000;

export class HiveEditor implements Disposable {
  readonly #hive: Hive;
  /** Where the next cell goes, and where its bin ends; both 0 before the first. */
  #next = 0;
  #end = 0;
  readonly #now: Buffer;

  /** @param changed what of the file is not as it is in the guest: it counts as a change of the editor's */
  constructor(localPath: string, name: string, now: Date, changed: readonly Range[] = []) {
    this.#hive = new Hive(localPath, name, 'r+', changed);
    this.#now = fileTime(now);
  }

  get registry(): Hive {
    return this.#hive;
  }

  /** Makes the keys of the path that are missing. */
  setValue(path: string, name: string, value: RegistryValue): void {
    if (value.data.length > MAX_WRITTEN_BYTES) throw this.#refused(`${path}\\${name}: the value is too long`);
    if (sameValue(this.#hive.value(path, name), value)) return;
    const key = this.makeKey(path);
    const values = this.#hive.values(key);
    const old = values.find((other) => upperCase(other.name) === upperCase(name));
    const offset = this.#newValue(old?.name ?? name, value);
    const offsets = values.map((other) => (other === old ? offset : other.offset));
    if (old === undefined) offsets.push(offset);
    this.#replaceValues(key, offsets, old);
    raise(key.cell, 60, (old?.name ?? name).length * 2);
    raise(key.cell, 64, value.data.length);
    this.#touch(key);
  }

  removeValue(path: string, name: string): void {
    const key = this.#hive.find(path);
    if (key === undefined) return;
    const values = this.#hive.values(key);
    const old = values.find((other) => upperCase(other.name) === upperCase(name));
    if (old === undefined) return;
    this.#replaceValues(
      key,
      values.filter((other) => other !== old).map(({ offset }) => offset),
      old,
    );
    this.#touch(key);
  }

  /** With everything below it. */
  removeKey(path: string): void {
    const names = path.split('\\').filter(Boolean);
    const parent = this.#hive.find(names.slice(0, -1).join('\\'));
    const key = this.#hive.find(path);
    if (key === undefined || parent === undefined || names.length === 0) return;
    const children = [...this.#hive.children(parent)].filter(([, offset]) => offset !== key.offset);
    this.#replaceChildren(parent, children);
    this.#freeKeys(key);
  }

  makeKey(path: string): Key {
    let key = this.#hive.keyAt(this.#hive.cells.rootCell);
    for (const name of path.split('\\').filter(Boolean)) {
      const offset = this.#hive.children(key).get(upperCase(name));
      key = offset === undefined ? this.#newKey(key, name) : this.#hive.keyAt(offset);
    }
    return key;
  }

  /** Makes the hive whole; what of its file has changed since it was opened. */
  seal(): { offset: number; bytes: Buffer }[] {
    this.#hive.cells.seal(this.#now);
    return this.#hive.cells.changes();
  }

  [Symbol.dispose](): void {
    this.#hive[Symbol.dispose]();
  }

  #newKey(parent: Key, name: string): Key {
    const cell = Buffer.alloc(76 + name.length);
    cell.write('nk');
    // The name is written in Latin-1.
    cell.writeUInt16LE(0x20, 2);
    this.#now.copy(cell, 4);
    cell.writeUInt32LE(parent.offset, 16);
    for (const none of [28, 32, 40, 48]) cell.writeUInt32LE(NO_CELL, none);
    cell.writeUInt32LE(this.#shareSecurity(parent), 44);
    cell.writeUInt16LE(name.length, 72);
    this.#latin1(name).copy(cell, 76);
    const key = { offset: this.#allocate(cell), cell };
    const children = [...this.#hive.children(parent), [upperCase(name), key.offset] as [string, number]];
    // Windows looks names up by bisection.
    children.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
    raise(parent.cell, 52, name.length * 2);
    this.#replaceChildren(parent, children);
    return key;
  }

  /** A new key has the permissions of the one that it is in. */
  #shareSecurity(parent: Key): number {
    const offset = parent.cell.readUInt32LE(44);
    const security = this.#hive.cells.cell(offset, 20);
    if (security.toString('latin1', 0, 2) !== 'sk') throw this.#hive.cells.damaged(offset, 'no permissions');
    this.#count(offset, security, 1);
    return offset;
  }

  #count(offset: number, security: Buffer, by: number): void {
    security.writeUInt32LE(Math.max(1, security.readUInt32LE(12) + by), 12);
    this.#hive.cells.write(offset, security.subarray(0, 16));
  }

  #newValue(name: string, { type, data }: RegistryValue): number {
    const cell = Buffer.alloc(20 + name.length);
    cell.write('vk');
    cell.writeUInt16LE(name.length, 2);
    if (data.length <= 4) {
      cell.writeUInt32LE((0x80000000 | data.length) >>> 0, 4);
      data.copy(cell, 8);
    } else {
      cell.writeUInt32LE(data.length, 4);
      cell.writeUInt32LE(this.#allocate(data), 8);
    }
    cell.writeUInt32LE(type, 12);
    cell.writeUInt16LE(name.length > 0 ? 1 : 0, 16);
    this.#latin1(name).copy(cell, 20);
    return this.#allocate(cell);
  }

  #replaceValues(key: Key, offsets: readonly number[], old: NamedValue | undefined): void {
    const before = key.cell.readUInt32LE(36) > 0 ? [key.cell.readUInt32LE(40)] : [];
    const unused = [...before, ...(old ? this.#hive.valueCells(old) : [])];
    key.cell.writeUInt32LE(offsets.length, 36);
    key.cell.writeUInt32LE(offsets.length > 0 ? this.#allocate(uint32s(offsets)) : NO_CELL, 40);
    unused.forEach((offset) => this.#hive.cells.free(offset));
  }

  #replaceChildren(key: Key, children: readonly (readonly [string, number])[]): void {
    const before = this.#hive.listCells(key);
    const leaves: number[] = [];
    for (let at = 0; at < children.length; at += MAX_LIST_ENTRIES)
      leaves.push(this.#newList(children.slice(at, at + MAX_LIST_ENTRIES)));
    key.cell.writeUInt32LE(children.length, 20);
    key.cell.writeUInt32LE(leaves.length > 1 ? this.#newIndex(leaves) : (leaves[0] ?? NO_CELL), 28);
    before.forEach((offset) => this.#hive.cells.free(offset));
    this.#touch(key);
    this.#hive.remember(key, children);
  }

  #newList(children: readonly (readonly [string, number])[]): number {
    const hashed = this.#hive.cells.minorVersion >= 5;
    const cell = Buffer.alloc(4 + children.length * 8);
    cell.write(hashed ? 'lh' : 'lf');
    cell.writeUInt16LE(children.length, 2);
    children.forEach(([name, offset], index) => {
      cell.writeUInt32LE(offset, 4 + index * 8);
      if (hashed) cell.writeUInt32LE(nameHash(name), 8 + index * 8);
      else this.#hive.hint(offset).copy(cell, 8 + index * 8);
    });
    return this.#allocate(cell);
  }

  #newIndex(leaves: readonly number[]): number {
    const head = Buffer.from('ri\0\0', 'latin1');
    head.writeUInt16LE(leaves.length, 2);
    return this.#allocate(Buffer.concat([head, uint32s(leaves)]));
  }

  #freeKeys(top: Key): void {
    const keys = [top];
    const seen = new Set([top.offset]);
    for (let key = keys.pop(); key; key = keys.pop()) {
      for (const offset of this.#hive.children(key).values()) {
        if (seen.has(offset) || seen.size > MAX_REMOVED_KEYS)
          throw this.#hive.cells.damaged(offset, 'a key that is listed twice, or too many');
        seen.add(offset);
        keys.push(this.#hive.keyAt(offset));
      }
      this.#freeKey(key);
    }
  }

  #freeKey(key: Key): void {
    const values = this.#hive.values(key);
    const unused = [...this.#hive.listCells(key), ...values.flatMap((value) => this.#hive.valueCells(value))];
    if (values.length > 0) unused.push(key.cell.readUInt32LE(40));
    const security = key.cell.readUInt32LE(44);
    this.#count(security, this.#hive.cells.cell(security, 20), -1);
    [...unused, key.offset].forEach((offset) => this.#hive.cells.free(offset));
    this.#hive.forget(key);
  }

  #touch(key: Key): void {
    this.#now.copy(key.cell, 4);
    this.#hive.cells.write(key.offset, key.cell.subarray(0, 72));
  }

  #allocate(content: Buffer): number {
    const size = Math.ceil((content.length + 4) / 8) * 8;
    if (this.#next + size > this.#end) this.#newBin(size);
    const offset = this.#next;
    const cell = Buffer.alloc(size);
    cell.writeInt32LE(-size);
    content.copy(cell, 4);
    this.#hive.cells.patch(offset, cell);
    this.#next += size;
    this.#markRest();
    return offset;
  }

  #newBin(cellBytes: number): void {
    const size = Math.ceil((BIN_HEADER_BYTES + cellBytes) / BIN_BYTES) * BIN_BYTES;
    const bin = Buffer.alloc(size);
    const offset = this.#hive.cells.binsBytes;
    bin.write('hbin');
    bin.writeUInt32LE(offset, 4);
    bin.writeUInt32LE(size, 8);
    this.#now.copy(bin, 20);
    this.#hive.cells.append(bin);
    this.#next = offset + BIN_HEADER_BYTES;
    this.#end = offset + size;
  }

  /** What is left of the bin is one free cell, so that every bin is full of cells at any time. */
  #markRest(): void {
    if (this.#next === this.#end) return;
    const size = Buffer.alloc(4);
    size.writeInt32LE(this.#end - this.#next);
    this.#hive.cells.patch(this.#next, size);
  }

  #latin1(name: string): Buffer {
    if (!/^[\x20-\x7e]*$/.test(name) || name.length > 255)
      throw this.#refused(`the name ${JSON.stringify(name)}`);
    return Buffer.from(name, 'latin1');
  }

  #refused(what: string): AscendError {
    return new AscendError('guest.fix-failed', `${this.#hive.cells.name}: cannot write ${what}.`);
  }
}

function raise(cell: Buffer, at: number, to: number): void {
  // The upper half of "largest subkey name" holds flags since Windows Vista; names never reach it.
  if (at === 52) cell.writeUInt16LE(Math.max(cell.readUInt16LE(at), to), at);
  else cell.writeUInt32LE(Math.max(cell.readUInt32LE(at), to), at);
}

function uint32s(numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, index) => bytes.writeUInt32LE(number, index * 4));
  return bytes;
}

/** Of an "lh" list. Source: "Windows registry file format specification", "Hash leaf". */
function nameHash(upperName: string): number {
  let hash = 0;
  for (let at = 0; at < upperName.length; at++) hash = (Math.imul(hash, 37) + upperName.charCodeAt(at)) >>> 0;
  return hash;
}

/** 100 ns since 1601. */
function fileTime(date: Date): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE((BigInt(date.getTime()) + 11_644_473_600_000n) * 10_000n);
  return time;
}
