/** A rehearsal says what a restore would: the converted guest starts in its target's twin, the unfixed one names what it lacks. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AgentHome } from '../e2e/agent-process.ts';
import { buildDebian12, web01 } from '../guests/debian12.ts';
import { bootUnfixed } from './unfixed.ts';

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
  const disk = path.join(backup, web01.increment.file);
  const verdict = await bootUnfixed(
    { name: web01.name, uefi: false, disks: [disk] },
    path.join(folder, 'unfixed'),
  );
  expect(verdict).toMatchObject({ outcome: 'failed', cause: 'root-missing' });
  expect(verdict.message).toMatch(
    /did not find the root disk \(\/dev\/sda1\)\. The cause: the initramfs of kernel 6\.\S+ lacks a driver for virtio-blk: virtio_pci, virtio_blk\./,
  );
  expect(await readdir(path.join(folder, 'unfixed'))).not.toContain('twin');
});
