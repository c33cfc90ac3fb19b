/** The sample must be what it claims: a server that runs on VMware's hardware and, unfixed, on no other. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readManifest, sha256 } from '../../agent/repositories/backup-set.ts';
import { bootDisk, startGuest } from '../qemu/boot.ts';
import { freePort } from '../qemu/free-port.ts';
import { buildDebian12, tcg, web01 } from './debian12.ts';
import { hostApt } from './host-apt.ts';

let backupDir: string;
let work: string;
let newestLayer: string;
const scratch = (name: string): string => path.join(work, name);

beforeAll(async () => {
  ({ backupDir } = await buildDebian12());
  work = await mkdtemp(path.join(tmpdir(), 'debian12-'));
  newestLayer = path.join(backupDir, web01.increment.file);
  await overlay('serial.qcow2');
  // One launch takes out what the tests read, and gives this throwaway copy's GRUB entries a serial console.
  await execa('guestfish', ['--rw', '-a', scratch('serial.qcow2'), '-m', '/dev/sda1'], {
    cwd: work,
    env: tcg,
    input: `
      glob download /boot/vmlinuz-* vmlinuz
      glob download /boot/initrd.img-* initrd
      download /boot/grub/grub.cfg grub.cfg
      download /etc/fstab fstab
      tar-out /etc etc.tar
      ! sed 's/ ro  quiet$/ ro console=ttyS0/' grub.cfg > serial.cfg
      upload serial.cfg /boot/grub/grub.cfg
    `,
  });
});

afterAll(async () => {
  await rm(work, { recursive: true, force: true });
});

async function overlay(name: string): Promise<string> {
  await execa('qemu-img', ['create', '-f', 'qcow2', '-F', 'qcow2', '-b', newestLayer, scratch(name)]);
  return scratch(name);
}

test('is a chain of a full backup and one increment, linked by a name relative to its folder', async () => {
  const { stdout } = await execa('qemu-img', ['info', '--backing-chain', '--output=json', newestLayer]);
  const chain = (JSON.parse(stdout) as Record<string, unknown>[]).map((layer) => ({
    file: path.basename(layer.filename as string),
    backing: layer['backing-filename'],
    bytes: layer['virtual-size'],
  }));
  expect(chain).toEqual([
    { file: web01.increment.file, backing: web01.full.file, bytes: web01.diskBytes },
    { file: web01.full.file, backing: undefined, bytes: web01.diskBytes },
  ]);
});

test('names its root /dev/sda1 wherever Linux looks for it, and has no serial console', async () => {
  expect(await readFile(scratch('fstab'), 'utf8')).toMatch(/^\/dev\/sda1 +\/ +ext4 /m);
  const kernelLines = (await readFile(scratch('grub.cfg'), 'utf8')).match(/^\s+linux\t.*$/gm);
  expect(kernelLines).toHaveLength(3);
  for (const line of kernelLines!) {
    expect(line).toContain(' root=/dev/sda1 ');
    expect(line).not.toContain('console=');
  }
});

test("holds VMware's drivers in its initramfs and no other platform's", async () => {
  const cpio = zstdDecompressSync(await readFile(scratch('initrd')));
  const { stdout } = await execa('cpio', ['--quiet', '-t'], { input: cpio });
  const modules = stdout.split('\n').flatMap((file) => /([^/]+)\.ko$/.exec(file)?.[1] ?? []);
  expect(modules).toEqual(expect.arrayContaining(['vmw_pvscsi', 'vmxnet3', 'sd_mod', 'ext4']));
  const foreign = /virtio|nvme|ahci|hv_|xen|ena$|mpt/;
  expect(modules.filter((module) => foreign.test(module))).toEqual([]);
});

test('tells nothing of the machine it was built on', async () => {
  const { stdout: etc } = await execa('tar', ['-xOf', scratch('etc.tar')]);
  expect(etc).toContain('web01');
  expect(etc).not.toContain('mmdebstrap');
  const { sourceFiles } = await hostApt('bookworm');
  for (const file of [...sourceFiles, '/etc/resolv.conf']) {
    const addresses =
      (await readFile(file, 'utf8')).match(/https?:\/\/\S+|(?<=^nameserver )(?!127\.)\S+/gm) ?? [];
    for (const address of addresses) expect(etc).not.toContain(address);
  }
});

test('does not find its disk on virtio-blk', async () => {
  const { matched, serial } = await bootDisk({
    disk: await overlay('virtio.qcow2'),
    bus: 'virtio-blk',
    kernel: scratch('vmlinuz'),
    initrd: scratch('initrd'),
    append: 'root=/dev/sda1 ro console=ttyS0',
    until: [/\(initramfs\)/, /login:/],
    timeoutMs: 300_000,
  });
  expect(matched.source).toBe(String.raw`\(initramfs\)`);
  expect(serial).toContain('/dev/sda1 does not exist');
});

test("boots from GRUB on VMware's hardware and serves the increment's page at its static address", async () => {
  const hostPort = await freePort();
  await using guest = startGuest({
    disk: scratch('serial.qcow2'),
    bus: 'pvscsi',
    nic: 'vmxnet3',
    nicSlot: 192,
    forward: { hostPort, guestAddress: web01.address, guestPort: web01.httpPort },
  });
  const { serial } = await guest.until([/web01 login:/, /\(initramfs\)/], 300_000);
  expect(serial).toMatch(/vmxnet3 \S+ ens192: renamed from eth0/);
  expect(serial).toContain('web01 login:');
  const page = async (): Promise<string> =>
    (await fetch(`http://127.0.0.1:${hostPort}/`, { signal: AbortSignal.timeout(5000) })).text();
  await expect.poll(page, { timeout: 60_000, interval: 1000 }).toBe(web01.pages.increment);
});

test('is untouched by all this: every file has the size and checksum of the manifest', async () => {
  const { files } = await readManifest(backupDir);
  expect(files.map((file) => file.path).sort()).toEqual([
    'scsi0-0.full.qcow2',
    'scsi0-0.incr1.qcow2',
    'web01.vmx',
  ]);
  for (const file of files) {
    const { size, mode } = await stat(path.join(backupDir, file.path));
    expect({ size, mode: mode & 0o777 }).toEqual({ size: file.sizeBytes, mode: 0o444 });
    expect(await sha256(path.join(backupDir, file.path))).toBe(file.sha256);
  }
});
