/** Where an initramfs takes no driver segment, the guest's own program builds another, inside the appliance. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GuestSession } from '../../agent/guests/guest.ts';
import { planRepair, repair } from '../../agent/guests/index.ts';
import type { GuestRequirements } from '../../agent/guests/requirements.ts';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import { buildDebian12, web01 } from '../guests/debian12.ts';
import { layOtherwise } from '../guests/relaid.ts';

let work: string;
let disk: string;

beforeAll(async () => {
  const { backupDir } = await buildDebian12();
  work = await mkdtemp(path.join(tmpdir(), 'ascend-rebuild-'));
  disk = path.join(work, 'disk.qcow2');
  const newest = path.join(backupDir, web01.increment.file);
  await execa('qemu-img', ['create', '-f', 'qcow2', '-F', 'qcow2', '-b', newest, disk]);
  await layOtherwise(disk);
});

afterAll(async () => {
  await rm(work, { recursive: true, force: true });
});

const wants: GuestRequirements = {
  firmware: Firmware.BIOS,
  storage: 'virtio-blk',
  network: 'virtio-net',
  serialConsole: 'ttyS0',
  kernelArguments: [],
  guestAgent: 'qemu-guest-agent',
  cloud: undefined,
  nics: [{ mac: web01.mac, guestNames: [web01.nic], addressing: 'keep' }],
  supplies: {},
};

function open(): Promise<GuestSession> {
  return GuestSession.open({
    disks: [disk],
    readOnly: false,
    acceleration: () => Promise.resolve({ kvm: false }),
    signal: AbortSignal.timeout(500_000),
    tempDir: work,
  });
}

test('an initramfs of another layout is built anew by a program that has no network, bounded memory and its time', async () => {
  {
    await using session = await open();
    const plan = await planRepair(session, wants);
    expect(plan.findings).toEqual([]);
    expect(plan.fixes.at(-1)).toMatchObject({
      name: 'linux.initramfs-rebuild',
      summary: expect.stringMatching(/usr\/sbin\/mkinitramfs.*vendor\//) as string,
    });
    expect(plan.prove()[0]).toMatchObject({ about: 'storage', holds: false });
    await repair(session, plan, () => undefined);
    expect(plan.prove()[0]).toMatchObject({ about: 'storage', holds: true });
    expect(await plan.again?.()).toMatchObject({ fixes: [], findings: [] });
    await lookAround(session);
  }
  expect(await appliances()).toEqual([]);
  expect((await readdir(work)).filter((name) => name.startsWith('guest-'))).toEqual([]);
});

/** What a program of the guest finds where it runs. The session is at its end then. */
async function lookAround(session: GuestSession): Promise<void> {
  const script = '#!/bin/sh\nls /sys/class/net >/tmp/cards\ncat /proc/meminfo >/tmp/memory\n';
  await session.write('/tmp/look', script);
  await session.call('chmod', '0755', '/tmp/look');
  await session.run('/tmp/look', [], 60_000);
  expect(await session.readText('/tmp/cards')).toBe('lo\n');
  const kib = /^MemTotal: +(\d+) kB/.exec((await session.readText('/tmp/memory')) ?? '')?.[1];
  expect(Number(kib)).toBeLessThan(1280 * 1024);
  await expect(session.run('/bin/ls', ['/nowhere'], 60_000)).rejects.toMatchObject({
    code: 'guest.fix-failed',
    message: expect.stringMatching(/^\/bin\/ls, run from .*cannot access '\/nowhere'/) as string,
  });
  await expect(session.run('/bin/sleep', ['900'], 3000)).rejects.toMatchObject({
    code: 'guest.session-failed',
  });
}

/** Process ids of appliances that hold the disk. */
async function appliances(): Promise<string[]> {
  const { stdout } = await execa('pgrep', ['-f', `qemu-system.*${disk}`], { reject: false });
  return stdout.split('\n').filter(Boolean).sort();
}
