import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseSettings } from './settings.ts';

const parse = (text: string | Buffer) => parseSettings(Buffer.from(text), 'web01.vmx');

/** As written by VMware: the encoding's line in ASCII, the name in that encoding. */
function encoded(encoding: string, name: number[]): Buffer {
  return Buffer.concat([
    Buffer.from(`.encoding = "${encoding}"\ndisplayName = "`),
    Buffer.from(name),
    Buffer.from('"\n'),
  ]);
}

it.each([
  ['UTF-8', [0xe6, 0x9c, 0x8d, 0xe5, 0x8a, 0xa1, 0xe5, 0x99, 0xa8], '服务器'],
  ['GBK', [0xb7, 0xfe, 0xce, 0xf1, 0xc6, 0xf7], '服务器'],
  // Valid UTF-8 as well, where it would read "ʄ".
  ['GBK', [0xca, 0x84], '蕜'],
  ['windows-936-2000', [0xb7, 0xfe], '服'],
  ['windows-949-2000', [0xbc, 0xad, 0xb9, 0xf6], '서버'],
  ['windows-1252', [0x53, 0xfc, 0x64], 'Süd'],
  ['Shift_JIS', [0x83, 0x54], 'サ'],
])('reads a name in %s', (encoding, bytes, name) => {
  expect(parse(encoded(encoding, bytes)).get('displayName')).toBe(name);
});

it('takes a file without an encoding for Windows-1252, and keeps every byte of it', () => {
  const all = Buffer.from(Array.from({ length: 128 }, (_, index) => index + 128));
  const text = parse(Buffer.concat([Buffer.from('name = "'), all, Buffer.from('"')])).get('name');
  expect(text).toHaveLength(128);
  expect(text?.[0xe9 - 128]).toBe('é');
  expect(text?.[0x80 - 128]).toBe('€');
});

it.each(['klingon', 'constructor', '__proto__'])(
  'refuses the encoding %s and says which it was',
  (encoding) => {
    const named = () => parse(`.encoding = "${encoding}"\nmemsize = "1"`);
    expect(named).toThrow(expect.objectContaining({ code: 'source.invalid' }));
    expect(named).toThrow(`web01.vmx is written in "${encoding}"`);
  },
);

it('takes back the escapes of quotes, bars and line ends', () => {
  const vmx = parse('annotation = "say |22hi|22|0Aone |7C two|0d |zz |2"');
  expect(vmx.get('annotation')).toBe('say "hi"\none | two\r |zz |2');
});

it.each([
  ['CRLF', 'a = "1"\r\nb = "2"\r\n'],
  ['no line end at the end', 'a = "1"\nb = "2"'],
  ['empty lines', '\n\na = "1"\n\n\nb = "2"\n\n'],
  ['comments', '#!/usr/bin/vmware\n# a = "3"\n  # b = "4"\na = "1"\nb = "2"'],
  ['odd blanks', '  a="1"  \n\tb\t=\t"2"\t'],
  ['no quotes', 'a = 1\nb = 2'],
  ['a byte order mark', '\uFEFF.encoding = "UTF-8"\na = "1"\nb = "2"'],
])('reads a file with %s', (_what, text) => {
  const vmx = parse(text);
  expect([vmx.get('a'), vmx.get('b')]).toEqual(['1', '2']);
});

it('finds keys without regard to case, and lets the last of equal keys win', () => {
  const vmx = parse('DisplayName = "one"\ndisplayname = "two"');
  expect(vmx.get('DISPLAYNAME')).toBe('two');
  expect([...vmx.keys()]).toEqual(['displayname']);
});

it('keeps an equals sign and quotes inside of a value', () => {
  expect(parse('a = "x=\'1\' "y""').get('a')).toBe('x=\'1\' "y"');
});

it('takes an empty value for an absent one', () => {
  expect(parse('a = ""\nb = "1"').get('a')).toBeUndefined();
});

it.each([
  ['TRUE', true],
  ['true', true],
  ['FALSE', false],
  ['yes', undefined],
  ['', undefined],
  ['constructor', undefined],
  ['__proto__', undefined],
])('takes the flag %j for %s', (value, flag) => {
  expect(parse(`a = "${value}"\nb = "1"`).flag('a')).toBe(flag);
});

it.each([
  ['4096', 4096],
  ['0', 0],
  ['007', 7],
  ['-1', undefined],
  ['4 GB', undefined],
  ['1e9', undefined],
  ['0x10', undefined],
  ['9999999999', undefined],
  ['', undefined],
])('takes the number %j for %s', (value, number) => {
  expect(parse(`a = "${value}"\nb = "1"`).number('a')).toBe(number);
});

it.each([
  ['nothing', ''],
  ['text', 'hello, world\n'],
  ['comments', '# a = "1"\n'],
  ['lines without a key', '= "1"\n="2"'],
])('refuses a file that holds %s', (_what, text) => {
  expect(() => parse(text)).toThrow('it holds no settings.');
});

it('refuses a line of 100 MB, a file of 17 MB and a million lines, and says where', () => {
  expect(() => parse(Buffer.alloc(100_000_000, 'x'))).toThrow('100000000 bytes');
  expect(() => parse(Buffer.alloc(17 * 1024 * 1024, 'a = "1"\n'))).toThrow('17825792 bytes');
  const line = `b = "1"\na = "${'x'.repeat(2_000_000)}"`;
  expect(() => parse(line)).toThrow('a line of 2000006 bytes at offset 8');
  const many = Array.from({ length: 1_000_000 }, (_, index) => `a${index}=`).join('\n');
  expect(() => parse(many)).toThrow('more than 100000 lines');
});

it('reads the longest line, and 64 KiB of empty lines', () => {
  const long = `a = "${'x'.repeat(500_000)}|0A${'="'.repeat(200_000)}"`;
  expect(parse(`${long}\n${'\n'.repeat(64 * 1024)}${' '.repeat(64 * 1024)}\nb = "1"`).get('b')).toBe('1');
});

it('makes settings of any bytes, or says source.invalid', () => {
  const pieces = fc.constantFrom(
    'a',
    '=',
    '"',
    '|',
    '|0A',
    '\n',
    '\r',
    '#',
    '.encoding = "',
    'GBK',
    '\0',
    'é',
    ' ',
  );
  const text = fc.array(pieces, { maxLength: 40 }).map((all) => Buffer.from(all.join('')));
  const bytes = fc.tuple(text, fc.uint8Array({ maxLength: 20 })).map((both) => Buffer.concat(both));
  const property = fc.property(bytes, (content) => {
    try {
      for (const key of parseSettings(content, 'x.vmx').keys()) expect(key).toBe(key.trim().toLowerCase());
    } catch (error) {
      expect(error).toMatchObject({ code: 'source.invalid' });
    }
  });
  fc.assert(property, { numRuns: 1000 });
});
