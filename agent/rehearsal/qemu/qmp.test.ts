/** Against a peer that says what QEMU says, word by word. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { expectConnection, type Expected } from './connection.ts';
import { openQmp, type QmpEvent } from './qmp.ts';

const GREETING =
  '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "capabilities": ["oob"]}}\r\n';

let folder: string;
let expected: Expected;
let peer: Socket;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qmp-'));
  expected = await expectConnection(path.join(folder, 'qmp.sock'));
  peer = connect(expected.path);
  await once(peer, 'connect');
});

afterEach(async () => {
  peer.destroy();
  await expected[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A peer that answers each command by what `answer` makes of it; undefined: not at all. */
function script(answer: (command: string, id: number) => string | undefined): void {
  peer.write(GREETING);
  let rest = '';
  peer.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { execute, id } = JSON.parse(line) as { execute: string; id: number };
      const said = execute === 'qmp_capabilities' ? `{"return": {}, "id": ${id}}` : answer(execute, id);
      if (said !== undefined) peer.write(`${said}\r\n`);
    }
  });
}

async function open(events: QmpEvent[] = [], limitMs?: number) {
  return openQmp(await expected.connection, (event) => events.push(event), limitMs);
}

it('asks for its capabilities first, and tells answers apart by their number', async () => {
  script((command, id) => `{"return": {"said": "${command}"}, "id": ${id}}`);
  const qmp = await open();
  const [one, two] = await Promise.all([qmp.execute('query-status'), qmp.execute('query-version')]);
  expect(one).toEqual({ said: 'query-status' });
  expect(two).toEqual({ said: 'query-version' });
});

it('hears events between answers, however the bytes are cut', async () => {
  const events: QmpEvent[] = [];
  script((_command, id) => {
    peer.write('{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "RES');
    peer.write('ET", "data": {"guest": true, "reason": "guest-reset"}}\r\n');
    return `{"return": {}, "id": ${id}}`;
  });
  const qmp = await open(events);
  await qmp.execute('query-status');
  expect(events).toEqual([{ name: 'RESET', data: { guest: true, reason: 'guest-reset' } }]);
});

it("throws QEMU's own words", async () => {
  script(
    (_command, id) => `{"error": {"class": "GenericError", "desc": "failed to open file"}, "id": ${id}}`,
  );
  const qmp = await open();
  await expect(qmp.execute('screendump')).rejects.toMatchObject({
    code: 'host.command-failed',
    message: 'QEMU: screendump: failed to open file',
  });
});

it('does not wait for a QEMU that has ended, now or later', async () => {
  script(() => {
    peer.destroy();
    return undefined;
  });
  const qmp = await open();
  await expect(qmp.execute('screendump')).rejects.toMatchObject({ code: 'host.command-failed' });
  await expect(qmp.execute('query-status')).rejects.toMatchObject({ code: 'host.command-failed' });
});

it('does not wait for a QEMU that says nothing', async () => {
  script(() => undefined);
  const qmp = await open([], 50);
  await expect(qmp.execute('query-status')).rejects.toMatchObject({
    message: 'QEMU: query-status: no answer within 0.05 s',
  });
});

it('ends with a peer whose line has no end', async () => {
  script(() => 'x'.repeat(2 * 1024 * 1024));
  const qmp = await open();
  await expect(qmp.execute('query-status')).rejects.toMatchObject({ code: 'host.command-failed' });
});

it('takes one connection, and refuses a path that no socket can have', async () => {
  const second = connect(expected.path);
  await expected.connection;
  await once(second, 'close');
  await expect(expectConnection(`/tmp/${'x'.repeat(120)}`)).rejects.toMatchObject({ code: 'config.invalid' });
});
