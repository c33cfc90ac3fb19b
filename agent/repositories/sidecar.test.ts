import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlainPath } from './plain-path.ts';
import { isSidecar, MAX_SIDECAR_BYTES, readSidecar } from './sidecar.ts';

const SHA1 = 'a'.repeat(40);
const SHA256 = 'b'.repeat(64);
const SHA512 = 'c'.repeat(128);

const read = (file: string, text: string) => readSidecar(file, Buffer.from(text));
const pairs = (file: string, text: string) =>
  read(file, text).checksums.map(({ path, algorithm, digest }) => [path, algorithm, digest]);

it.each([
  ['the manifest of an OVF', 'web01.mf', `SHA256(web01.ovf)= ${SHA256}\n`, 'web01.ovf', 'sha256', SHA256],
  ['an old one', 'web01.mf', `SHA1(web01.ovf)= ${SHA1}\r\n`, 'web01.ovf', 'sha1', SHA1],
  ['the longest one', 'web01.mf', `SHA512(web01.ovf)= ${SHA512}`, 'web01.ovf', 'sha512', SHA512],
  [
    'a name with brackets',
    'web01.mf',
    `SHA256(web (1)= x).vmdk)= ${SHA256}`,
    'web (1)= x).vmdk',
    'sha256',
    SHA256,
  ],
  ['the form of BSD', 'd.sha256', `SHA256 (d.raw) = ${SHA256}`, 'd.raw', 'sha256', SHA256],
  ['sha256sum', 'SHA256SUMS', `${SHA256}  d 1.raw\n`, 'd 1.raw', 'sha256', SHA256],
  ['its binary mode', 'sha256sum.txt', `${SHA256.toUpperCase()} *d.raw\n`, 'd.raw', 'sha256', SHA256],
  ['find', 'SHA1SUMS', `${SHA1}  ./disks/d.raw\n`, 'disks/d.raw', 'sha1', SHA1],
  ['a bare digest', 'disks/d.raw.sha256', `${SHA256}\n`, 'disks/d.raw', 'sha256', SHA256],
  ['a folder', 'point/SHA512SUMS', `${SHA512}  d.raw\n`, 'point/d.raw', 'sha512', SHA512],
  ['the path at the source', 'd.raw.sha256sum', `${SHA256}  /var/backups/d.raw\n`, 'd.raw', 'sha256', SHA256],
  ['UTF-16 of Windows', 'd.raw.sha256', `\ufeff${SHA256}  d.raw\n`, 'd.raw', 'sha256', SHA256],
])('reads %s', (_, file, text, ...expected) => {
  expect(pairs(file, text)).toEqual([expected]);
  expect(isSidecar(file)).toBe(true);
  expect(read(file, text).findings).toEqual([]);
});

it('reads UTF-16', () => {
  const content = Buffer.from(`\ufeff${SHA256}  d.raw\r\n`, 'utf16le');
  expect(readSidecar('d.raw.sha256', content).checksums).toHaveLength(1);
});

it.each(['web01.vmx', 'sha256', 'disk.mf.vmdk', '.sha256', 'checksums.txt'])(
  '%s is no list of checksums',
  (name) => {
    expect(isSidecar(name)).toBe(false);
  },
);

it.each([
  `${SHA256}  ../../etc/passwd`,
  `${SHA256}  /etc/passwd`,
  `${SHA256}  a/../../b`,
  `${SHA256}  a\\b`,
  `\\${SHA256}  a\\nb`,
  `SHA1(web01.ovf)= ${SHA256}`,
  SHA256,
  `${SHA256.slice(1)}  short.raw`,
  'MD5(web01.ovf)= d41d8cd98f00b204e9800998ecf8427e',
  `${SHA256}  ${'x'.repeat(3000)}`,
])('does not take the line %s, and says which line it is', (line) => {
  const { checksums, findings } = read('SHA256SUMS', `# list\n\n${line}\n${SHA256}  good.raw\n`);
  expect(checksums.map(({ path }) => path)).toEqual(['good.raw']);
  expect(findings.map(({ code, message }) => [code, /\(line (\d+)\)/.exec(message)?.[1]])).toEqual([
    ['backup.checksums-unusable', '3'],
  ]);
});

describe('refuses', () => {
  it.each([
    ['an empty list', '', 'holds no checksum'],
    ['one without any that can be used', 'hello\n', 'holds no checksum'],
    ['one with too many lines', '\n'.repeat(60_000), 'more than 50000 lines'],
    ['one that is too long', 'x'.repeat(MAX_SIDECAR_BYTES + 1), 'bytes long'],
  ])('%s', (_, text, why) => {
    const { checksums, findings } = read('a.mf', text);
    expect(checksums).toEqual([]);
    expect(findings[0]?.message).toContain(why);
  });
});

it('gives paths inside the backup and whole digests, whatever the file holds', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .tuple(fc.constantFrom(SHA1, SHA256, SHA512, 'x'), fc.constantFrom('  ', ' *', ' '), fc.string())
      .map((parts) => parts.join('')),
    fc
      .tuple(
        fc.constantFrom('SHA1', 'SHA256', 'sha512', 'MD5'),
        fc.string(),
        fc.constantFrom(SHA1, SHA256, SHA512),
      )
      .map(([tag, name, digest]) => `${tag}(${name})= ${digest}`),
  );
  const name = fc.constantFrom('a.mf', 'x/d.raw.sha256', 'SHA256SUMS');
  fc.assert(
    fc.property(name, fc.array(line), (file, lines) => {
      for (const { path, digest } of read(file, lines.join('\n')).checksums) {
        expect(isPlainPath(path)).toBe(true);
        expect(digest).toMatch(/^(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/);
      }
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      const { checksums, findings } = readSidecar('a.mf', Buffer.from(bytes));
      expect(checksums.length + findings.length).toBeGreaterThan(0);
    }),
  );
});
