import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig, usesTls } from './config.ts';

test('flags win over the file, and what is in neither has its default', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ascend-config-'));
  const file = join(dir, 'config.json');
  await writeFile(file, JSON.stringify({ data: '/from/file', link: '127.0.0.1:1' }));
  const config = await loadConfig(file, { link: '127.0.0.1:2', listen: undefined });
  await rm(dir, { recursive: true });
  expect(config).toMatchObject({
    data: '/from/file',
    link: { host: '127.0.0.1', port: 2 },
    listen: { host: '127.0.0.1', port: 8440 },
  });
});

test.each([
  ['127.0.0.1:8440', false],
  ['localhost:8440', false],
  ['[::1]:8440', false],
  ['192.0.2.1:8440', true],
  ['0.0.0.0:8440', true],
  ['127.evil.test:8440', true],
])('on %s TLS is used: %s', async (listen, tls) => {
  expect(usesTls(await loadConfig(undefined, { data: '/d', listen }))).toBe(tls);
});

test.each([
  [{}, /data/],
  [{ data: '/d', listen: 'here' }, /listen: not HOST:PORT/],
  [{ data: '/d', listen: '127.0.0.1:99999' }, /listen/],
  [{ data: '/d', tlsKeyFile: '/k' }, /belong together/],
  [{ data: '/d', link: '0.0.0.0:8441' }, /publicHost/],
  [{ data: '/d', colour: 'red' }, /colour/],
])('%j is refused', async (flags: Record<string, string>, message) => {
  await expect(loadConfig(undefined, flags)).rejects.toMatchObject({
    code: 'config.invalid',
    message: expect.stringMatching(message) as string,
  });
});
