/** The value of a key in a VMCX file, by the type of the key. */
import type { Value } from '../configuration/key.ts';
import { placeOf, type Bytes } from './bytes.ts';

export const TYPE = {
  free: 1,
  integer: 3,
  unsigned: 4,
  double: 5,
  string: 6,
  array: 7,
  boolean: 8,
  node: 9,
} as const;

/** Of the bytes behind the name: the value proper, without the slack that follows it; undefined for unknown types. */
export function valueLength(type: number, data: Buffer): number | undefined {
  switch (type) {
    case TYPE.integer:
    case TYPE.unsigned:
    case TYPE.double:
      return 8;
    case TYPE.string:
    case TYPE.array:
      return data.length < 4 ? undefined : 4 + data.readUInt32LE(0);
    case TYPE.boolean:
      return 4;
    case TYPE.node:
      return 12;
    default:
      return undefined;
  }
}

/** `data` has at least valueLength() bytes. */
export function valueOf(type: number, data: Buffer): Value | undefined {
  switch (type) {
    case TYPE.integer:
      return data.readBigInt64LE(0);
    case TYPE.unsigned:
      return data.readBigUInt64LE(0);
    case TYPE.double:
      return data.readDoubleLE(0);
    case TYPE.string:
      return stringOf(data.subarray(4, 4 + data.readUInt32LE(0)));
    case TYPE.array:
      return data.subarray(4, 4 + data.readUInt32LE(0));
    case TYPE.boolean:
      return data.readUInt32LE(0) !== 0;
    default:
      return undefined;
  }
}

/**
 * A long value lies in a file object: its length and the object's offset stand in the key instead. Undefined where that
 * leads to no file object: no real file with one was at hand, so nothing is refused here. `files` are lengths by offset;
 * one that was read is taken out, so that no two keys share it.
 */
export function valueFromFile(
  type: number,
  data: Buffer,
  bytes: Bytes,
  files: Map<number, number>,
): Value | undefined {
  if (data.length < 12 || (type !== TYPE.string && type !== TYPE.array)) return undefined;
  const length = data.readUInt32LE(0);
  const offset = placeOf(data.readBigUInt64LE(4));
  if (offset === undefined || length > (files.get(offset) ?? -1)) return undefined;
  files.delete(offset);
  const content = bytes.slice(offset, length, 'a file object');
  return type === TYPE.string ? stringOf(content) : content;
}

function stringOf(content: Buffer): string {
  const text = content.subarray(0, content.length & ~1).toString('utf16le');
  return text.endsWith('\0') ? text.slice(0, -1) : text;
}
