/** Logs of a hive as Windows writes them, made of two states of it. Written after the specification that `log.ts` names. */
import { marvin32 } from './marvin.ts';

const PAGE = 4096;

/** What differs from `from` in `to`, in whole pages of the bins. */
function changedPages(from: Buffer, to: Buffer): { offset: number; bytes: Buffer }[] {
  const pages: { offset: number; bytes: Buffer }[] = [];
  for (let at = PAGE; at < to.length; at += PAGE) {
    const bytes = to.subarray(at, at + PAGE);
    if (!bytes.equals(from.subarray(at, at + PAGE))) pages.push({ offset: at - PAGE, bytes });
  }
  return pages;
}

/** A hive whose next change is in its log alone. */
export function cutOff(hive: Buffer): Buffer {
  const dirty = Buffer.from(hive);
  dirty.writeUInt32LE(dirty.readUInt32LE(8) + 1, 4);
  return withChecksum(dirty);
}

export function withChecksum(base: Buffer): Buffer {
  let sum = 0;
  for (let at = 0; at < 508; at += 4) sum ^= base.readUInt32LE(at);
  base.writeUInt32LE(sum >>> 0, 508);
  return base;
}

function baseOf(hive: Buffer, type: number, sequence: number): Buffer {
  const base = Buffer.from(hive.subarray(0, 512));
  base.writeUInt32LE(sequence, 4);
  base.writeUInt32LE(sequence, 8);
  base.writeUInt32LE(type, 28);
  return withChecksum(base);
}

/** Windows 8.1 and later: from each state to the next, an entry; the first has the number `sequence`. */
export function entryLog(states: readonly Buffer[], sequence: number): Buffer {
  const [first = Buffer.alloc(0), ...others] = states;
  const entries = others.map((to, index) => entry(states[index] ?? first, to, sequence + index));
  return Buffer.concat([baseOf(first, 6, sequence), ...entries]);
}

function entry(from: Buffer, to: Buffer, sequence: number): Buffer {
  const pages = changedPages(from, to);
  const length = 40 + pages.length * (8 + PAGE);
  const bytes = Buffer.alloc(Math.ceil(length / 512) * 512);
  bytes.write('HvLE');
  bytes.writeUInt32LE(bytes.length, 4);
  bytes.writeUInt32LE(sequence, 12);
  bytes.writeUInt32LE(to.length - PAGE, 16);
  bytes.writeUInt32LE(pages.length, 20);
  pages.forEach(({ offset, bytes: page }, index) => {
    bytes.writeUInt32LE(offset, 40 + index * 8);
    bytes.writeUInt32LE(PAGE, 44 + index * 8);
    page.copy(bytes, 40 + pages.length * 8 + index * PAGE);
  });
  bytes.writeBigUInt64LE(marvin32(bytes.subarray(40)), 24);
  bytes.writeBigUInt64LE(marvin32(bytes.subarray(0, 32)), 32);
  return bytes;
}

/** Up to Windows 8. */
export function pageLog(from: Buffer, to: Buffer): Buffer {
  const base = baseOf(to, 1, from.readUInt32LE(4) + 1);
  // A log belongs to the hive that was written at the same time.
  from.copy(base, 12, 12, 20);
  const bits = Buffer.alloc(Math.ceil((4 + (to.length - PAGE) / 512 / 8) / 512) * 512);
  bits.write('DIRT');
  const pages = changedPages(from, to);
  for (const { offset } of pages) bits.writeUInt8(0xff, 4 + offset / PAGE);
  return Buffer.concat([withChecksum(base), bits, ...pages.map(({ bytes }) => bytes)]);
}
