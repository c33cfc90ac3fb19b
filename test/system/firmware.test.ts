/** A guest that is to start by the other firmware does: the sample by UEFI, and what it takes is made once. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GuestSession } from '../../agent/guests/guest.ts';
import { planRepair, repair } from '../../agent/guests/index.ts';
import type { GuestRequirements } from '../../agent/guests/requirements.ts';
import { Severity } from '../../proto/gen/ascend/v1/finding.ts';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import { AgentHome } from '../e2e/agent-process.ts';
import { buildServer } from '../guests/debian.ts';
import { buildDebian12, web01 } from '../guests/debian12.ts';
import { servers } from '../guests/servers.ts';

let home: AgentHome;
let backup: string;
let folder: string;

beforeAll(async () => {
  ({ backupDir: backup } = await buildDebian12());
  home = await AgentHome.make();
  folder = await mkdtemp(path.join(tmpdir(), 'ascend-firmware-'));
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test('the sample, which starts by BIOS, starts by UEFI where that is asked for', async () => {
  const evidence = path.join(folder, 'uefi');
  const asked = ['--firmware', 'uefi', '--hostname', web01.name, '--timeout', '400', '--evidence', evidence];
  const { document, stderr } = await home.json(['rehearse', backup, '--for', 'kvm', ...asked]);
  expect(document, stderr).toMatchObject({ verdict: 'passed', cause: null });
  const { fixes, findings, contents } = document as Record<string, object[]>;
  expect(fixes).toContainEqual(expect.objectContaining({ name: 'linux.to-uefi' }));
  expect(findings).toContainEqual(expect.objectContaining({ code: 'guest.firmware-changed' }));
  const proof = 'The boot loader is /boot/efi/EFI/BOOT/BOOTX64.EFI.';
  expect(contents).toContainEqual(expect.objectContaining({ about: 'loader', holds: true, proof }));
  expect(await home.leftovers()).toEqual([]);
});

test('a server that starts by UEFI is changed for BIOS once: a second repair of its disk finds nothing to do', async () => {
  const { db01 } = servers;
  const { backupDir } = await buildServer(db01);
  const disk = path.join(folder, 'bios.qcow2');
  const base = path.join(backupDir, db01.disks[0].file);
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', base, disk]);
  expect(await repaired(disk, toBios(false))).toEqual({ blocks: ['guest.firmware'] });
  const first = await repaired(disk, toBios(true));
  expect(first).toMatchObject({ fixes: expect.arrayContaining(['linux.to-bios']) as string[], blocks: [] });
  expect(await repaired(disk, toBios(true))).toEqual({ fixes: [], blocks: [] });
  // Whoever looks at its table sees one that is whole, with GRUB's partition in it.
  const raw = path.join(folder, 'bios.raw');
  await execa('qemu-img', ['convert', '-O', 'raw', disk, raw]);
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const { stdout } = await execa('sfdisk', ['--json', raw], { env });
  expect(JSON.parse(stdout)).toMatchObject({
    partitiontable: { partitions: [{}, {}, {}, { start: 34, name: 'BIOS boot partition' }] },
  });
});

const toBios = (convertFirmware: boolean): GuestRequirements => ({
  firmware: Firmware.BIOS,
  convertFirmware,
  storage: 'virtio-blk',
  network: 'virtio-net',
  serialConsole: 'ttyS0',
  kernelArguments: [],
  guestAgent: undefined,
  cloud: undefined,
  nics: [],
  supplies: {},
});

/** Nothing is repaired where something stops it. */
async function repaired(disk: string, wants: GuestRequirements) {
  await using session = await GuestSession.open({
    disks: [disk],
    readOnly: false,
    acceleration: () => Promise.resolve({ kvm: false }),
    signal: new AbortController().signal,
    tempDir: folder,
  });
  const plan = await planRepair(session, wants);
  const blocks = plan.findings.filter(({ severity }) => severity === Severity.BLOCK).map(({ code }) => code);
  if (blocks.length > 0) return { blocks };
  const fixes: string[] = [];
  await repair(session, plan, ({ name }) => void fixes.push(name));
  return { fixes, blocks };
}
