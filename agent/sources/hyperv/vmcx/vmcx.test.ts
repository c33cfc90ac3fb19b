import fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { AscendError } from '../../../../proto/errors.ts';
import type { Key } from '../configuration/key.ts';
import { InFile, seal, writeHeader, writeLog, writeObject, writeVmcx, type PlainNode } from './fixtures.ts';
import { readVmcx } from './vmcx.ts';

const small = { configuration: { properties: { name: 'web01', version: 2304n }, settings: { on: true } } };

/** Bytes as in the decoded samples; numbers as JSON has them. */
function plain(key: Key): unknown {
  if (Buffer.isBuffer(key.value)) return { $bytes_base64: key.value.toString('base64') };
  if (typeof key.value === 'bigint') return Number(key.value);
  return key.value ?? Object.fromEntries(key.children.map((child) => [child.name, plain(child)]));
}

function read(content: Buffer): unknown {
  return Object.fromEntries(readVmcx(content, 'vm.vmcx').roots.map((root) => [root.name, plain(root)]));
}

/** The offset and the words with which a file is refused. */
function refusal(content: Buffer): { offset: unknown; message: string } {
  try {
    readVmcx(content, 'vm.vmcx');
  } catch (error) {
    if (!(error instanceof AscendError)) throw error;
    expect(error.code).toBe('source.invalid');
    return { offset: error.context.offset, message: error.message };
  }
  throw new Error('The file was read.');
}

describe('a VMCX file', () => {
  it('holds keys of every type, over as many tables as they need', () => {
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`_${index}_`, { MacAddress: `00-15-5D-00-00-${index}` }]),
    );
    const { content } = writeVmcx({
      configuration: {
        ...many,
        properties: { name: 'Web 01 – größer', count: -5n, share: 0.5, on: true, off: false, empty: '' },
        data: Buffer.from([1, 2, 3]),
      },
    });
    expect(content.readUInt16LE(0x4002), 'a second key table').toBe(2);
    expect(read(content)).toEqual({
      configuration: {
        ...many,
        properties: { name: 'Web 01 – größer', count: -5, share: 0.5, on: true, off: false, empty: '' },
        data: { $bytes_base64: 'AQID' },
      },
    });
  });

  it('is read by the later of its two headers, also when the number begins again at 0', () => {
    for (const [first, second] of [
      [7, 8],
      [0xffff, 0],
    ] as const) {
      const { content, logOffset } = writeVmcx(small);
      writeHeader(content, 0x0000, first, 0x7fff0000);
      writeHeader(content, 0x1000, second, logOffset);
      expect(read(content)).toMatchObject({ configuration: { properties: { name: 'web01' } } });
    }
  });

  it('is read when a crash spoilt one header, and refused when both are', () => {
    const { content } = writeVmcx(small);
    content.writeUInt8(0xff, 0x20);
    expect(read(content)).toMatchObject({ configuration: { settings: { on: true } } });
    content.writeUInt8(0xff, 0x1020);
    expect(refusal(content)).toMatchObject({ offset: 0, message: /neither of the two headers/ });
  });

  it('takes the later one of two tables with one index', () => {
    const { content } = writeVmcx(small);
    const table = Buffer.from(content.subarray(0x3000, 0x4000));
    table.writeUInt16LE(2, 4);
    seal(table, 0, 10, 6);
    const name = table.indexOf(Buffer.from('web01', 'utf16le'));
    Buffer.from('web02', 'utf16le').copy(table, name);
    const key = name - 4 - 5 - 21;
    seal(table, key, 21 + 5 + 4 + 10, 12);
    const both = Buffer.concat([content, table]);
    writeObject(both, 1, 2, content.length);
    expect(read(both)).toMatchObject({ configuration: { properties: { name: 'web02' } } });
  });

  it('says how many changes were logged and not yet made', () => {
    const { content, logOffset } = writeVmcx(small);
    expect(readVmcx(content, 'vm.vmcx').pendingChanges).toBe(0);
    writeLog(content, logOffset, 3);
    expect(readVmcx(content, 'vm.vmcx').pendingChanges).toBe(3);
  });

  it('reads a long value from the file object that its key names', () => {
    const { content } = writeVmcx({ configuration: { notes: new InFile('long'), name: 'x' } });
    expect(read(content)).toEqual({ configuration: { notes: 'long', name: 'x' } });
  });

  it('leaves out a long value whose file object is not there', () => {
    const { content, keys } = writeVmcx({ configuration: { notes: new InFile('long') } });
    content.writeBigUInt64LE(0x123456789abcn, keys.get('configuration/notes')! + 21 + 6 + 4);
    expect(read(content)).toEqual({ configuration: { notes: {} } });
  });
});

describe('a damaged VMCX file is refused with the place', () => {
  it.each<
    [string, (content: Buffer, keys: Map<string, number>, log: number) => Buffer, number | undefined, RegExp]
  >([
    ['cut off in the header', (content) => content.subarray(0, 40), 0, /neither of the two headers/],
    ['cut off in the object table', (content) => content.subarray(0, 0x2100), undefined, /beyond the end/],
    [
      'of an unknown version',
      (content, _keys, log) => {
        for (const at of [0, 0x1000]) {
          writeHeader(content, at, 1, log);
          content.writeUInt32LE(0x0300, at + 10);
          seal(content, at, 46, 4);
        }
        return content;
      },
      10,
      /unknown version 0x300/,
    ],
    [
      'whose replay log is far away',
      (content) => {
        writeHeader(content, 0, 9, 2 ** 40);
        return content;
      },
      26,
      /replay log lies beyond/,
    ],
    [
      'with no replay log where it should be',
      (content) => {
        writeHeader(content, 0, 9, 0x2800);
        seal(content, 0x2800, 34, 4);
        return content;
      },
      0x2800,
      /no replay log/,
    ],
    [
      'whose object table is none',
      (content) => {
        content.writeUInt32LE(7, 0x2000);
        return content;
      },
      0x2000,
      /no object table/,
    ],
    [
      'with more objects than there is file',
      (content) => {
        content.writeUInt32LE(0xffffffff, 0x2004);
        return content;
      },
      0x2000,
      /more than 100000 objects/,
    ],
    [
      'whose key table is far away',
      (content) => {
        writeObject(content, 0, 2, 0xfffff000);
        return content;
      },
      0x2008,
      /object lies beyond/,
    ],
    [
      'whose key table is no key table',
      (content) => {
        content.writeUInt16LE(7, 0x3000);
        seal(content, 0x3000, 10, 6);
        return content;
      },
      0x3000,
      /no key table/,
    ],
    [
      'whose object tables lead in a circle',
      (content) => {
        writeObject(content, 1, 1, 0x2000);
        return content;
      },
      0x2008 + 18,
      /object tables lead in a circle/,
    ],
    [
      'whose objects lie on top of each other',
      (content) => {
        for (let index = 1; index < 20; index++) writeObject(content, index, 3, 0x3000);
        return content;
      },
      0x3000,
      /on top of each other/,
    ],
    [
      'with a changed value',
      (content, keys) => {
        content.writeUInt8(0x40, keys.get('configuration/properties/name')! + 21 + 5 + 4);
        return content;
      },
      undefined,
      /checksum of a key/,
    ],
    [
      'with a key of no length',
      (content, keys) => {
        content.writeUInt32LE(0, keys.get('configuration/properties')! + 2);
        return content;
      },
      undefined,
      /a key of 0 bytes/,
    ],
    [
      'with a key longer than its table',
      (content, keys) => {
        content.writeUInt32LE(0xffffffff, keys.get('configuration/properties')! + 2);
        return content;
      },
      undefined,
      /a key of 4294967295 bytes/,
    ],
    [
      'with a key of an unknown type',
      (content, keys) => {
        content.writeUInt8(77, keys.get('configuration/properties'));
        return content;
      },
      undefined,
      /unknown type 77/,
    ],
    [
      'with a name longer than the key',
      (content, keys) => {
        content.writeUInt8(255, keys.get('configuration/properties')! + 20);
        return content;
      },
      undefined,
      /name of a key is longer/,
    ],
    [
      'with a string longer than the key',
      (content, keys) => {
        content.writeUInt32LE(0x7fffffff, keys.get('configuration/properties/name')! + 21 + 5);
        return content;
      },
      undefined,
      /value of a key is longer/,
    ],
    [
      'with a key that hangs on nothing',
      (content, keys) => {
        const at = keys.get('configuration/settings')!;
        content.writeUInt32LE(0xfff0, at + 8);
        seal(content, at, 21 + 9 + 12, 12);
        return content;
      },
      undefined,
      /"settings" hangs on no other key/,
    ],
    [
      'with a key that hangs on itself',
      (content, keys) => {
        const at = keys.get('configuration/settings')!;
        content.writeUInt32LE(at - 0x3000, at + 8);
        seal(content, at, 21 + 9 + 12, 12);
        return content;
      },
      0,
      /lead in a circle/,
    ],
  ])('%s', (_what, spoil, offset, why) => {
    const { content, keys, logOffset } = writeVmcx(small);
    const found = refusal(spoil(content, keys, logOffset));
    expect(found.message).toMatch(why);
    expect(found.message).toMatch(/^vm\.vmcx, offset 0x/);
    expect(found.offset).toBe(offset ?? found.offset);
  });

  it.each([
    ['an entry of the object table', 0x2008 + 6],
    ['the header of a key table', 0x3004],
    ['the replay log', 0x4009],
  ])('with a byte changed in %s', (what, at) => {
    const { content, logOffset } = writeVmcx(small);
    expect(logOffset).toBe(0x4000);
    content.writeUInt8(content.readUInt8(at) ^ 1, at);
    expect(refusal(content).message).toContain(`the checksum of ${what} does not match`);
  });

  it('with keys nested without end', () => {
    let deep: PlainNode = {};
    for (let depth = 0; depth < 200; depth++) deep = { a: deep };
    expect(refusal(writeVmcx(deep).content).message).toMatch(/nested more than 64 deep/);
  });

  it('and whatever else is wrong with it, nothing but that', () => {
    const good = writeVmcx(small).content;
    const interesting = good.subarray(0, 0x3200);
    const change = fc.record({
      at: fc.nat(interesting.length - 1),
      byte: fc.nat(255),
      resealed: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.nat(good.length),
        (changes, length) => {
          const content = Buffer.from(good);
          for (const { at, byte, resealed } of changes) {
            content.writeUInt8(byte, at);
            if (resealed) resealAround(content, at);
          }
          onlyRefused(length % 3 === 0 ? content.subarray(0, length) : content);
        },
      ),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => onlyRefused(Buffer.from(bytes))),
      { numRuns: 100 },
    );
  });
});

/** So that changes get past the checksums. */
function resealAround(content: Buffer, at: number): void {
  if (at < 46) seal(content, 0, 46, 4);
  else if (at >= 0x2008 && at < 0x2008 + 227 * 18) {
    seal(content, at - ((at - 0x2008) % 18), 18, 1);
  } else if (at >= 0x3000 && at < 0x300a) seal(content, 0x3000, 10, 6);
}

function onlyRefused(content: Buffer): void {
  try {
    readVmcx(content, 'vm.vmcx');
  } catch (error) {
    if (!(error instanceof AscendError)) throw error;
  }
}

/** Real files and what another project's decoder says of them; they lie beside the checkout, if at all. */
const SAMPLES = fileURLToPath(new URL('../../../../../shared/samples/hyperv', import.meta.url));

describe.runIf(existsSync(SAMPLES))('a real VMCX file', () => {
  it.each(['gen1-ws2019-v9.vmcx', 'gen2-ws2019-v9.vmcx'])('%s is decoded as others decode it', (name) => {
    const decoded: unknown = JSON.parse(readFileSync(path.join(SAMPLES, `${name}.decoded.json`), 'utf8'));
    expect(read(readFileSync(path.join(SAMPLES, name)))).toEqual(decoded);
  });
});
