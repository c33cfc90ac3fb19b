/**
 * modules.dep.bin, made anew for an initramfs that holds its modules under other names than the root file system: a trie
 * of module names. Source: kmod, libkmod/libkmod-index.h, "Integer keys in big endian".
 */
import { moduleName } from './initramfs.ts';

const MAGIC = 0xb007f457;
const VERSION = 0x00020001;
const PREFIX = 0x80000000;
const VALUES = 0x40000000;
const CHILDREN = 0x20000000;

// kmod knows no others; the length bounds how deep the trie is.
const MODULE_NAME = /^[\x21-\x7e]{1,255}$/;

interface Node {
  children: Map<number, Node>;
  values: string[];
}

/** `dependencies`: file -> files that it needs, as lines of modules.dep. */
export function writeModuleIndex(dependencies: ReadonlyMap<string, readonly string[]>): Buffer {
  const root: Node = { children: new Map(), values: [] };
  for (const [file, needs] of dependencies) {
    const name = moduleName(file);
    if (MODULE_NAME.test(name)) insert(root, name, `${file}:${needs.map((need) => ` ${need}`).join('')}`);
  }
  const parts: Buffer[] = [];
  const header = Buffer.alloc(12);
  const place = { offset: header.length };
  const start = writeNode(root, parts, place);
  header.writeUInt32BE(MAGIC, 0);
  header.writeUInt32BE(VERSION, 4);
  header.writeUInt32BE(start, 8);
  return Buffer.concat([header, ...parts]);
}

function insert(root: Node, name: string, value: string): void {
  let node = root;
  for (const character of Buffer.from(name, 'latin1')) {
    let next = node.children.get(character);
    if (next === undefined) node.children.set(character, (next = { children: new Map(), values: [] }));
    node = next;
  }
  node.values.push(value);
}

/** Children first; returns the offset with flags that say what the node is made of. */
function writeNode(node: Node, parts: Buffer[], place: { offset: number }): number {
  const { prefix, end } = descend(node);
  const offsets = new Map<number, number>();
  for (const [character, child] of end.children) offsets.set(character, writeNode(child, parts, place));
  const body: Buffer[] = [];
  let flags = 0;
  if (prefix.length > 0) {
    flags += PREFIX;
    body.push(Buffer.from([...prefix, 0]));
  }
  if (offsets.size > 0) {
    flags += CHILDREN;
    body.push(childTable(offsets));
  }
  if (end.values.length > 0) {
    flags += VALUES;
    body.push(valueList(end.values));
  }
  const { offset } = place;
  const bytes = Buffer.concat(body);
  parts.push(bytes);
  place.offset += bytes.length;
  return offset + flags;
}

/** A chain of single children is one node with a prefix. */
function descend(node: Node): { prefix: number[]; end: Node } {
  const prefix: number[] = [];
  let end = node;
  while (end.children.size === 1 && end.values.length === 0) {
    for (const [character, child] of end.children) {
      prefix.push(character);
      end = child;
    }
  }
  return { prefix, end };
}

function childTable(offsets: ReadonlyMap<number, number>): Buffer {
  const first = Math.min(...offsets.keys());
  const last = Math.max(...offsets.keys());
  const table = Buffer.alloc(2 + (last - first + 1) * 4);
  table[0] = first;
  table[1] = last;
  for (const [character, offset] of offsets) table.writeUInt32BE(offset, 2 + (character - first) * 4);
  return table;
}

/** Each with its priority, by which alias patterns are ordered; dependencies have none. */
function valueList(values: readonly string[]): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(values.length);
  return Buffer.concat([count, ...values.map((value) => Buffer.from(`\0\0\0\0${value}\0`, 'latin1'))]);
}
