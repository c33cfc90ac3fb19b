/**
 * The target's guest agent, out of the distribution's own packages, in a server that lacks it: planned, staged, installed
 * by the server itself at its first start, and answering there.
 */
import { on } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GuestSession } from '../../agent/guests/guest.ts';
import { planRepair, repair } from '../../agent/guests/index.ts';
import type { GuestRequirements } from '../../agent/guests/requirements.ts';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import { buildDebian12, tcg, web01 } from '../guests/debian12.ts';

let work: string;
let disk: string;
let supplied: string;

beforeAll(async () => {
  const { backupDir } = await buildDebian12();
  work = await mkdtemp(path.join(tmpdir(), 'ascend-packages-'));
  disk = path.join(work, 'disk.qcow2');
  const newest = path.join(backupDir, web01.increment.file);
  await execa('qemu-img', ['create', '-f', 'qcow2', '-F', 'qcow2', '-b', newest, disk]);
  supplied = path.join(work, 'packages');
  await mkdir(supplied);
  // What the server has already is not staged, though it lies there.
  const download = () =>
    execa('apt-get', ['download', '-q', 'qemu-guest-agent', 'liburing2', 'libnuma1', 'libglib2.0-0'], {
      cwd: supplied,
    });
  await download().catch(async () => {
    await execa('apt-get', ['update', '-q']);
    await download();
  });
});

afterAll(async () => {
  await rm(work, { recursive: true, force: true });
});

const wants = (packages: string): GuestRequirements => ({
  firmware: Firmware.BIOS,
  storage: 'virtio-blk',
  network: 'virtio-net',
  serialConsole: 'ttyS0',
  kernelArguments: [],
  guestAgent: 'qemu-guest-agent',
  cloud: undefined,
  nics: [{ mac: web01.mac, guestNames: [web01.nic], addressing: 'keep' }],
  supplies: { packages },
});

test('is installed with what it needs and nothing besides, and answers', async () => {
  await stage();
  await using machine = start();
  const version = await machine.agentVersion();
  await machine.switchOff();
  const { stdout } = await execa('guestfish', ['--ro', '-a', disk, '-m', '/dev/sda1'], {
    env: tcg,
    input: `
      cat /var/lib/dpkg/status
      exists /var/lib/ascend/packages
      exists /etc/systemd/system/ascend-packages.service
    `,
  });
  expect(stdout).toMatch(/\nfalse\nfalse$/);
  expect(stdout).toMatch(/^Package: liburing2\nStatus: install ok installed$/m);
  const [, upstream = 'nothing'] =
    /^Package: qemu-guest-agent\nStatus: install ok installed\n(?:.+\n)*?Version: 1:([\d.]+)/m.exec(stdout) ??
    [];
  // Debian's packages of a stable branch keep its first number.
  expect(`${version}.`).toContain(`${upstream}.`);
});

async function stage(): Promise<void> {
  const alone = path.join(work, 'alone');
  await mkdir(alone);
  for (const name of await readdir(supplied))
    if (name.startsWith('qemu-guest-agent')) await cp(path.join(supplied, name), path.join(alone, name));
  await using session = await GuestSession.open({
    disks: [disk],
    readOnly: false,
    acceleration: () => Promise.resolve({ kvm: false }),
    signal: AbortSignal.timeout(500_000),
    tempDir: work,
  });
  // What is missing is told before anything is changed.
  const lacking = await planRepair(session, wants(alone));
  expect(lacking.findings).toMatchObject([
    {
      code: 'guest.agent-dependency-missing',
      message: expect.stringMatching(/liburing2 \(>=/) as string,
    },
  ]);
  expect(lacking.fixes.map(({ name }) => name)).not.toContain('linux.guest-packages');
  await session.call('umount-all');

  const plan = await planRepair(session, wants(supplied));
  expect(plan.findings).toEqual([]);
  const summary = plan.fixes.find(({ name }) => name === 'linux.guest-packages')?.summary;
  expect(summary).toMatch(/: (?:libnuma1_\S+ )?liburing2_\S+ qemu-guest-agent_\S+$/);
  await repair(session, plan, () => undefined);
  expect(await plan.again?.()).toMatchObject({ fixes: [], findings: [] });
}

interface Machine extends AsyncDisposable {
  /** As soon as it says so, and the installation has put itself away. */
  agentVersion(): Promise<string>;
  /** With all on its disk that was written: the agent freezes its file systems. */
  switchOff(): Promise<void>;
}

/** As the KVM target defines it: virtio, and the agent's channel. */
function start(): Machine {
  const channel = path.join(work, 'agent.sock');
  const qemu = execa('qemu-system-x86_64', [
    ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '1024'],
    ...['-display', 'none', '-nodefaults', '-no-user-config', '-nic', 'none'],
    ...['-serial', `file:${path.join(work, 'serial.log')}`],
    ...['-drive', `file=${disk},if=virtio,format=qcow2,cache=unsafe`],
    ...['-device', 'virtio-serial', '-chardev', `socket,id=agent,path=${channel},server=on,wait=off`],
    ...['-device', 'virtserialport,chardev=agent,name=org.qemu.guest_agent.0'],
  ]);
  const hasEnded = qemu.catch(() => undefined);
  return {
    async agentVersion() {
      // The server is up in two minutes and installs in two more.
      const signal = AbortSignal.timeout(560_000);
      const script = {
        execute: 'guest-file-open',
        arguments: { path: '/var/lib/ascend/packages/install.sh' },
      };
      for (;;) {
        const isGone = await ask(channel, script, /(No such file)/).catch(() => undefined);
        if (isGone !== undefined) return ask(channel, { execute: 'guest-info' }, /"version": ?"([^"]+)"/);
        signal.throwIfAborted();
        await sleep(3000);
      }
    },
    async switchOff() {
      await ask(channel, { execute: 'guest-fsfreeze-freeze' }, /"return": ([1-9])/);
      qemu.kill();
      await hasEnded;
    },
    async [Symbol.asyncDispose]() {
      qemu.kill();
      await hasEnded;
    },
  };
}

/** What the agent says that is expected; late answers to others come before it. */
async function ask(channel: string, command: object, expected: RegExp): Promise<string> {
  const socket = net.connect(channel);
  try {
    socket.write(`${JSON.stringify(command)}\n`);
    let answer = '';
    for await (const [chunk] of on(socket, 'data', { signal: AbortSignal.timeout(10_000), close: ['end'] })) {
      answer += String(chunk);
      const found = expected.exec(answer)?.[1];
      if (found !== undefined) return found;
    }
    throw new Error(`The agent did not answer ${JSON.stringify(command)}, but said: ${answer}`);
  } finally {
    socket.destroy();
  }
}
