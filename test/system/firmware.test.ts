/** A guest that is to start by the other firmware does: the sample by UEFI, and what it takes is made once. */
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GuestSession } from '../../agent/guests/guest.ts';
import { planRepair, repair } from '../../agent/guests/index.ts';
import { copyOf } from '../../agent/guests/linux/fixtures/miniature.ts';
import { miniatures } from '../../agent/guests/linux/fixtures/miniatures.ts';
import type { GuestRequirements } from '../../agent/guests/requirements.ts';
import { Severity } from '../../proto/gen/ascend/v1/finding.ts';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import { AgentHome } from '../e2e/agent-process.ts';
import { buildServer } from '../guests/debian.ts';
import { buildDebian12, tcg, web01 } from '../guests/debian12.ts';
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
  expect(await repaired(disk, to(Firmware.BIOS, false))).toEqual({ blocks: ['guest.firmware'] });
  const first = await repaired(disk, to(Firmware.BIOS));
  expect(first).toMatchObject({ fixes: expect.arrayContaining(['linux.to-bios']) as string[], blocks: [] });
  expect(await repaired(disk, to(Firmware.BIOS))).toEqual({ fixes: [], blocks: [] });
  expect((await tableOf(disk)).partitions[3]).toMatchObject({ start: 34, name: 'BIOS boot partition' });
});

const UUID = '5d0f7b1c-3a86-4e2d-9c41-7f60b2d8e913';

/** A server on GPT that starts by BIOS; its disk has grown by 64 MiB since. */
async function grownDisk(): Promise<string> {
  const miniature = miniatures.find(({ name }) => name === 'ubuntu1804');
  if (!miniature) throw new Error('no such miniature');
  const root = await copyOf(miniature);
  const menu = `menuentry 'Ubuntu' {\n\tsearch --no-floppy --fs-uuid --set=root ${UUID}\n\tlinux /boot/vmlinuz-4.15.0-213-generic root=UUID=${UUID}\n}\n`;
  await writeFile(path.join(root, 'boot/grub/grub.cfg'), menu);
  await writeFile(path.join(root, 'etc/fstab'), `UUID=${UUID} / ext4 defaults 0 1\n`);
  await appendFile(
    path.join(root, `boot/config-${miniature.kernel}`),
    'CONFIG_X86_64=y\nCONFIG_EFI_STUB=y\n',
  );
  await execa('tar', ['-C', root, '-cf', path.join(folder, 'root.tar'), '.']);
  await rm(path.dirname(root), { recursive: true });
  const disk = path.join(folder, 'grown.qcow2');
  const input = `
    disk-create ${disk} qcow2 400M
    add ${disk} format:qcow2
    run
    part-init /dev/sda gpt
    part-add /dev/sda p 2048 4095
    part-set-gpt-type /dev/sda 1 21686148-6449-6E6F-744E-656564454649
    part-add /dev/sda p 4096 -34
    mkfs ext4 /dev/sda2
    set-uuid /dev/sda2 ${UUID}
    mount /dev/sda2 /
    tar-in root.tar /
    umount /
    pwrite-device /dev/sda code 0
  `;
  await execa('guestfish', [], { cwd: folder, env: tcg, input });
  await execa('qemu-img', ['resize', '-q', disk, '+64M']);
  return disk;
}

test('a server on GPT is changed for UEFI once, in what its disk has grown by', async () => {
  const disk = await grownDisk();
  const first = await repaired(disk, to(Firmware.UEFI));
  expect(first).toMatchObject({ fixes: expect.arrayContaining(['linux.to-uefi']) as string[], blocks: [] });
  expect(await repaired(disk, to(Firmware.UEFI))).toEqual({ fixes: [], blocks: [] });
  expect((await tableOf(disk)).partitions).toMatchObject([
    { type: '21686148-6449-6E6F-744E-656564454649' },
    { start: 4096 },
    { type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', name: 'EFI system partition', start: 400 * 2048 },
  ]);
});

const to = (firmware: Firmware, convertFirmware = true): GuestRequirements => ({
  firmware,
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

/** As another program reads it. */
async function tableOf(disk: string): Promise<{ partitions: object[] }> {
  const raw = `${disk}.raw`;
  await execa('qemu-img', ['convert', '-O', 'raw', disk, raw]);
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const { stdout, stderr } = await execa('sfdisk', ['--json', raw], { env });
  expect(stderr).toBe('');
  return (JSON.parse(stdout) as { partitiontable: { partitions: object[] } }).partitiontable;
}

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
