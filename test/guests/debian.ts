/**
 * More Debian servers as VMware backup sets: one folder here each, with packages.txt, root/, customise.sh,
 * write-disk.sh, identities.env and <name>.vmx. What they are for: servers.ts.
 */
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { exec } from '../../agent/exec.ts';
import { writeManifest } from '../../agent/repositories/backup-set.ts';
import { cachedGuest } from './cache.ts';
import { tcg, type Sample } from './debian12.ts';
import { hostApt } from './host-apt.ts';
import type { Server } from './servers.ts';

/** @param onProgress hears what is done now. The first call on a machine takes a minute or two, later ones none. */
export async function buildServer(
  server: Server,
  onProgress: (step: string) => void = () => undefined,
): Promise<Sample> {
  const parts = path.join(import.meta.dirname, server.folder);
  const { folder, fresh } = await cachedGuest({
    name: server.folder,
    inputs: [parts, path.join(import.meta.dirname, 'debian.ts')],
    build: (dir) => build(server, parts, dir, onProgress),
  });
  return { backupDir: path.join(folder, 'backup'), fresh };
}

async function build(
  server: Server,
  parts: string,
  dir: string,
  onProgress: (step: string) => void,
): Promise<void> {
  const backup = path.join(dir, 'backup');
  const tar = path.join(dir, 'root.tar');
  const disks = server.disks.map((disk, index) => ({ ...disk, raw: path.join(dir, `disk${index}.raw`) }));
  await mkdir(backup);

  onProgress(`installing ${server.name} with mmdebstrap`);
  await installDebian(parts, tar);
  onProgress('writing the disks');
  await exec('fakeroot', [path.join(parts, 'write-disk.sh'), tar, ...disks.map(({ raw }) => raw)], {
    env: tcg,
  });
  onProgress('capturing the full backup');
  for (const { raw, file } of disks)
    await exec('qemu-img', ['convert', '-W', '-O', 'qcow2', raw, path.join(backup, file)]);
  const vmx = `${server.name}.vmx`;
  await copyFile(path.join(parts, vmx), path.join(backup, vmx));
  await writeManifest(backup, {
    id: server.backup,
    platform: 'vmware',
    machineName: server.name,
    capturedAt: new Date().toISOString(),
    parent: null,
    metadata: [vmx],
    disks: disks.map(({ id, file, sizeBytes }) => {
      return { id, sizeBytes, layers: [{ backup: server.backup, file }] };
    }),
  });
  for (const file of [tar, ...disks.map(({ raw }) => raw)]) await rm(file);
}

async function installDebian(parts: string, tar: string): Promise<void> {
  const apt = await hostApt('bookworm');
  const packages = (await readFile(path.join(parts, 'packages.txt'), 'utf8')).trim().split('\n');
  const settings = [...apt.settings, 'APT::Install-Recommends "false";', 'Acquire::Languages "none";'];
  await exec('mmdebstrap', [
    '--variant=minbase',
    `--include=${packages.join(',')}`,
    ...settings.map((setting) => `--aptopt=${setting}`),
    ...['doc', 'man', 'locale', 'info'].map((kind) => `--dpkgopt=path-exclude=/usr/share/${kind}/*`),
    // Before the kernel is installed, so that its initramfs is made once and as these files say.
    // grub-pc asks for a disk to install to; there is none yet.
    '--essential-hook=echo grub-pc grub-pc/install_devices_empty boolean true | chroot "$1" debconf-set-selections',
    `--essential-hook=sync-in ${path.join(parts, 'root')} /`,
    `--customize-hook=${path.join(parts, 'customise.sh')}`,
    'bookworm',
    tar,
    ...apt.sourceFiles,
  ]);
}
