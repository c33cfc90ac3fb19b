import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from './config.ts';
import { startController } from './controller.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ascend-https-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const log = pino({ level: 'silent' });
const inside = { link: '127.0.0.1:0', enrol: '127.0.0.1:0' };

test('on an address that others reach, the API speaks TLS with a certificate of our CA', async () => {
  const config = await loadConfig(undefined, { data: dir, listen: '0.0.0.0:0', ...inside });
  await using controller = await startController(config, { log });
  expect(controller.url).toMatch(/^https:\/\/localhost:\d+$/);
  const socket = connect({
    port: Number(new URL(controller.url).port),
    ca: await readFile(join(dir, 'authority/ca.pem')),
    // Which names are in the certificate is up to the CA.
    checkServerIdentity: () => undefined,
  });
  await once(socket, 'secureConnect');
  expect(socket.authorized).toBe(true);
  socket.destroy();
});

test('on loopback it speaks plain HTTP', async () => {
  const config = await loadConfig(undefined, { data: dir, listen: '127.0.0.1:0', ...inside });
  await using controller = await startController(config, { log });
  expect(await (await fetch(`${controller.url}/healthz`)).json()).toEqual({ ok: true });
});

test('a port that is taken is said so', async () => {
  const config = await loadConfig(undefined, { data: dir, listen: '127.0.0.1:0', ...inside });
  await using controller = await startController(config, { log });
  const listen = new URL(controller.url).host;
  const other = await loadConfig(undefined, { data: join(dir, 'other'), listen, ...inside });
  await expect(startController(other, { log })).rejects.toMatchObject({
    code: 'config.invalid',
    context: { address: listen },
  });
});
