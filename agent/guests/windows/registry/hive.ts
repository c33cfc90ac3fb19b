/** Reads a registry hive. Every path is walked key by key: however hostile a hive is, nothing in it recurses. */
import { CellFile, NO_CELL } from './cells.ts';
import type { Range } from './log.ts';
import type { Registry, RegistryValue } from './registry.ts';

/** More subkeys of one key than any machine has: DeviceIds of Windows 11 has some 10,000. */
const MAX_CHILDREN = 200_000;
const MAX_VALUES = 65_536;
/** Longer values are cut into segments of this many bytes ("db"). */
const SEGMENT_BYTES = 16_344;
/** Of the values read here, none comes near. */
const MAX_VALUE_BYTES = 1024 * 1024;

// A key's name has at most 255 characters, a value's that matters here no more.
const MAX_NAME_BYTES = 1024;

const KEY_NAME_IS_LATIN1 = 0x20;
const VALUE_NAME_IS_LATIN1 = 1;

export interface Key {
  offset: number;
  cell: Buffer;
}

export interface NamedValue {
  name: string;
  offset: number;
  cell: Buffer;
}

export class Hive implements Registry, Disposable {
  readonly cells: CellFile;
  readonly #children = new Map<number, ReadonlyMap<string, number>>();

  /** @throws guest.unsupported where the file is no registry hive */
  constructor(localPath: string, name: string, mode: 'r' | 'r+' = 'r', changed: readonly Range[] = []) {
    this.cells = new CellFile(localPath, name, mode, changed);
  }

  hasKey(path: string): boolean {
    return this.find(path) !== undefined;
  }

  subkeys(path: string): string[] {
    const key = this.find(path);
    return key ? [...this.children(key).values()].map((offset) => this.#keyName(this.keyAt(offset))) : [];
  }

  valueNames(path: string): string[] {
    const key = this.find(path);
    return key ? this.values(key).map(({ name }) => name) : [];
  }

  value(path: string, name: string): RegistryValue | undefined {
    const key = this.find(path);
    const wanted = upperCase(name);
    const found = key && this.values(key).find((value) => upperCase(value.name) === wanted);
    return found && this.#content(found);
  }

  find(path: string): Key | undefined {
    let key = this.keyAt(this.cells.rootCell);
    for (const name of path.split('\\').filter(Boolean)) {
      const offset = this.children(key).get(upperCase(name));
      if (offset === undefined) return undefined;
      key = this.keyAt(offset);
    }
    return key;
  }

  keyAt(offset: number): Key {
    const cell = this.cells.cell(offset, 76, 76 + MAX_NAME_BYTES);
    if (cell.toString('latin1', 0, 2) !== 'nk') throw this.cells.damaged(offset, 'no key');
    return { offset, cell };
  }

  /** Upper-case name -> offset, in the order of the hive. */
  children(key: Key): ReadonlyMap<string, number> {
    const known = this.#children.get(key.offset);
    if (known) return known;
    const children = new Map<string, number>();
    if (key.cell.readUInt32LE(20) > 0)
      for (const offset of this.#listed(key.cell.readUInt32LE(28)))
        children.set(upperCase(this.#keyName(this.keyAt(offset))), offset);
    this.#children.set(key.offset, children);
    return children;
  }

  /** What the subkeys of a key are after it was written. */
  remember(key: Key, children: readonly (readonly [string, number])[]): void {
    this.#children.set(key.offset, new Map(children));
  }

  forget(key: Key): void {
    this.#children.delete(key.offset);
  }

  values(key: Key): NamedValue[] {
    const count = key.cell.readUInt32LE(36);
    if (count === 0) return [];
    const listOffset = key.cell.readUInt32LE(40);
    if (count > MAX_VALUES) throw this.cells.damaged(key.offset, `a key with ${count} values`);
    const list = this.cells.cell(listOffset, count * 4);
    return Array.from({ length: count }, (_, index) => this.#valueAt(list.readUInt32LE(index * 4)));
  }

  #valueAt(offset: number): NamedValue {
    const cell = this.cells.cell(offset, 20, 20 + MAX_NAME_BYTES);
    const nameBytes = cell.readUInt16LE(2);
    if (cell.toString('latin1', 0, 2) !== 'vk' || 20 + nameBytes > cell.length)
      throw this.cells.damaged(offset, 'no value');
    const encoding = cell.readUInt16LE(16) & VALUE_NAME_IS_LATIN1 ? 'latin1' : 'utf16le';
    return { name: cell.toString(encoding, 20, 20 + nameBytes), offset, cell };
  }

  #content({ cell, offset }: NamedValue): RegistryValue {
    const type = cell.readUInt32LE(12);
    const size = cell.readUInt32LE(4);
    // With the highest bit set, up to four bytes lie where the offset would be.
    if (size >= 0x80000000) {
      const inline = size - 0x80000000;
      if (inline > 4) throw this.cells.damaged(offset, 'a value too large for its place');
      return { type, data: cell.subarray(8, 8 + inline) };
    }
    if (size > MAX_VALUE_BYTES) throw this.cells.damaged(offset, `a value of ${size} bytes`);
    if (size === 0) return { type, data: Buffer.alloc(0) };
    const at = cell.readUInt32LE(8);
    if (size > SEGMENT_BYTES && this.cells.minorVersion > 3) return { type, data: this.#segments(at, size) };
    return { type, data: this.cells.cell(at, size).subarray(0, size) };
  }

  #segments(offset: number, size: number): Buffer {
    const head = this.cells.cell(offset, 8);
    // Written by a system without segments, or of a size that its cell holds as it is.
    if (head.toString('latin1', 0, 2) !== 'db') return this.cells.cell(offset, size).subarray(0, size);
    const count = head.readUInt16LE(2);
    if (count !== Math.ceil(size / SEGMENT_BYTES)) throw this.cells.damaged(offset, `${count} segments`);
    const list = this.cells.cell(head.readUInt32LE(4), count * 4);
    const parts: Buffer[] = [];
    for (let index = 0, left = size; index < count; index++, left -= SEGMENT_BYTES) {
      const length = Math.min(left, SEGMENT_BYTES);
      parts.push(this.cells.cell(list.readUInt32LE(index * 4), length).subarray(0, length));
    }
    return Buffer.concat(parts);
  }

  #keyName({ offset, cell }: Key): string {
    const nameBytes = cell.readUInt16LE(72);
    if (76 + nameBytes > cell.length) throw this.cells.damaged(offset, 'a name longer than its key');
    const encoding = cell.readUInt16LE(2) & KEY_NAME_IS_LATIN1 ? 'latin1' : 'utf16le';
    return cell.toString(encoding, 76, 76 + nameBytes);
  }

  /** Offsets of subkeys in a list: "lf", "lh", "li", or "ri", which lists such lists. */
  #listed(offset: number): number[] {
    const { kind, entries } = this.#list(offset);
    if (kind !== 'ri') return entries;
    const all: number[] = [];
    for (const leaf of entries) {
      const list = this.#list(leaf);
      if (list.kind === 'ri') throw this.cells.damaged(leaf, 'an index of an index');
      all.push(...list.entries);
      if (all.length > MAX_CHILDREN) throw this.cells.damaged(offset, `more than ${MAX_CHILDREN} subkeys`);
    }
    return all;
  }

  #list(offset: number): { kind: string; entries: number[] } {
    const cell = this.cells.cell(offset, 4);
    const kind = cell.toString('latin1', 0, 2);
    const width = { lf: 8, lh: 8, li: 4, ri: 4 }[kind];
    const count = cell.readUInt16LE(2);
    if (width === undefined || 4 + count * width > cell.length)
      throw this.cells.damaged(offset, 'no list of subkeys');
    return {
      kind,
      entries: Array.from({ length: count }, (_, index) => cell.readUInt32LE(4 + index * width)),
    };
  }

  /** What an "lf" list repeats of a key's name: its first four bytes. */
  hint(offset: number): Buffer {
    const name = this.#keyName(this.keyAt(offset));
    const hint = Buffer.alloc(4);
    hint.write(name.slice(0, 4), 'latin1');
    return hint;
  }

  /** Cells that hold a key's list of subkeys. */
  listCells(key: Key): number[] {
    const offset = key.cell.readUInt32LE(28);
    if (key.cell.readUInt32LE(20) === 0 || offset === NO_CELL) return [];
    const { kind, entries } = this.#list(offset);
    return kind === 'ri' ? [offset, ...entries] : [offset];
  }

  /** Cells that a value occupies. */
  valueCells({ offset, cell }: NamedValue): number[] {
    const size = cell.readUInt32LE(4);
    if (size === 0 || size >= 0x80000000) return [offset];
    const at = cell.readUInt32LE(8);
    const head = this.cells.cell(at, 4);
    if (size <= SEGMENT_BYTES || head.toString('latin1', 0, 2) !== 'db') return [offset, at];
    const listAt = head.readUInt32LE(4);
    const list = this.cells.cell(listAt, head.readUInt16LE(2) * 4);
    const segments = Array.from({ length: head.readUInt16LE(2) }, (_, index) => list.readUInt32LE(index * 4));
    return [offset, at, listAt, ...segments];
  }

  [Symbol.dispose](): void {
    this.cells[Symbol.dispose]();
  }
}

/** As Windows compares names: code unit by code unit, of which none becomes two. */
export function upperCase(name: string): string {
  const upper = name.toUpperCase();
  if (upper.length === name.length) return upper;
  return Array.from({ length: name.length }, (_, index) => {
    const unit = name.charAt(index).toUpperCase();
    return unit.length === 1 ? unit : name.charAt(index);
  }).join('');
}
