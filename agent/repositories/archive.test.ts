import { execFileSync } from 'node:child_process';
import { mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AscendError } from '../../proto/errors.ts';
import type { RangeReader } from '../disks/range-reader.ts';
import { openBackup } from './open.ts';
import { isTarHeader, readTableOfContents } from './tar.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'ascend-archive-'))));
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string) => path.join(folder, name);
const tar = (...args: string[]) => execFileSync('tar', args, { cwd: folder });

function memory(content: Buffer): RangeReader {
  return {
    sizeBytes: content.length,
    read: (offset, length) => Promise.resolve(content.subarray(offset, offset + length)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const contentsOf = async (name: string) => readTableOfContents(memory(await readFile(at(name))), name);

/** A header as anybody could write it. */
function header(name: string, options: { size?: number; type?: string; sizeField?: string } = {}) {
  const { size = 0, type = '0' } = options;
  const sizeField = options.sizeField ?? `${size.toString(8).padStart(11, '0')}\0`;
  const block = Buffer.alloc(512);
  block.write(name, 0, 100);
  block.write('0000644\0', 100);
  block.write(sizeField, 124, 12, 'latin1');
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write(type, 156);
  block.write('ustar\0', 257);
  block.write('00', 263);
  const sum = [...block].reduce((total, byte) => total + byte, 0);
  block.write(sum.toString(8).padStart(6, '0') + '\0 ', 148);
  return block;
}

const member = (name: string, text: string) =>
  Buffer.concat([header(name, { size: text.length }), Buffer.from(text.padEnd(512, '\0'))]);
const END = Buffer.alloc(1024);

it.each(['ustar', 'pax', 'gnu', 'oldgnu'])(
  'reads what tar writes as %s, a long name included',
  async (format) => {
    const long = `${'d'.repeat(60)}/${'n'.repeat(format === 'ustar' ? 90 : 120)}.vmdk`;
    execFileSync('mkdir', ['-p', path.dirname(at(long))]);
    await writeFile(at('web01.ovf'), '<Envelope/>');
    await writeFile(at(long), 'x'.repeat(1000));
    tar('--format', format, '-cf', 'web01.ova', 'web01.ovf', path.dirname(long));
    const { members, findings } = await contentsOf('web01.ova');
    expect(findings).toEqual([]);
    expect(members.map(({ path: name, sizeBytes }) => [name, sizeBytes])).toEqual([
      ['web01.ovf', 11],
      [long, 1000],
    ]);
  },
);

it('opens members in place, whatever the archive is called', async () => {
  await writeFile(at('web01.ovf'), '<Envelope/>');
  await writeFile(at('disk1.vmdk'), 'sparse');
  tar('-cf', 'backup.bin', 'web01.ovf', 'disk1.vmdk');
  await using backup = await openBackup(at('backup.bin'), () => undefined);
  expect((await backup.files.list()).files.map(({ path: name }) => name)).toEqual([
    'disk1.vmdk',
    'web01.ovf',
  ]);
  await using reader = await backup.files.open('disk1.vmdk');
  expect((await reader.read(2, 100)).toString()).toBe('arse');
  expect((await reader.read(6, 100)).toString()).toBe('');
  const place = await backup.files.place('disk1.vmdk');
  await using file = await open(place?.file ?? '', 'r');
  const { buffer } = await file.read(Buffer.alloc(6), 0, 6, place?.offset ?? 0);
  expect(buffer.toString()).toBe('sparse');
  await expect(backup.files.open('gone')).rejects.toMatchObject({ problem: 'missing' });
});

it('knows sizes beyond what octal digits can say', async () => {
  const binary = Buffer.alloc(12);
  binary[0] = 0x80;
  binary.writeUInt32BE(2, 4);
  const size = 2 * 2 ** 32;
  const head = header('big.img', { sizeField: binary.toString('latin1') });
  const archive: RangeReader = {
    ...memory(head),
    sizeBytes: size + 2048,
    read: (offset, length) =>
      Promise.resolve(offset < 512 ? head.subarray(offset, offset + length) : Buffer.alloc(length)),
  };
  const { members } = await readTableOfContents(archive, 'big.ova');
  expect(members).toMatchObject([{ path: 'big.img', sizeBytes: size }]);
});

it.each([
  ['leads out', member('../evil.vmdk', 'x'), 'archive.path-outside'],
  ['is absolute', member('/etc/shadow', 'x'), 'archive.path-outside'],
  ['holds a control character', member('a\x1b[2J.vmdk', 'x'), 'archive.path-outside'],
  ['is a symbolic link', header('disk.vmdk', { type: '2' }), 'archive.link'],
  ['is a hard link', header('disk.vmdk', { type: '1' }), 'archive.link'],
  ['is a device', header('disk.vmdk', { type: '4' }), 'archive.not-a-file'],
  ['is there twice', Buffer.concat([member('a.ovf', '1'), member('a.ovf', '2')]), 'archive.duplicate'],
  ['is larger than the archive', header('disk.vmdk', { size: 4096 }), 'archive.truncated'],
])('blocks a member that %s', async (_what, content, code) => {
  const { members, findings } = await readTableOfContents(memory(Buffer.concat([content, END])), 'x.ova');
  expect(findings.map((finding) => [finding.code, finding.severity])).toEqual([[code, 3]]);
  expect(members.length).toBeLessThan(2);
});

it('refuses a header whose checksum is wrong, and says where', async () => {
  const broken = Buffer.concat([member('a.ovf', '1'), header('b.vmdk').fill(0x41, 0, 5), END]);
  await expect(readTableOfContents(memory(broken), 'x.ova')).rejects.toThrow(
    'x.ova: not a tar header: its checksum is wrong (offset 1024).',
  );
});

it('refuses an archive of endless members', async () => {
  const one = header('a/', { type: '5' });
  const endless: RangeReader = {
    ...memory(one),
    sizeBytes: Number.MAX_SAFE_INTEGER,
    read: () => Promise.resolve(one),
  };
  await expect(readTableOfContents(endless, 'x.ova')).rejects.toThrow('more than 10000 members');
});

it('passes over a link in a folder, and says so', async () => {
  await writeFile(at('real.vmx'), 'x');
  await symlink('/etc/passwd', at('linked.vmx'));
  await using backup = await openBackup(folder, () => undefined);
  const { files, findings } = await backup.files.list();
  expect(files.map(({ path: name }) => name)).toEqual(['real.vmx']);
  expect(findings).toMatchObject([{ code: 'backup.file-passed-over', subject: 'linked.vmx' }]);
});

it('gives a table of contents or an error of its own for any mutation', async () => {
  const good = Buffer.concat([
    header('x', { type: 'x', size: 20 }),
    Buffer.from('20 path=a/long.vmdk\n'.padEnd(512, '\0')),
    member('a.ovf', '1'),
    END,
  ]);
  expect(isTarHeader(good)).toBe(true);
  const mutation = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(mutation, fc.nat(good.length), async (changes, length) => {
      const bytes = Buffer.from(good.subarray(0, length));
      for (const [offset, value] of changes) if (offset < bytes.length) bytes[offset] = value;
      await readTableOfContents(memory(bytes), 'x.ova').catch((error: unknown) =>
        expect(error).toBeInstanceOf(AscendError),
      );
    }),
  );
});
