import { execa } from 'execa';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../testing/temporary-folder.ts';
import { CpioReader, writeCpio, type CpioEntry } from './cpio.ts';

const DIRECTORIES = ['lib', 'lib/modules'];
const FILES: [string, Buffer][] = [
  // Names and contents of every length modulo four.
  ['lib/a', Buffer.from('')],
  ['lib/ab', Buffer.from('1')],
  ['lib/abc', Buffer.from('12')],
  ['lib/abcd', Buffer.from('123')],
  ['lib/modules/ünï', Buffer.from('1234')],
  ['lib/modules/zeros', Buffer.alloc(33)],
];
const archive = writeCpio(DIRECTORIES, FILES);

function readAll(chunks: Iterable<Buffer>, wanted: (name: string) => boolean = () => true): CpioEntry[] {
  const entries: CpioEntry[] = [];
  const reader = new CpioReader(wanted, (entry) => void entries.push(entry));
  for (const chunk of chunks) reader.push(chunk);
  return entries;
}

const expected = [
  ...DIRECTORIES.map((name) => ({ name, kind: 'directory', content: Buffer.alloc(0) })),
  ...FILES.map(([name, content]) => ({ name, kind: 'file', content })),
];

it('reads back what it writes', () => {
  expect(readAll([archive])).toEqual(expected);
});

it('reads a stream that is cut at any byte, or at every byte', () => {
  for (let cut = 0; cut <= archive.length; cut += 1) {
    expect(readAll([archive.subarray(0, cut), archive.subarray(cut)]), `cut at ${cut}`).toEqual(expected);
  }
  expect(readAll(Array.from(archive, (byte) => Buffer.from([byte])))).toEqual(expected);
});

it('passes over the data that nobody wants, wherever it is cut', () => {
  const names = expected.map(({ name }) => name);
  for (let size = 1; size < 300; size += 7) {
    const chunks = Array.from({ length: Math.ceil(archive.length / size) }, (_, index) =>
      archive.subarray(index * size, (index + 1) * size),
    );
    const entries = readAll(chunks, () => false);
    expect(entries.map(({ name }) => name)).toEqual(names);
    expect(entries.every(({ content }) => content === undefined)).toBe(true);
  }
});

it('reads several archives with zeros between them', () => {
  const two = [archive, Buffer.alloc(512), writeCpio([], [['second', Buffer.from('x')]]), Buffer.alloc(3)];
  expect(readAll(two).at(-1)).toEqual({ name: 'second', kind: 'file', content: Buffer.from('x') });
});

it('writes what cpio itself reads', async () => {
  const listed = await execa('cpio', ['-tv', '--quiet'], { input: archive });
  const lines = listed.stdout.split('\n').map((line) => line.replace(/ +/g, ' '));
  const line = (mode: string, size: number, name: string) =>
    expect.stringMatching(new RegExp(`^${mode} 1 root root ${size} .* ${listedName(name)}$`)) as unknown;
  expect(lines).toEqual([
    ...DIRECTORIES.map((name) => line('drwxr-xr-x', 0, name)),
    ...FILES.map(([name, { length }]) => line('-rw-r--r--', length, name)),
  ]);
});

/** cpio -t escapes what is not ASCII. */
const listedName = (name: string) => name.replace(/[^\x20-\x7e]/g, '.+');

it('reads what cpio itself writes: links, ".." names, devices', async () => {
  const script = `mkdir -p usr/lib && ln -s usr/lib lib && echo hi > usr/lib/f && mkfifo p
    find . | sort | cpio -o -H newc --quiet`;
  const cwd = await temporaryFolder('cpio');
  const { stdout } = await execa('sh', ['-c', script], { encoding: 'buffer', cwd });
  expect(readAll([Buffer.from(stdout)]).filter(({ name }) => !['', '.'].includes(name))).toEqual([
    { name: 'lib', kind: 'symlink', content: Buffer.from('usr/lib') },
    { name: 'p', kind: 'file', content: Buffer.alloc(0) },
    { name: 'usr', kind: 'directory', content: Buffer.alloc(0) },
    { name: 'usr/lib', kind: 'directory', content: Buffer.alloc(0) },
    { name: 'usr/lib/f', kind: 'file', content: Buffer.from('hi\n') },
  ]);
});

/** A header with one field (eight hex digits at an offset) changed. */
function withField(offset: number, value: string): Buffer {
  const bytes = Buffer.from(writeCpio([], [['a', Buffer.from('xy')]]));
  bytes.write(value, offset, 'latin1');
  return bytes;
}

it.each([
  ['another magic', 0, '070707'],
  ['a magic of nothing', 0, 'ELF...'],
  ['a name of no bytes', 94, '00000000'],
  ['a name of 4 GiB', 94, 'ffffffff'],
  ['a size that is no number', 54, '0000000g'],
  ['a size with a sign', 54, '-0000001'],
  ['a mode that is no number', 14, '   00000'],
])('refuses a header with %s', (_what, offset, value) => {
  expect(() => readAll([withField(offset, value)])).toThrow(
    expect.objectContaining({ code: 'guest.unsupported' }),
  );
});

it('keeps nothing in memory of a file that claims 4 GiB, though it is wanted', () => {
  const [entry] = readAll([withField(54, 'ffffffff'), Buffer.alloc(1024 * 1024)]);
  expect(entry).toEqual({ name: 'a', kind: 'file', content: undefined });
});

it('strips roots from names, and keeps the rest as it is', () => {
  const names = ['/etc/passwd', './etc/x', './/etc/y', '../etc/z'];
  const hostile = writeCpio(
    [],
    names.map((name): [string, Buffer] => [name, Buffer.alloc(0)]),
  );
  expect(readAll([hostile]).map(({ name }) => name)).toEqual(['etc/passwd', 'etc/x', 'etc/y', '../etc/z']);
});
