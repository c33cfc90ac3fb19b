/** A rehearsal says what a restore would: the converted guest starts in its target's twin, the unfixed one names what it lacks. */
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exec } from '../../agent/exec.ts';
import { GuestSession } from '../../agent/guests/guest.ts';
import { planRepair } from '../../agent/guests/index.ts';
import { runTwin } from '../../agent/rehearsal/twin-run.ts';
import { kvm } from '../../agent/targets/kvm/index.ts';
import { Firmware, type Machine } from '../../proto/gen/ascend/v1/machine.ts';
import { AgentHome } from '../e2e/agent-process.ts';
import { buildDebian12, web01 } from '../guests/debian12.ts';

let home: AgentHome;
let backup: string;
let folder: string;

beforeAll(async () => {
  ({ backupDir: backup } = await buildDebian12());
  home = await AgentHome.make();
  folder = await mkdtemp(path.join(tmpdir(), 'ascend-rehearsal-'));
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test("the sample starts in KVM's twin, answers at its own address, and leaves signed evidence and nothing else", async () => {
  const evidence = path.join(folder, 'evidence');
  const asked = ['--hostname', web01.name, '--ping', '--tcp', String(web01.httpPort), '--evidence', evidence];
  const { exitCode, document, stderr } = await home.json(['rehearse', backup, '--for', 'kvm', ...asked]);
  expect(document, stderr).toMatchObject({ verdict: 'passed', cause: null, fidelity: 'exact', evidence });
  expect(exitCode).toBe(0);
  const { observed, contents } = document as { observed: string[]; contents: { holds: boolean }[] };
  expect(observed).toEqual(
    expect.arrayContaining([
      'login prompt of web01 on the serial console',
      '10.77.0.10 answers ARP',
      '10.77.0.10 answers a ping',
      '10.77.0.10:80 accepts connections',
    ]),
  );
  expect(contents.map(({ holds }) => holds)).toEqual([true, true]);
  expect(await home.leftovers()).toEqual([]);

  const files = await readdir(evidence);
  expect(files).toEqual(expect.arrayContaining(['evidence.json', 'serial.log', 'screen-01-0s.png']));
  expect((await readFile(path.join(evidence, 'screen-01-0s.png'))).toString('latin1', 1, 4)).toBe('PNG');
  expect(await readFile(path.join(evidence, 'serial.log'), 'utf8')).toContain('web01 login:');
  const verified = await home.json(['evidence', 'verify', evidence]);
  expect(verified.document).toMatchObject({ intact: true, machine: web01.name, signedBy: { kind: 'local' } });
  await rm(path.join(evidence, 'serial.log'));
  const broken = await home.json(['evidence', 'verify', evidence]);
  expect(broken).toMatchObject({ exitCode: 1, document: { intact: false } });
});

test('the unfixed disk fails there, and the verdict names the kernel and the drivers that its initramfs lacks', async () => {
  const disk = path.join(folder, 'unfixed.qcow2');
  const newest = path.join(backup, web01.increment.file);
  await execa('qemu-img', ['create', '-f', 'qcow2', '-F', 'qcow2', '-b', newest, disk]);
  const machine: Machine = {
    name: web01.name,
    platform: 'vmware',
    guest: undefined,
    cpu: { count: 2 },
    memoryBytes: 1024n ** 3n,
    firmware: Firmware.BIOS,
    disks: [],
    nics: [{ id: 'ethernet0', mac: web01.mac, addresses: [], guestNames: [] }],
    tags: {},
  };
  const options = kvm.options.parse({});
  const host = { acceleration: () => Promise.resolve({ kvm: false }), signal: new AbortController().signal };
  const guest = { disks: [disk], readOnly: true, tempDir: folder, ...host };
  const contents = await proofsOf(guest, kvm.requirements(machine, options));
  const evidenceDir = path.join(folder, 'unfixed');
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
    { ...host, exec, folder: path.join(folder, 'twin'), evidenceDir, onActivity: () => undefined },
  );
  expect(verdict).toMatchObject({ outcome: 'failed', cause: 'root-missing' });
  expect(verdict.message).toMatch(
    /did not find the root disk \(\/dev\/sda1\)\. The cause: the initramfs of kernel 6\.\S+ lacks a driver for virtio-blk: virtio_pci, virtio_blk\./,
  );
  expect(await readdir(folder)).not.toContain('twin');
});

async function proofsOf(
  guest: Parameters<typeof GuestSession.open>[0],
  wants: Parameters<typeof planRepair>[1],
) {
  await using session = await GuestSession.open(guest);
  return await (await planRepair(session, wants)).prove();
}
