/**
 * Each Debian server, as it would be restored to each kind of destination, starts in that destination's twin; and the
 * unfixed copy does not. It takes the better part of an hour without hardware virtualisation: `make test-full`.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exec } from '../../agent/exec.ts';
import { GuestSession } from '../../agent/guests/guest.ts';
import { planRepair } from '../../agent/guests/index.ts';
import { runTwin } from '../../agent/rehearsal/twin-run.ts';
import { kvm } from '../../agent/targets/kvm/index.ts';
import { Firmware, type Machine } from '../../proto/gen/ascend/v1/machine.ts';
import { AgentHome } from '../e2e/agent-process.ts';
import { buildServer } from '../guests/debian.ts';
import { servers, type Server } from '../guests/servers.ts';

const tested: Server[] = Object.values(servers);
/** Those with hardware of their own: CloudStack's is KVM's, Azure's is Hyper-V's. */
const kinds = ['kvm', 'vmware', 'ec2', 'hyperv'];
/** Where the drivers of all kinds come from, for each repair: the fix that added them, or nothing where they were there. */
const driversBy = new Map<string, string>();

let home: AgentHome;
let folder: string;
beforeAll(async () => {
  home = await AgentHome.make();
  folder = await mkdtemp(path.join(tmpdir(), 'ascend-matrix-'));
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

describe.each<Server>(tested)('$name ($folder)', (server) => {
  let backup: string;
  beforeAll(async () => {
    ({ backupDir: backup } = await buildServer(server));
  });

  test.each(kinds)('starts up in the twin of %s', async (kind) => {
    const evidence = path.join(folder, `${server.name}-${kind}`);
    const asked = ['--for', kind, '--hostname', server.name, '--timeout', '400', '--evidence', evidence];
    const { document, stderr } = await home.json(['rehearse', backup, ...asked]);
    expect(document, stderr).toMatchObject({ verdict: 'passed', cause: null });
    const { observed, fixes } = document as { observed: string[]; fixes: { name: string }[] };
    expect(observed).toContain(`login prompt of ${server.name} on the serial console`);
    const names = fixes.map(({ name }) => name);
    driversBy.set(
      `${server.name} for ${kind}`,
      names.find((name) => /segment|rebuild/.test(name)) ?? 'proof',
    );
    expect(await home.leftovers()).toEqual([]);
  });

  test('fails unfixed in the twin of kvm, and the verdict names the cause', async () => {
    const verdict = await unfixed(server, path.join(backup, server.diskFile));
    expect(verdict).toMatchObject({ outcome: 'failed', cause: server.unfixed.cause });
    expect(verdict.message).toMatch(server.unfixed.message);
  });
});

test('needed no rebuild of an initramfs', () => {
  const rebuilt = [...driversBy.values()].filter((fix) => fix.includes('rebuild')).length;
  console.log(`Rebuilt: ${rebuilt} of ${driversBy.size}. ${JSON.stringify(Object.fromEntries(driversBy))}`);
  expect(driversBy.size).toBe(tested.length * kinds.length);
  expect(rebuilt).toBe(0);
});

/** Boots what the backup holds, and asks what its content proves, as a rehearsal does. */
async function unfixed(server: Server, base: string) {
  const work = path.join(folder, `${server.name}-unfixed`);
  await mkdir(work);
  const disk = path.join(work, 'disk.qcow2');
  await execa('qemu-img', ['create', '-f', 'qcow2', '-F', 'qcow2', '-b', base, disk]);
  const machine: Machine = {
    name: server.name,
    platform: 'vmware',
    guest: undefined,
    cpu: { count: 2 },
    memoryBytes: 1024n ** 3n,
    firmware: server.uefi ? Firmware.UEFI : Firmware.BIOS,
    disks: [],
    nics: [],
    tags: {},
  };
  const options = kvm.options.parse({});
  const host = { acceleration: () => Promise.resolve({ kvm: false }), signal: new AbortController().signal };
  const guest = { disks: [disk], readOnly: true, tempDir: work, ...host };
  const contents = await proofsOf(guest, kvm.requirements(machine, options));
  const evidenceDir = path.join(work, 'evidence');
  await mkdir(evidenceDir);
  const { verdict } = await runTwin(
    {
      machine,
      hardware: kvm.hardware(machine, options),
      disks: [disk],
      wishes: { hostname: undefined, ping: false, ports: [] },
      addresses: [],
      contents,
      timeoutSeconds: 300,
    },
    { ...host, exec, folder: path.join(work, 'twin'), evidenceDir, onActivity: () => undefined },
  );
  return verdict;
}

async function proofsOf(
  guest: Parameters<typeof GuestSession.open>[0],
  wants: Parameters<typeof planRepair>[1],
) {
  await using session = await GuestSession.open(guest);
  return await (await planRepair(session, wants)).prove();
}
