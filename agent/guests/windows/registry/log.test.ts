import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyHive } from './empty-hive.fixture.ts';
import { HiveEditor } from './hive-editor.ts';
import { Hive } from './hive.ts';
import { cutOff, entryLog, pageLog, withChecksum } from './log.fixture.ts';
import { replayLogs } from './log.ts';
import { marvin32 } from './marvin.ts';
import { asText, text } from './registry.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hive-log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function fileOf(bytes: Buffer): string {
  const file = path.join(folder, String(files++));
  writeFileSync(file, bytes);
  return file;
}

/** A hive as it was after each of some changes; the first has grown by none of them. */
function history(changes: readonly string[]): Buffer[] {
  const file = fileOf(emptyHive(5));
  const states = [readFileSync(file)];
  for (const change of changes) {
    using editor = new HiveEditor(file, 'SYSTEM', new Date(0));
    editor.setValue('Software', change, text(change.repeat(2000)));
    editor.seal();
    states.push(readFileSync(file));
  }
  return states;
}

function bins(bytes: Buffer): Buffer {
  return bytes.subarray(4096);
}

test('hashes as Windows does: the head of an entry that Windows 10 wrote', () => {
  const head = Buffer.from('HvLE');
  const numbers = [24_064, 0, 2, 20_480, 1].map((number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(number);
    return bytes;
  });
  const first = Buffer.alloc(8);
  first.writeBigUInt64LE(0x67866c661807e431n);
  expect(marvin32(Buffer.concat([head, ...numbers, first]))).toBe(0xcd44f3cfa7657f02n);
});

test('brings a hive up to its last entry, from one log to the other', () => {
  const states = history(['a', 'b', 'c']);
  const [start, second, , last] = states as [Buffer, Buffer, Buffer, Buffer];
  const hive = fileOf(cutOff(start));
  const sequence = start.readUInt32LE(8) + 1;
  const logs = [entryLog(states.slice(1), sequence + 1), entryLog([start, second], sequence)];
  expect(replayLogs(hive, logs.map(fileOf))).toBeDefined();
  const after = readFileSync(hive);
  expect(bins(after).equals(bins(last))).toBe(true);
  using opened = new Hive(hive, 'SYSTEM');
  expect(opened.cells.isClean).toBe(true);
  expect(asText(opened.value('Software', 'c'))).toBe('c'.repeat(2000));
  // Nothing that is left in a log is newer than the hive.
  expect(after.readUInt32LE(4)).toBe(sequence + 2);
});

test.each(['its base block', 'nothing else'])(
  'brings a hive of Windows 7 up to date when it lost %s',
  (lost) => {
    const [start, last] = history(['a']) as [Buffer, Buffer];
    const dirty = cutOff(start);
    if (lost === 'its base block') dirty.fill(0xff, 100, 500);
    const hive = fileOf(dirty);
    expect(replayLogs(hive, [fileOf(Buffer.alloc(0)), fileOf(pageLog(start, last))])).toBeDefined();
    expect(bins(readFileSync(hive)).equals(bins(last))).toBe(true);
    using opened = new Hive(hive, 'SYSTEM');
    expect(opened.cells.isClean).toBe(true);
  },
);

test('sends what a log changed along with what is changed here', () => {
  const [start, last] = history(['a']) as [Buffer, Buffer];
  const dirty = cutOff(start);
  const hive = fileOf(dirty);
  const ranges = replayLogs(hive, [fileOf(entryLog([start, last], start.readUInt32LE(8) + 1))]);
  using editor = new HiveEditor(hive, 'SYSTEM', new Date(0), ranges);
  editor.setValue('Select', 'Current', text('one'));
  const changes = editor.seal();
  const inGuest = Buffer.concat([dirty, Buffer.alloc(readFileSync(hive).length - dirty.length)]);
  for (const { offset, bytes } of changes) bytes.copy(inGuest, offset);
  expect(inGuest.equals(readFileSync(hive))).toBe(true);
});

test('stops at an entry that is damaged, and keeps those before it', () => {
  const states = history(['a', 'b']);
  const [start, second] = states as [Buffer, Buffer, Buffer];
  const log = entryLog(states, start.readUInt32LE(8) + 1);
  log.writeUInt8(log.readUInt8(log.length - 1) ^ 1, log.length - 1);
  const hive = fileOf(cutOff(start));
  replayLogs(hive, [fileOf(log)]);
  expect(bins(readFileSync(hive)).equals(bins(second))).toBe(true);
});

test.each<[string, (start: Buffer, last: Buffer) => { hive: Buffer; log: Buffer }]>([
  [
    'a hive that is whole',
    (start, last) => ({ hive: start, log: entryLog([start, last], start.readUInt32LE(8) + 1) }),
  ],
  [
    'a log with an entry missing at its start',
    (start, last) => ({ hive: cutOff(start), log: entryLog([start, last], start.readUInt32LE(8) + 2) }),
  ],
  [
    'a log of before',
    (start, last) => ({ hive: cutOff(start), log: entryLog([start, last], start.readUInt32LE(8) - 1) }),
  ],
  [
    'a log of Windows 7 for another time',
    (start, last) => {
      const log = pageLog(start, last);
      log.writeUInt8(log.readUInt8(12) ^ 1, 12);
      return { hive: cutOff(start), log: withChecksum(log) };
    },
  ],
])('leaves %s alone', (_what, make) => {
  const [start, last] = history(['a']) as [Buffer, Buffer];
  const { hive, log } = make(start, last);
  const file = fileOf(hive);
  expect(replayLogs(file, [fileOf(log)])).toBeUndefined();
  expect(readFileSync(file).equals(hive)).toBe(true);
});

test('any damage of hive and log gives a hive or nothing', () => {
  const states = history(['a', 'b']);
  const [start, , last] = states as [Buffer, Buffer, Buffer];
  const good = [entryLog(states, start.readUInt32LE(8) + 1), pageLog(start, last)];
  const flips = fc.array(fc.tuple(fc.nat(1200), fc.nat(255)), { maxLength: 8 });
  const [hive, log] = [path.join(folder, 'damaged'), path.join(folder, 'damaged.LOG1')];
  fc.assert(
    fc.property(flips, flips, fc.nat(1), fc.nat(9000), (inHive, inLog, kind, cut) => {
      const [dirty, bytes] = [cutOff(start), Buffer.from(good[kind] ?? '')];
      for (const [at, to] of inHive) if (at < 600) dirty[at] = to;
      for (const [at, to] of inLog) bytes[at] = to;
      writeFileSync(hive, dirty);
      // With its checksums made right again, more of it is read.
      writeFileSync(log, (cut % 2 ? withChecksum(bytes) : bytes).subarray(0, cut % 3 ? undefined : cut));
      replayLogs(hive, [log]);
      expect(readFileSync(hive).length).toBeLessThan(10_000_000);
    }),
    { numRuns: 300 },
  );
});
