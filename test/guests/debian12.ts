/**
 * The sample: web01, a Debian 12 web server as a VMware backup set, made from Debian's packages alone.
 *
 * It is what a restore has to cope with: /dev/sda1 by name in fstab and on the kernel line, an initramfs that knows
 * VMware's disk and no other, a static address on ens192, no serial console. The increment holds a change of its own.
 */
import { mkdir, rm, copyFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { exec } from '../../agent/exec.ts';
import { writeManifest } from '../../agent/repositories/backup-set.ts';
import { cachedGuest } from './cache.ts';
import { hostApt } from './host-apt.ts';

/** Facts of the sample that tests may rely on. */
export const web01 = {
  name: 'web01',
  address: '10.77.0.10',
  gateway: '10.77.0.1',
  network: '10.77.0.0/24',
  nic: 'ens192',
  mac: '00:50:56:9a:3c:10',
  /** busybox httpd serves /srv/www here. */
  httpPort: 80,
  diskId: 'scsi0:0',
  diskBytes: 4 * 1024 ** 3,
  rootUuid: '6d2f0a4e-51c7-4b0b-9f3e-8a7c1d24e905',
  full: { backup: '0d7c6a52-7f0e-4f0a-9a63-1b1f5c1f4a10', file: 'scsi0-0.full.qcow2' },
  increment: { backup: 'b3c1f0de-4c6f-4d59-8c57-6a2d9f0e7b21', file: 'scsi0-0.incr1.qcow2' },
  /** The content of /srv/www/index.html: in the full backup, and after the increment. */
  pages: { full: 'web01, full backup\n', increment: 'web01, increment 1\n' },
} as const;

export interface Sample {
  backupDir: string;
  /** Built by this call, not found in the cache. */
  fresh: boolean;
}

const parts = path.join(import.meta.dirname, 'debian12');
const part = (name: string): string => path.join(parts, name);

/** @param onProgress hears what is done now. The first call on a machine takes a minute or two, later ones none. */
export async function buildDebian12(onProgress: (step: string) => void = () => undefined): Promise<Sample> {
  const { folder, fresh } = await cachedGuest({
    name: 'debian12',
    inputs: [parts, path.join(import.meta.dirname, 'debian12.ts')],
    build: (dir) => build(dir, onProgress),
  });
  return { backupDir: path.join(folder, 'backup'), fresh };
}

async function build(dir: string, onProgress: (step: string) => void): Promise<void> {
  const backup = path.join(dir, 'backup');
  const tar = path.join(dir, 'root.tar');
  const disk = path.join(dir, 'disk.raw');
  await mkdir(backup);

  onProgress('installing Debian 12 with mmdebstrap');
  await installDebian(tar);
  onProgress('writing the disk');
  await exec('fakeroot', [part('write-disk.sh'), tar, disk], {
    env: { FS_UUID: web01.rootUuid, MACHINE_ID: 'f1c7a2e94b0d4c6f8a35d07e6b91c248' },
  });
  onProgress('capturing the full backup');
  await exec('qemu-img', ['convert', '-W', '-O', 'qcow2', disk, path.join(backup, web01.full.file)]);
  const fullAt = new Date();
  onProgress('changing the server and capturing the increment');
  await captureIncrement(backup);
  await copyFile(part('web01.vmx'), path.join(backup, 'web01.vmx'));
  onProgress('writing the manifest');
  await describe(backup, fullAt);

  await rm(tar);
  await rm(disk);
}

async function installDebian(tar: string): Promise<void> {
  const apt = await hostApt('bookworm');
  const packages = (await readFile(part('packages.txt'), 'utf8')).trim().split('\n');
  const settings = [...apt.settings, 'APT::Install-Recommends "false";', 'Acquire::Languages "none";'];
  await exec(
    'mmdebstrap',
    [
      '--variant=minbase',
      `--include=${packages.join(',')}`,
      ...settings.map((setting) => `--aptopt=${setting}`),
      ...['doc', 'man', 'locale', 'info'].map((kind) => `--dpkgopt=path-exclude=/usr/share/${kind}/*`),
      // Before the kernel is installed, so that its initramfs is made once and as these files say.
      `--essential-hook=sync-in ${part('root')} /`,
      '--essential-hook=echo grub-pc grub-pc/install_devices_empty boolean true | chroot "$1" debconf-set-selections',
      `--customize-hook=${part('customise.sh')}`,
      'bookworm',
      tar,
      ...apt.sourceFiles,
    ],
    { env: { FS_UUID: web01.rootUuid } },
  );
}

async function captureIncrement(backup: string): Promise<void> {
  const { full, increment } = web01;
  // The backing file is named relative to its own folder, as the backup set asks.
  await exec('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', full.file, increment.file], {
    cwd: backup,
  });
  await exec('guestfish', ['--rw', '-a', path.join(backup, increment.file), '-m', '/dev/sda1'], {
    input: `write /srv/www/index.html ${JSON.stringify(web01.pages.increment)}\n`,
    env: tcg,
  });
}

/** libguestfs without hardware virtualisation: a /dev/kvm that exists and does not work makes it hang. */
export const tcg = { LIBGUESTFS_BACKEND: 'direct', LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' } as const;

async function describe(backup: string, fullAt: Date): Promise<void> {
  const { full, increment } = web01;
  await writeManifest(backup, {
    id: increment.backup,
    platform: 'vmware',
    machineName: web01.name,
    capturedAt: new Date().toISOString(),
    parent: { id: full.backup, capturedAt: fullAt.toISOString() },
    metadata: ['web01.vmx'],
    disks: [
      {
        id: web01.diskId,
        sizeBytes: web01.diskBytes,
        layers: [full, increment].map((layer) => ({ ...layer })),
      },
    ],
  });
}
