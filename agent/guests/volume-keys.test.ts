import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readVolumeKeys } from './volume-keys.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ascend-keys-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function keyFile(name: string, content: string | Buffer, mode = 0o600): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  await chmod(file, mode);
  return file;
}

it.each([
  ['a passphrase without an end of line', 'correct horse', ['correct horse']],
  [
    'a line: the passphrase, or the bytes with their end of line',
    'correct horse\n',
    ['correct horse', 'file'],
  ],
  ['a line of another editor', 'Grüße\r\n', ['Grüße', 'file']],
  ['bytes with a zero', Buffer.from([1, 0, 2]), ['file']],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x41]), ['file']],
  ['several lines', 'one\ntwo\n', ['file']],
  ['more than a passphrase may be', 'x'.repeat(513), ['file']],
  ['an end of line alone', '\n', ['file']],
])('takes %s', async (name, content, expected) => {
  const keys = await readVolumeKeys([await keyFile(name.replaceAll(/\W/g, '-'), content)]);
  expect(keys.map((key) => (key.kind === 'file' ? 'file' : key.text))).toEqual(expected);
});

it('refuses a file that others may read, and says how to mend it', async () => {
  const file = await keyFile('open', 'secret', 0o640);
  await expect(readVolumeKeys([file])).rejects.toMatchObject({
    code: 'usage.invalid',
    message: `The key file ${file} may be read by others (mode 0640).`,
    hint: `Keep it to yourself: chmod 600 ${file}`,
  });
});

it('refuses what cannot be a key, without waiting for it', async () => {
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', ['-m', '600', pipe]);
  await expect(readVolumeKeys([pipe])).rejects.toThrow('is not a file');
  await expect(readVolumeKeys([folder])).rejects.toThrow('is not a file');
  await expect(readVolumeKeys([path.join(folder, 'absent')])).rejects.toThrow('cannot be read');
  await expect(readVolumeKeys([await keyFile('empty', '')])).rejects.toThrow('is empty');
  const many = Array.from({ length: 17 }, () => pipe);
  await expect(readVolumeKeys(many)).rejects.toThrow('More than 16 files');
});

it('says nothing of what is in a file', async () => {
  const file = await keyFile('told', 'secret words', 0o644);
  const error: unknown = await readVolumeKeys([file]).catch((caught: unknown) => caught);
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret words');
});
