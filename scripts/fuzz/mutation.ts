/** Changes to a file's bytes as damage and malice make them. */
import fc from 'fast-check';

export type Mutation =
  | { kind: 'set'; at: Place; bytes: Uint8Array }
  | { kind: 'cut'; at: Place; length: number }
  | { kind: 'repeat'; at: Place; length: number; times: number }
  | { kind: 'truncate'; at: number };

/** In a file whose length is not known yet: a fraction of it, or bytes from its start or (negative) from its end. */
type Place = number;

// Headers lie at the start, footers at the end.
const place: fc.Arbitrary<Place> = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.integer({ min: 2, max: 2048 }),
  fc.integer({ min: -1024, max: -1 }),
);

// Limits of the integers that headers are made of, and what text formats trip over.
const telling = fc.constantFrom(
  ...[
    '00',
    'ff',
    '7fffffff',
    'ffffffff',
    '80000000',
    'ffffffffffffffff',
    '7fffffffffffffff',
    '0000000000000000',
  ].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex'))),
  ...['<', '"', '\0', '../', '\u202e', '&a;', '{', '99999999999999999999', '-1', 'null'].map((text) =>
    Uint8Array.from(Buffer.from(text)),
  ),
);

export const mutations = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('set' as const),
      at: place,
      bytes: fc.oneof(telling, fc.uint8Array({ maxLength: 16 })),
    }),
    fc.record({ kind: fc.constant('cut' as const), at: place, length: fc.nat(64) }),
    fc.record({
      kind: fc.constant('repeat' as const),
      at: place,
      length: fc.integer({ min: 1, max: 64 }),
      times: fc.integer({ min: 1, max: 200 }),
    }),
    fc.record({ kind: fc.constant('truncate' as const), at: place }),
  ),
  { minLength: 1, maxLength: 8 },
);

export function mutate(content: Buffer, changes: readonly Mutation[]): Buffer {
  return changes.reduce(applied, content);
}

function offsetOf(place: Place, length: number): number {
  if (place < 0) return Math.max(0, length + place);
  return Math.min(length, place <= 1 ? Math.floor(place * length) : place);
}

function applied(content: Buffer, change: Mutation): Buffer {
  const at = offsetOf(change.at, content.length);
  if (change.kind === 'truncate') return content.subarray(0, at);
  const before = content.subarray(0, at);
  if (change.kind === 'set')
    return Buffer.concat([before, change.bytes, content.subarray(at + change.bytes.length)]);
  const piece = content.subarray(at, at + change.length);
  const after = content.subarray(at + piece.length);
  if (change.kind === 'cut') return Buffer.concat([before, after]);
  return Buffer.concat([before, ...Array<Buffer>(change.times).fill(piece), after]);
}
