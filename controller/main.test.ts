import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunOutcome } from '../proto/gen/ascend/v1/run.ts';
import type { Run } from './runs/run.ts';
import { eventually } from './testing/eventually.ts';
import { ended, eventsOf, started, stepFinished, stepStarted, succeeded } from './testing/run-events.ts';
import { enrol, WireAgent } from './testing/wire-agent.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function launch(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(process.execPath, [main, ...args], {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs it to its end. */
async function ascend(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const child = launch(args, env);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { exitCode, stdout, stderr };
}

const backup = {
  ref: { repository: 'nas', path: 'web01/1', backupId: 'b-1' },
  platform: 'some-platform',
  machineName: 'web01',
  capturedAt: new Date('2027-01-01T02:00:00Z'),
  parentId: '',
  storedBytes: 1000n,
  diskBytes: 2000n,
  findings: [],
};

let dir: string;
let ports: number[];
let controller: ChildProcess;
let identity: Awaited<ReturnType<typeof enrol>>;

const env = () => ({
  ASCEND_SERVER: `http://127.0.0.1:${ports[0]!}`,
  ASCEND_TOKEN_FILE: join(dir, 'token'),
  XDG_CONFIG_HOME: join(dir, 'config'),
});

async function json<T>(args: string[]): Promise<T> {
  const { exitCode, stdout, stderr } = await ascend([...args, '--json'], env());
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

/** Starts the controller on the same folder and ports each time; resolves when it serves. */
async function serve(): Promise<ChildProcess> {
  const [web, link, enrolment] = ports.map((port) => `127.0.0.1:${port}`);
  const where = ['--data', join(dir, 'data'), '--listen', web!, '--link', link!, '--enrol', enrolment!];
  const files = ['--initialTokenFile', join(dir, 'token'), '--initialPasswordFile', join(dir, 'password')];
  const child = launch(['serve', ...where, ...files, '--json']);
  child.stderr!.resume();
  await once(child.stdout!, 'data');
  return child;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const found = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return found;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ascend-main-'));
  ports = await freePorts(3);
  controller = await serve();
  await json(['site', 'add', 'Berlin']);
  const { token } = await json<{ token: string }>(['token', 'create', '--site', 'Berlin']);
  identity = await enrol(token, await readFile(join(dir, 'data/authority/ca.pem'), 'utf8'), 'host-1');
});

afterAll(async () => {
  controller.kill('SIGKILL');
  await rm(dir, { recursive: true, force: true });
});

test('the first start hands its secrets to files that only their owner can read', async () => {
  for (const name of ['token', 'password', 'data/controller.db', 'data/authority/ca.key']) {
    const { mode } = await stat(join(dir, name.startsWith('data/c') ? 'data' : name));
    expect(mode & 0o077).toBe(0);
  }
});

test('a person signs in after changing the one-time password', async () => {
  await writeFile(join(dir, 'mine'), 'a password of my own\n');
  const own = { ASCEND_SERVER: env().ASCEND_SERVER, XDG_CONFIG_HOME: env().XDG_CONFIG_HOME };
  const login = (file: string) =>
    ascend(['login', '--user', 'admin', '--passwordFile', join(dir, file)], own);
  const refused = await login('password');
  expect(refused).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/one-time password/) as string,
  });
  const files = ['--passwordFile', join(dir, 'password'), '--newPasswordFile', join(dir, 'mine')];
  expect(await ascend(['user', 'passwd', 'admin', ...files], own)).toMatchObject({ exitCode: 0 });
  expect(await login('mine')).toMatchObject({ exitCode: 0, stderr: '' });
  expect((await stat(join(dir, 'config/ascend/account.json'))).mode & 0o077).toBe(0);
  expect(await ascend(['site', 'list'], own)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('Berlin') as string,
  });
});

test('a stored sign-in is not sent to another controller', async () => {
  const own = { ASCEND_SERVER: 'http://127.0.0.1:9', XDG_CONFIG_HOME: env().XDG_CONFIG_HOME };
  expect(await ascend(['site', 'list'], own)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/Not signed in/) as string,
  });
});

test('a restore that findings would block ends with exit code 3, and one JSON document', async () => {
  using agent = new WireAgent(identity, 'host-1', ({ orderId, action }, self) => {
    if (action?.$case !== 'check') return;
    const finding = {
      code: 'nic.unmapped',
      severity: 3 as const,
      subject: 'eth0',
      message: 'No network.',
      remedy: 'Map it.',
    };
    self.say({ $case: 'checkResult', value: { orderId, findings: [finding], networks: ['default'] } });
  });
  await eventually(() => expect(agent.acknowledged, agent.broken).toBe(0n));
  agent.catalog([backup]);
  await eventually(async () => expect((await json<{ total: number }>(['backup', 'list'])).total).toBe(1));
  const checked = await ascend(
    ['restore', 'web01', '--target', 'host-1/lab', '--checkOnly', '--json'],
    env(),
  );
  expect(checked.exitCode).toBe(3);
  expect(JSON.parse(checked.stdout)).toMatchObject({
    verdict: 'block',
    findings: [{ code: 'nic.unmapped' }],
  });
});

test('a controller killed during a run comes back, the watcher with it, and the run completes with each event once', async () => {
  const first = new WireAgent(identity, 'host-1');
  const args = [
    'restore',
    'web01',
    '--target',
    'host-1/lab',
    '--network',
    'VM Network=default',
    '--watch',
    '--json',
  ];
  const watching = ascend(args, env());
  const order = await eventually(() => first.orders.at(-1) ?? expect.fail('no order yet'));
  if (order.action?.$case !== 'restore') return expect.fail('not a restore');
  const { runId, options } = order.action.value;
  expect(options).toMatchObject({ networks: { 'VM Network': 'default' }, start: true });
  const bodies = [
    started,
    stepStarted('analyse'),
    stepFinished('analyse'),
    stepStarted('validate'),
    succeeded,
  ];
  const events = eventsOf(runId, bodies);
  first.send(events.slice(0, 2));
  await eventually(() => expect(first.acknowledged).toBe(2n));

  controller.kill('SIGKILL');
  await eventually(() => expect(first.broken).toBeDefined());
  first[Symbol.dispose]();
  controller = await serve();
  using second = new WireAgent(identity, 'host-1');
  await eventually(() => expect(second.acknowledged).toBe(2n));
  // The receipt had arrived: the order is not sent again.
  expect(second.orders).toEqual([]);
  second.send(events);
  const { exitCode, stdout, stderr } = await watching;
  expect(exitCode, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ id: runId, state: 'succeeded', deployed: { name: 'web01' } });
  expect(stderr.match(/analyse done/g)).toHaveLength(1);
  const response = await fetch(`${env().ASCEND_SERVER}/api/runs/${runId}/events`, {
    headers: { authorization: `Bearer ${(await readFile(join(dir, 'token'), 'utf8')).trim()}` },
  });
  const page = (await response.json()) as { events: { sequence: number }[] };
  expect(page.events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
});

test('a run that ends blocked gives exit code 3, one that fails 1', async () => {
  let sequence = 6n;
  using agent = new WireAgent(identity, 'host-1', ({ action }, self) => {
    if (action?.$case !== 'restore') return;
    const blocked = action.value.options?.name === 'blocked';
    const end = blocked
      ? ended(RunOutcome.BLOCKED, 'run.blocked')
      : ended(RunOutcome.FAILED, 'target.no-space');
    self.send(eventsOf(action.value.runId, [started, end], sequence));
    sequence += 2n;
  });
  await eventually(() => expect(agent.acknowledged).toBe(5n));
  const restore = async (name: string) => {
    const args = [
      'restore',
      'web01',
      '--target',
      'host-1/lab',
      '--name',
      name,
      '--no-start',
      '--watch',
      '--json',
    ];
    const { exitCode, stdout } = await ascend(args, env());
    return [exitCode, (JSON.parse(stdout) as Run).state];
  };
  expect(await restore('blocked')).toEqual([3, 'blocked']);
  expect(await restore('failed')).toEqual([1, 'failed']);
});

test.each([
  [['restore', 'web01'], 2],
  [['restore', 'web01', '--target', 'no-slash'], 2],
  [['restore', 'web01', '--target', 'host-1/lab', '--network', 'x'], 2],
  [['no-such-verb'], 2],
  [['serve', '--data', '/d', '--listen', 'nonsense'], 2],
  [['run', 'show', 'none'], 1],
  [['agent', 'revoke', 'nobody'], 1],
  [['restore', '--help'], 0],
  [['rehearse', 'web01', '--target', 'host-1/lab', '--ip', 'eth0'], 2],
  [['rehearse', '--help'], 0],
  [['audit', '--verify'], 0],
])('ascend %j ends with %i', async (args, exitCode) => {
  const outcome = await ascend(args, env());
  expect(outcome.exitCode, outcome.stderr).toBe(exitCode);
});

test('with --json a failure is one JSON document, too', async () => {
  for (const args of [
    ['run', 'show', 'none'],
    ['restore', 'web01'],
  ]) {
    const { stdout } = await ascend([...args, '--json'], env());
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: expect.any(String) as string } });
  }
});

test('the controller stays below 200 MB', async () => {
  const status = await readFile(`/proc/${controller.pid!}/status`, 'utf8');
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
  expect(kilobytes).toBeLessThan(200_000);
});

test('asked to stop, it stops, and says so by exit code 0', async () => {
  controller.kill('SIGTERM');
  expect(await once(controller, 'exit')).toEqual([0, null]);
});
