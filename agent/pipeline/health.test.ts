import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { AscendError } from '../../proto/errors.ts';
import type { HealthCheckPassed, HealthChecks } from '../../proto/gen/ascend/v1/run.ts';
import { exec } from '../exec.ts';
import type { MachineWatch } from '../targets/target.ts';
import { hostnameShown, proveHealth, requireUsableChecks } from './health.ts';

it.each([
  ['a prompt', '\nDebian GNU/Linux 12 web01 ttyS0\n\nweb01 login: ', 'web01'],
  ['a prompt after a carriage return', 'boot\rweb01 login: ', 'web01'],
  ['a coloured prompt', '\u001b[2J\u001b[1;32mweb01 login:\u001b[0m ', 'web01'],
  ['a full name', 'web01.example.org login: ', 'web01.example.org'],
  ['the newest of several', 'old login: \r\n...\r\nweb01 login: ', 'web01'],
  [
    'an automatic login',
    'web01 login: root (automatic login)\r\n\r\nLast login: Tue May  5 on ttyS0\r\n# ',
    'web01',
  ],
  ['no prompt', 'Linux version 6.1\nStarting login service', undefined],
  ['a prompt within a line', 'systemd[1]: Started web01 login: x', undefined],
  ['a password prompt', 'Password: ', undefined],
  ['a name that no host has', '-x login: ', undefined],
  ['nothing', '', undefined],
])('reads %s off a console', (_what, text, hostname) => {
  expect(hostnameShown(text)).toBe(hostname);
});

it('reads the end of a console of any length', () => {
  const startedAt = performance.now();
  expect(hostnameShown(`${'a'.repeat(20_000_000)}\nweb01 login: `)).toBe('web01');
  expect(hostnameShown(`a.`.repeat(10_000_000))).toBeUndefined();
  expect(performance.now() - startedAt).toBeLessThan(3000);
});

interface Scene extends Partial<MachineWatch> {
  console?: string;
}

function watchOf({ console = '', ...own }: Scene): MachineWatch {
  return {
    consoleText: () => Promise.resolve(console),
    agentAnswers: () => Promise.resolve(undefined),
    running: () => Promise.resolve(true),
    ...own,
  };
}

async function prove(
  scene: Scene | undefined,
  wanted: Partial<HealthChecks> = {},
  signal = new AbortController().signal,
) {
  const passed: HealthCheckPassed[] = [];
  const acceleration = () => Promise.resolve({ kvm: false });
  const checks = { timeoutSeconds: 1, ping: [], tcp: [], ...wanted };
  const watch = scene && watchOf(scene);
  await proveHealth(watch, checks, { exec, acceleration, signal }, (check) => void passed.push(check));
  return passed.map(({ check, subject, observed }) => `${check} ${subject}: ${observed}`);
}

const PROMPT = '\nweb01 login: ';

it('passes at once on a login prompt', async () => {
  expect(await prove({ console: PROMPT })).toEqual(['login-prompt serial console: web01 login:']);
});

it('asks again until the prompt is there', async () => {
  const startedAt = Date.now();
  const consoleText = () => Promise.resolve(Date.now() - startedAt > 300 ? PROMPT : 'booting');
  expect(await prove({ consoleText }, { timeoutSeconds: 10 })).toHaveLength(1);
});

it('proves the host name, without regard to case', async () => {
  expect(await prove({ console: PROMPT }, { hostname: 'WEB01' })).toContain('hostname WEB01: web01 login:');
  await expect(prove({ console: PROMPT }, { hostname: 'web02' })).rejects.toMatchObject({
    code: 'health.not-proven',
    message: expect.stringMatching(
      /passed: hostname \(web02\)\. Its console ends with: web01 login:$/,
    ) as string,
  });
});

it('proves that a port takes connections, over IPv4 and IPv6', async () => {
  for (const [host, shown] of [
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '[::1]'],
  ]) {
    await using server = createServer().listen(0, host);
    await new Promise((resolve) => server.once('listening', resolve));
    const tcp = [`${shown}:${(server.address() as AddressInfo).port}`];
    expect(await prove(undefined, { tcp })).toEqual([`tcp ${tcp[0]}: accepted a connection`]);
  }
});

it('waits for a port to open, and names it where it does not', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  await expect(prove({ console: PROMPT }, { tcp: [`127.0.0.1:${port}`] })).rejects.toMatchObject({
    code: 'health.not-proven',
    message: expect.stringContaining(`the time is up before it passed: tcp (127.0.0.1:${port})`) as string,
  });
  const waiting = prove(undefined, { timeoutSeconds: 10, tcp: [`127.0.0.1:${port}`] });
  await sleep(200);
  await using late = createServer().listen(port, '127.0.0.1');
  expect(await waiting).toHaveLength(1);
  expect(late.listening).toBe(true);
});

it('gives up at once where the machine has stopped', async () => {
  const stopped = { console: 'Kernel panic\r\nnot syncing', running: () => Promise.resolve(false) };
  await expect(prove(stopped, { timeoutSeconds: 60 })).rejects.toMatchObject({
    code: 'health.not-proven',
    message:
      'The machine was restored, but the machine has stopped before it passed: login-prompt (serial console). Its console ends with: Kernel panic | not syncing',
  });
});

it('says that the guest agent answered, where it does', async () => {
  const passed = await prove({ console: PROMPT, agentAnswers: () => Promise.resolve(true) });
  expect(passed).toContain('guest-agent guest agent: answered');
});

const fails = (code: 'target.unreachable' | 'host.tool-missing') => () =>
  Promise.reject(new AscendError(code, `it was ${code}`));

it('bears with a target that does not answer for a moment', async () => {
  const startedAt = Date.now();
  const away = fails('target.unreachable');
  const scene: Scene = {
    consoleText: () => (Date.now() - startedAt > 500 ? Promise.resolve(PROMPT) : away()),
    running: away,
  };
  expect(await prove(scene, { timeoutSeconds: 10 })).toHaveLength(1);
});

it('leaves the machine in place where a check cannot be made', async () => {
  await expect(prove({ consoleText: fails('host.tool-missing') })).rejects.toMatchObject({
    code: 'health.not-proven',
    message: expect.stringContaining('it was host.tool-missing before it passed: login-prompt') as string,
  });
});

it('stops when it is told to', async () => {
  const stop = new AbortController();
  const waiting = prove({ console: '' }, { timeoutSeconds: 60 }, stop.signal);
  setTimeout(() => stop.abort(), 50);
  await expect(waiting).rejects.toMatchObject({ code: 'run.cancelled' });
});

it.each<[Partial<HealthChecks>, string]>([
  [{ tcp: ['10.0.0.1'] }, 'TCP check "10.0.0.1"'],
  [{ tcp: ['10.0.0.1:0'] }, 'TCP check'],
  [{ tcp: ['10.0.0.1:65536'] }, 'TCP check'],
  [{ tcp: [':22'] }, 'TCP check'],
  [{ ping: [''] }, 'Ping check ""'],
  [{ ping: ['10.0.0.1 -f'] }, 'Ping check'],
])('refuses checks that can never pass: %j', (wanted, said) => {
  const checks = { timeoutSeconds: 1, ping: [], tcp: [], ...wanted };
  expect(() => requireUsableChecks(checks)).toThrow(said);
});

it('takes checks by name, IPv4 and IPv6', () => {
  const tcp = ['web01.example.org:443', '10.0.0.1:22', '[fd00::1]:80'];
  const ping = ['web01', '10.0.0.1', 'fe80::1%eth0'];
  expect(() => requireUsableChecks({ timeoutSeconds: 0, ping, tcp })).not.toThrow();
  expect(() => requireUsableChecks(undefined)).not.toThrow();
});
