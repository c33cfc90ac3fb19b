/** A backup of a VMware server becomes a machine that runs on KVM, with the agent's own commands. */
import { copyFile, link, mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MANIFEST_NAME, readManifest, sha256, writeManifest } from '../../agent/repositories/backup-set.ts';
import { buildDebian12, web01 } from '../guests/debian12.ts';
import { PrivateLibvirt } from '../libvirt/private.ts';
import { bootDisk } from '../qemu/boot.ts';
import { AgentHome } from './agent-process.ts';
import { stampOf } from './sample-backup.ts';

let libvirt: PrivateLibvirt;
let home: AgentHome;
let backup: string;

beforeAll(async () => {
  ({ backupDir: backup } = await buildDebian12());
  libvirt = await PrivateLibvirt.start();
  home = await AgentHome.make();
  const added = await home.run(['target', 'add', 'local', ...libvirt.targetFlags]);
  expect(added).toMatchObject({ exitCode: 0, stdout: 'Added local (kvm). Networks: lan.' });
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await libvirt[Symbol.asyncDispose]();
});

test('check says what a restore would do, and does nothing', async () => {
  const before = await stampOf(backup);
  const { exitCode, document } = await home.check([backup, '--target', 'local']);
  expect(exitCode).toBe(0);
  expect(document.findings.filter(({ severity }) => severity === 'block')).toEqual([]);
  const files = document.fixes.flatMap((fix) => fix.files);
  expect(files).toEqual(expect.arrayContaining(['/etc/fstab', '/boot/grub/grub.cfg']));
  expect(files.some((file) => file.startsWith('/boot/initrd.img-'))).toBe(true);
  expect(document.estimate.copyBytes).toBeGreaterThan(100_000_000);
  expect(await stampOf(backup)).toBe(before);
  expect(await libvirt.inventory()).toEqual({ domains: [], volumes: [] });
  expect(await home.leftovers()).toEqual([]);
});

test('the restored server runs: its prompt, its name, its address and its newest page', async () => {
  const before = await stampOf(backup);
  const proofs = [
    '--hostname',
    web01.name,
    '--ping',
    web01.address,
    '--tcp',
    `${web01.address}:${web01.httpPort}`,
  ];
  const { exitCode, document, stderr } = await home.restore([backup, '--target', 'local', ...proofs], {
    prefix: libvirt.inside,
  });
  expect(document, stderr).toMatchObject({
    outcome: 'succeeded',
    error: null,
    machine: { name: 'web01', running: true },
  });
  expect(exitCode).toBe(0);
  expect(stderr).toContain('login-prompt (serial console): web01 login:');
  expect(stderr).toContain('hostname (web01): web01 login:');
  expect(stderr).toContain(`ping (${web01.address}): answered`);
  expect(stderr).toContain(`tcp (${web01.address}:80): accepted`);
  expect(await pageOf(`http://${web01.address}/`)).toBe(web01.pages.increment);
  const { domains, volumes } = await libvirt.inventory();
  expect(domains).toEqual(['web01']);
  expect(volumes).toEqual([expect.stringMatching(/^web01-disk0-[0-9a-f]{8}\.qcow2$/)]);
  expect(await stampOf(backup)).toBe(before);
  expect(await home.leftovers()).toEqual([]);
});

test('a name that is taken blocks the restore before anything is made, and the machine that has it runs on', async () => {
  const before = await libvirt.inventory();
  const { exitCode, document } = await home.restore([backup, '--target', 'local']);
  expect(exitCode).toBe(3);
  expect(document).toMatchObject({
    outcome: 'blocked',
    machine: null,
    error: { code: 'run.blocked', context: { findings: 'target.name-taken' } },
  });
  expect(document.error?.message).toMatch(/A machine named web01 exists on this target \([0-9a-f-]{36}\)/);
  expect(document.error?.hint).toContain('--name');
  expect(await libvirt.inventory()).toEqual(before);
  expect(await libvirt.virsh('domstate', 'web01')).toBe('running');
  expect(await home.leftovers()).toEqual([]);
});

test('under another name it is restored beside the first, and left switched off where it is not to start', async () => {
  const args = [backup, '--target', 'local', '--name', 'web01-copy', '--no-start'];
  const { exitCode, document, stderr } = await home.restore(args);
  expect(document, stderr).toMatchObject({
    outcome: 'succeeded',
    machine: { name: 'web01-copy', running: false },
  });
  expect(exitCode).toBe(0);
  expect((await libvirt.inventory()).domains).toEqual(['web01', 'web01-copy']);
  expect(await libvirt.virsh('domstate', 'web01-copy')).toBe('shut off');
  await libvirt.clear();
});

test('a converted disk needs no fix any more, and boots on virtio', async () => {
  const out = path.join(home.folder, 'converted');
  const converted = await home.json(['convert', backup, '--for', 'kvm', '--out', out]);
  expect(converted.exitCode, converted.stderr).toBe(0);
  const { files } = converted.document as { files: string[] };
  const [disk = '', description = ''] = files;
  expect(await readFile(description, 'utf8')).toContain(disk);
  expect(await home.leftovers()).toEqual([]);

  const again = await backupOf(disk, path.join(home.folder, 'again'));
  const { document } = await home.check([again, '--for', 'kvm']);
  expect(document.fixes).toEqual([]);

  const { serial } = await bootDisk({
    disk,
    bus: 'virtio-blk',
    nic: 'virtio-net',
    until: [/web01 login:/, /\(initramfs\)/],
    timeoutMs: 300_000,
  });
  expect(serial).toContain('web01 login:');
});

test('the backup is what it was: every file has the checksum of the manifest', async () => {
  for (const file of (await readManifest(backup)).files) {
    expect(await sha256(path.join(backup, file.path))).toBe(file.sha256);
  }
  expect((await stat(path.join(backup, MANIFEST_NAME))).mode & 0o222).toBe(0);
});

/** From the machines' own network. */
async function pageOf(url: string): Promise<string> {
  const script = `process.stdout.write(await (await fetch(${JSON.stringify(url)})).text())`;
  const [program, ...rest] = [...libvirt.inside, process.execPath, '--input-type=module', '-e', script];
  return (await execa(program, rest, { stripFinalNewline: false })).stdout;
}

/** A full backup of the same machine with this disk. */
async function backupOf(disk: string, folder: string): Promise<string> {
  const { id, platform, machineName, capturedAt, metadata } = await readManifest(backup);
  await mkdir(folder);
  await link(disk, path.join(folder, 'disk.qcow2'));
  for (const name of metadata) await copyFile(path.join(backup, name), path.join(folder, name));
  const layers = [{ file: 'disk.qcow2', backup: id }];
  const disks = [{ id: web01.diskId, sizeBytes: web01.diskBytes, layers }];
  await writeManifest(folder, { id, platform, machineName, capturedAt, parent: null, metadata, disks });
  return folder;
}
