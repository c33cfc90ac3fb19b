import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AscendError } from '../../../../proto/errors.ts';
import { emptyHive } from './empty-hive.fixture.ts';
import { HiveEditor } from './hive-editor.ts';
import { Hive } from './hive.ts';
import { outstanding, removeKey, removeValue, setValue, applyEdit, type RegistryEdit } from './edits.ts';
import { asNumber, asText, asTexts, binary, dword, expandable, text, texts } from './registry.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hive-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function written(edits: readonly RegistryEdit[], minorVersion: 3 | 5 = 5): string {
  const file = path.join(folder, `hive-${Math.random()}`);
  writeFileSync(file, emptyHive(minorVersion));
  using editor = new HiveEditor(file, 'SYSTEM', new Date(0));
  for (const edit of edits) applyEdit(edit, editor);
  editor.seal();
  return file;
}

test('keeps values of every type, in keys that it makes on the way, found whatever their case', () => {
  using hive = new Hive(
    written([
      setValue('A\\B', 'Number', dword(0xffffffff)),
      setValue('A\\B', 'Text', text('täxt')),
      setValue('A\\B', '', expandable('%SystemRoot%\\inf')),
      setValue('A', 'List', texts(['one', 'two'])),
      setValue('A', 'Bytes', binary(Buffer.alloc(5000, 7))),
    ]),
    'SYSTEM',
  );
  expect(asNumber(hive.value('a\\b', 'NUMBER'))).toBe(0xffffffff);
  expect(asText(hive.value('A\\B', 'text'))).toBe('täxt');
  expect(asText(hive.value('A\\B', ''))).toBe('%SystemRoot%\\inf');
  expect(asTexts(hive.value('A', 'list'))).toEqual(['one', 'two']);
  expect(hive.value('A', 'Bytes')?.data.equals(Buffer.alloc(5000, 7))).toBe(true);
  expect(hive.subkeys('')).toEqual(['A']);
  expect(hive.cells.isClean).toBe(true);
});

test('splits a list of more keys than one holds, in the order in which Windows looks names up', () => {
  const names = Array.from({ length: 1203 }, (_, index) => `Key${(index * 7919) % 1203}`);
  using hive = new Hive(written(names.map((name) => setValue(`Many\\${name}`, 'V', dword(1)))), 'SYSTEM');
  const upper = names.map((name) => name.toUpperCase()).sort();
  expect(hive.subkeys('Many').map((name) => name.toUpperCase())).toEqual(upper);
  expect(asNumber(hive.value('Many\\Key1202', 'V'))).toBe(1);
});

test.each([3, 5] as const)('replaces and removes in a hive of version 1.%i', (minorVersion) => {
  using hive = new Hive(
    written(
      [
        setValue('A', 'V', dword(1)),
        setValue('A', 'V', text('longer than four bytes')),
        setValue('A', 'Gone', dword(1)),
        removeValue('A', 'gone'),
        setValue('A\\Below\\Deep', 'V', text('also gone')),
        removeKey('a\\below'),
        removeKey('not\\there'),
      ],
      minorVersion,
    ),
    'BCD',
  );
  expect(asText(hive.value('A', 'V'))).toBe('longer than four bytes');
  expect(hive.value('A', 'Gone')).toBeUndefined();
  expect(hive.subkeys('A')).toEqual([]);
});

test('has nothing left to do after what it was asked', () => {
  const edits = [setValue('A', 'V', dword(1)), removeKey('B'), removeValue('A', 'W')];
  const before = written([setValue('B', 'V', dword(1)), setValue('A', 'W', dword(1))]);
  {
    using editor = new HiveEditor(before, 'SYSTEM', new Date(0));
    expect(outstanding(edits, editor.registry)).toEqual(edits);
    edits.forEach((edit) => applyEdit(edit, editor));
    editor.seal();
  }
  using hive = new Hive(before, 'SYSTEM');
  expect(outstanding(edits, hive)).toEqual([]);
});

test('says what has changed, in ranges that make the new file of the old one', () => {
  const file = written([setValue('A', 'V', dword(1))]);
  const patched = readFileSync(file);
  using editor = new HiveEditor(file, 'SYSTEM', new Date(1000));
  editor.setValue('A\\New', 'V', text('x'.repeat(4000)));
  const changes = editor.seal();
  const grown = Buffer.concat([patched, Buffer.alloc(readFileSync(file).length - patched.length)]);
  for (const { offset, bytes } of changes) bytes.copy(grown, offset);
  expect(grown.equals(readFileSync(file))).toBe(true);
});

test('marks a hive that was cut off while Windows wrote it', () => {
  const file = written([]);
  const bytes = readFileSync(file);
  bytes.writeUInt32LE(99, 4);
  writeFileSync(file, bytes);
  using hive = new Hive(file, 'SYSTEM');
  expect(hive.cells.isClean).toBe(false);
});

test('refuses names and values that it cannot write', () => {
  for (const edit of [setValue('Kürzel', 'V', dword(1)), setValue('A', 'V', binary(Buffer.alloc(20_000)))])
    expect(() => written([edit])).toThrow(AscendError);
});

test('any damage gives a result or an AscendError that names the hive, when it is read and when it is written', () => {
  const good = readFileSync(
    written([
      setValue('Select', 'Current', dword(1)),
      setValue(
        'ControlSet001\\Services\\stornvme',
        'ImagePath',
        expandable('system32\\drivers\\stornvme.sys'),
      ),
      setValue('ControlSet001\\Services\\stornvme\\StartOverride', '0', dword(3)),
    ]),
  );
  const file = path.join(folder, 'damaged');
  const flips = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 });
  const attempt = (work: () => void) => {
    try {
      work();
    } catch (error) {
      expect(error).toBeInstanceOf(AscendError);
      expect((error as AscendError).message).toContain('SYSTEM');
    }
  };
  fc.assert(
    fc.property(flips, fc.nat(good.length), (bytes, cut) => {
      const bad = Buffer.from(good);
      for (const [at, to] of bytes) bad[at] = to;
      writeFileSync(file, cut % 5 === 0 ? bad.subarray(0, cut) : bad);
      attempt(() => {
        using hive = new Hive(file, 'SYSTEM');
        hive.subkeys('ControlSet001\\Services');
        hive.value('ControlSet001\\Services\\stornvme', 'ImagePath');
      });
      attempt(() => {
        using editor = new HiveEditor(file, 'SYSTEM', new Date(0));
        editor.removeKey('ControlSet001\\Services\\stornvme\\StartOverride');
        editor.setValue('ControlSet001\\Services\\viostor', 'Start', dword(0));
        editor.seal();
      });
    }),
    { numRuns: 300 },
  );
});
