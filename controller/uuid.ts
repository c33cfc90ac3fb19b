import { randomBytes, randomInt } from 'node:crypto';

// Where the last id stood: its milliseconds, and its place among the ids of that millisecond.
let lastMs = 0;
let lastPlace = 0;

/**
 * A UUIDv7: rows sort by the time they were made. Those that this process makes sort exactly in the order in which
 * they were made, even within a millisecond or when the clock steps back: the 12 bits after the time count up.
 *
 * Source: RFC 9562, sections 5.7 and 6.2 (method 1).
 */
export function uuidv7(now: Date): string {
  if (now.getTime() > lastMs) {
    lastMs = now.getTime();
    // Starts low, to leave room for counting.
    lastPlace = randomInt(0x400);
  } else if (lastPlace < 0xfff) {
    lastPlace += 1;
  } else {
    lastMs += 1;
    lastPlace = 0;
  }
  const bytes = randomBytes(16);
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | lastPlace, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
