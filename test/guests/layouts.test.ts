/** Roots that lie deeper than in a partition, found and mended through libguestfs. Nothing is booted. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GuestSession } from '../../agent/guests/guest.ts';
import { planRepair, repair } from '../../agent/guests/index.ts';
import { copyOf } from '../../agent/guests/linux/fixtures/miniature.ts';
import { miniatures } from '../../agent/guests/linux/fixtures/miniatures.ts';
import type { VolumeKey } from '../../agent/guests/volume-keys.ts';
import type { GuestRequirements } from '../../agent/guests/requirements.ts';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import { tcg } from './debian12.ts';

let work: string;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'ascend-layouts-'));
});
afterAll(async () => {
  await rm(work, { recursive: true, force: true });
});

const wants: GuestRequirements = {
  firmware: Firmware.UEFI,
  storage: 'virtio-blk',
  network: 'virtio-net',
  serialConsole: 'ttyS0',
  kernelArguments: [],
  guestAgent: 'qemu-guest-agent',
  cloud: undefined,
  nics: [{ mac: '00:50:56:aa:00:01', guestNames: ['ens192', 'eth0'], addressing: 'keep' }],
  supplies: {},
};

/** A disk with an EFI system partition and a second one; `script` fills that and mounts the root. */
async function diskOf(name: string, miniature: string, script: string): Promise<string> {
  const disk = path.join(work, `${name}.qcow2`);
  const found = miniatures.find((candidate) => candidate.name === miniature);
  if (!found) throw new Error(miniature);
  const root = await copyOf(found);
  await execa('tar', ['-C', root, '-cf', path.join(work, 'root.tar'), '.']);
  await rm(path.dirname(root), { recursive: true });
  await execa('guestfish', ['--keys-from-stdin'], {
    cwd: work,
    env: tcg,
    input: `
      disk-create ${disk} qcow2 900M
      add ${disk} format:qcow2
      run
      part-init /dev/sda gpt
      part-add /dev/sda p 2048 133119
      part-add /dev/sda p 133120 -2048
      part-set-gpt-type /dev/sda 1 C12A7328-F81F-11D2-BA4B-00A0C93EC93B
      mkfs vfat /dev/sda1
      ${script}
      mkdir-p /boot/efi
      mount /dev/sda1 /boot/efi
      mkdir-p /boot/efi/EFI/redhat
      write /boot/efi/EFI/redhat/grubx64.efi loader
      tar-in root.tar /
    `,
  });
  return disk;
}

function open(disk: string, keys: VolumeKey[] = []): Promise<GuestSession> {
  return GuestSession.open({
    disks: [disk],
    readOnly: false,
    acceleration: () => Promise.resolve({ kvm: false }),
    signal: AbortSignal.timeout(300_000),
    tempDir: work,
    keys,
  });
}

/** Of guests that are not whole, and of one whose passphrase somebody has to type. */
const TOLD = new Set(['guest.fstab-unresolved', 'guest.passphrase-at-start']);

/** Names of the fixes; that nothing is left to do is `repair`'s own proof. */
async function mended(session: GuestSession): Promise<string[]> {
  const plan = await planRepair(session, wants);
  expect(plan.findings.filter(({ code }) => !TOLD.has(code))).toEqual([]);
  await repair(session, plan, () => undefined);
  return plan.fixes.map(({ name }) => name);
}

test('a root in a subvolume of btrfs, beside its snapshots', async () => {
  const disk = await diskOf(
    'btrfs',
    'sles15',
    `
      mkfs btrfs /dev/sda2
      mount /dev/sda2 /
      btrfs-subvolume-create /@
      mkdir-p /@/.snapshots/1
      btrfs-subvolume-snapshot /@ /@/.snapshots/1/snapshot
      umount /
      mount btrfsvol:/dev/sda2/@ /
    `,
  );
  await using session = await open(disk);
  expect(await mended(session)).toContain('linux.driver-segment');
});

const WRONG: VolumeKey = { kind: 'passphrase', text: 'wrong' };
// With what no line can hold, and what ends one.
const KEY = Buffer.from([0, 1, 0x0a, 0xff, 0x27, 0x5c]);

test('a root on a volume inside LUKS, by its passphrase or the bytes of a key and not without, and an EFI partition that fstab does not have', async () => {
  const keyFile = path.join(work, 'volume.key');
  await writeFile(keyFile, KEY);
  await writeFile(path.join(work, 'passphrase'), 'right');
  const cheap = '--pbkdf-memory 32 --pbkdf-parallel 1 --pbkdf-force-iterations 4';
  const disk = await diskOf(
    'luks',
    'rhel9',
    `
      debug-upload passphrase /tmp/passphrase 0600
      debug-upload ${keyFile} /tmp/key 0600
      debug sh "cryptsetup luksFormat -q ${cheap} /dev/sda2 /tmp/passphrase"
      debug sh "cryptsetup luksAddKey -q ${cheap} --key-file /tmp/passphrase /dev/sda2 /tmp/key"
      cryptsetup-open /dev/sda2 open
right
      pvcreate /dev/mapper/open
      vgcreate rhel /dev/mapper/open
      lvcreate root rhel 500
      mkfs ext4 /dev/rhel/root
      mount /dev/rhel/root /
      mkdir /etc
      setxattr security.selinux system_u:object_r:etc_t:s0 26 /etc
    `,
  );
  {
    await using session = await open(disk, [WRONG]);
    const { fixes, findings } = await planRepair(session, wants);
    expect(fixes).toEqual([]);
    expect(findings.map(({ code }) => code)).toEqual(['guest.encrypted']);
  }
  {
    await using session = await open(disk, [WRONG, { kind: 'file', path: keyFile }]);
    expect((await planRepair(session, wants)).fixes).not.toEqual([]);
  }
  await using session = await open(disk, [{ kind: 'passphrase', text: 'right' }]);
  expect(await mended(session)).toEqual(
    expect.arrayContaining(['linux.driver-segment', 'linux.lvm-devices', 'linux.efi-fallback']),
  );
  expect(await session.readText('/boot/efi/EFI/BOOT/BOOTX64.EFI')).toBe('shim\n');
  // A new file has the label that the running guest would give it.
  const label = await session.call('getxattr', '/etc/dracut.conf.d/99-ascend.conf', 'security.selinux');
  expect(label).toBe('system_u:object_r:etc_t:s0');
});
