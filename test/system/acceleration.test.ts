/**
 * Hardware virtualisation counts only where a machine runs on it. A stand-in for QEMU behaves as on hosts whose /dev/kvm
 * exists and opens and is of no use, and is QEMU itself in all else: so this holds on any host, with a good KVM too.
 */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { exec } from '../../agent/exec.ts';
import { accelerationProbe } from '../../agent/host/acceleration.ts';
import { AgentHome, programPath } from '../e2e/agent-process.ts';
import { buildDebian12 } from '../guests/debian12.ts';
import { PrivateLibvirt } from '../libvirt/private.ts';

const QEMU = '/usr/bin/qemu-system-x86_64';
// A shell's pattern for a machine that is started. libguestfs asks QEMU for its devices with accel=kvm:tcg whatever it is told.
const KVM_MACHINE = '*accel[\\ =]kvm*-kernel*';

let libvirt: PrivateLibvirt;
let home: AgentHome;
let backup: string;

beforeAll(async () => {
  ({ backupDir: backup } = await buildDebian12());
  libvirt = await PrivateLibvirt.start();
  home = await AgentHome.make();
  await home.run(['target', 'add', 'local', ...libvirt.targetFlags]);
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await libvirt[Symbol.asyncDispose]();
});

afterEach(async () => {
  expect(await home.leftovers()).toEqual([]);
  await libvirt.clear();
});

test('where QEMU aborts under KVM, the guest is fixed and the machine defined without it, and a finding says so', async () => {
  const refusal = 'error: failed to set MSR 0x345 to 0x2000';
  const qemu = await standIn('aborting', `echo '${refusal}' >&2; kill -ABRT $$`, `exec ${QEMU} "$@"`);
  const args = [backup, '--target', 'local', '--no-start'];
  const { exitCode, document, stderr } = await home.restore(args, { env: qemu.env });
  expect(document, stderr).toMatchObject({ outcome: 'succeeded' });
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(
    /warn: Hardware virtualisation does not work on this host \(.*failed to set MSR 0x345/,
  );
  expect(await libvirt.virsh('dumpxml', '--xpath', '/domain/@type', 'web01')).toContain('type="qemu"');
  // The probe asked for KVM, and nobody after it: libguestfs neither.
  expect((await qemu.calls()).filter((call) => /accel[ =]kvm.*-kernel/.test(call))).toHaveLength(1);
});

test('where a machine hangs under KVM, check does not hang with it', async () => {
  const qemu = await standIn('hanging', 'exec sleep 600', `exec ${QEMU} "$@"`);
  const { exitCode, document } = await home.check([backup, '--target', 'local'], { env: qemu.env });
  expect(exitCode).toBe(0);
  expect(document.verdict).toBe('warn');
  const found = document.findings.filter(({ code }) => code === 'host.no-acceleration');
  expect(found).toMatchObject([{ severity: 'warn', subject: '/dev/kvm' }]);
  expect(found[0]?.message).toContain('hangs under KVM');
  expect(found[0]?.remedy).toContain('nested virtualisation');
  expect(document.fixes).not.toEqual([]);
});

test('where a machine ends under KVM before the emulated one does, KVM works', async () => {
  const qemu = await standIn('working', 'sleep 0.1', 'exec sleep 600');
  const probe = accelerationProbe((program, args, options) =>
    exec(program, args, { ...options, env: qemu.env }),
  );
  expect(await probe()).toEqual({ kvm: true });
});

/** A QEMU that does one thing where a machine is to run under KVM and another where it is not, and keeps a list of its calls. */
async function standIn(name: string, underKvm: string, otherwise: string) {
  const folder = path.join(home.folder, name);
  const [program, list] = [path.join(folder, 'qemu-system-x86_64'), path.join(folder, 'calls')];
  await mkdir(folder);
  await writeFile(
    program,
    `#!/bin/sh\necho "$*" >> ${list}\ncase "$*" in ${KVM_MACHINE}) ${underKvm} ;; *) ${otherwise} ;; esac\n`,
  );
  await chmod(program, 0o755);
  return {
    env: { PATH: `${folder}:${programPath}`, LIBGUESTFS_HV: program },
    calls: async () => (await readFile(list, 'utf8')).trim().split('\n'),
  };
}
