/** File systems that were made to do harm, through libguestfs: a finding or an error within the time, and nothing is left. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open as openFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { GuestSession } from '../../agent/guests/guest.ts';
import { planRepair, repair } from '../../agent/guests/index.ts';
import { copyOf } from '../../agent/guests/linux/fixtures/miniature.ts';
import { miniatures } from '../../agent/guests/linux/fixtures/miniatures.ts';
import type { GuestRequirements } from '../../agent/guests/requirements.ts';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import { tcg } from './debian12.ts';

const MIB = 1024 ** 2;
// An ordinary guest is open and planned in some 15 s; what hangs would go on for ever.
const LIMIT_MS = 240_000;

let work: string;
let root: string;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'ascend-hostile-'));
  const miniature = miniatures.find(({ name }) => name === 'ubuntu1804');
  if (!miniature) throw new Error('no such miniature');
  root = await copyOf(miniature);
});
afterAll(async () => {
  await rm(path.dirname(root), { recursive: true, force: true });
  await rm(work, { recursive: true, force: true });
});

/** What the backup held, and who has it open. */
let backup: { file: string; sha256: string };
afterEach(async () => {
  expect(await sha256(backup.file)).toBe(backup.sha256);
  const { stdout } = await execa('pgrep', ['-f', `qemu-system.*${work}`], { reject: false });
  expect(stdout).toBe('');
  expect((await readdir(work)).filter((name) => name.startsWith('guest-'))).toEqual([]);
});

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** A root on a whole disk, after debugfs(8) has done what no running system would. @returns what debugfs complains of */
async function rootWith(name: string, commands: readonly string[]): Promise<string> {
  const file = path.join(work, `${name}.raw`);
  await execa('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', root, file, '64M']);
  const script = path.join(work, `${name}.debugfs`);
  await writeFile(script, commands.map((command) => `${command}\n`).join(''));
  const { stderr } = await execa('debugfs', ['-w', '-f', script, file]);
  await seal(file);
  return stderr.replace(/^debugfs \d.*\n?/, '');
}

async function seal(file: string): Promise<void> {
  backup = { file, sha256: await sha256(file) };
}

/** A session over an overlay, as a restore has it. */
async function open(): Promise<GuestSession> {
  const overlay = `${backup.file}.qcow2`;
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', backup.file, overlay]);
  return GuestSession.open({
    disks: [overlay],
    readOnly: false,
    acceleration: () => Promise.resolve({ kvm: false }),
    signal: AbortSignal.timeout(LIMIT_MS),
    tempDir: work,
  });
}

const wants: GuestRequirements = {
  firmware: Firmware.UNSPECIFIED,
  storage: 'virtio-blk',
  network: 'virtio-net',
  serialConsole: 'ttyS0',
  kernelArguments: [],
  guestAgent: 'qemu-guest-agent',
  cloud: undefined,
  nics: [],
  supplies: {},
};

test.each([
  {
    what: 'a block device in place of fstab',
    commands: ['rm /etc/fstab', 'cd /etc', 'mknod fstab b 8 0'],
    says: '/etc/fstab in the guest is not a file.',
  },
  {
    what: 'a pipe that nobody writes to in place of fstab',
    commands: ['rm /etc/fstab', 'cd /etc', 'mknod fstab p'],
    says: '/etc/fstab in the guest is not a file.',
  },
  {
    what: 'an fstab of 4 GiB',
    commands: ['set_inode_field /etc/fstab size 0x100000000'],
    says: '/etc/fstab in the guest is larger than 16777216 bytes, the most that is expected there.',
  },
])('$what is told, and not read', async ({ what, commands, says }) => {
  expect(await rootWith(what.replaceAll(' ', '-'), commands)).toBe('');
  await using session = await open();
  await expect(planRepair(session, wants)).rejects.toMatchObject({
    code: 'guest.unsupported',
    message: says,
    hint: expect.stringContaining('on the original machine') as string,
  });
});

test('links lead nowhere but into the guest itself', async () => {
  const secret = path.join(work, 'secret');
  await writeFile(secret, 'GRUB_CMDLINE_LINUX="0c0ffee0"\n');
  const upwards = `${'../'.repeat(40)}${secret.slice(1)}`;
  const links = ['/etc/default/grub', '/etc/hostname', '/etc/loop'];
  const commands = [
    ...['rm /etc/default/grub', `symlink /etc/default/grub ${secret}`],
    `symlink /etc/hostname ${upwards}`,
    'symlink /etc/loop /etc/loop',
  ];
  expect(await rootWith('links', commands)).toBe('');
  await using session = await open();
  const plan = await planRepair(session, wants);
  expect(plan.fixes.map(({ name }) => name)).toContain('linux.driver-segment');
  expect(JSON.stringify(plan.fixes.map(({ changes }) => changes))).not.toContain('0c0ffee0');
  for (const link of links) {
    expect(await session.readText(link)).toBeUndefined();
    await expect(session.write(link, 'overwritten')).rejects.toMatchObject({ code: 'guest.session-failed' });
  }
  expect(await readFile(secret, 'utf8')).toContain('0c0ffee0');
});

test('what is left in a journal is replayed in the overlay, and stays in the journal of the backup', async () => {
  const later = Buffer.alloc(1024, '#');
  later.write('LABEL=later / ext4 defaults 0 1\n');
  await writeFile(path.join(work, 'later'), later);
  const where = path.join(work, 'where.raw');
  await execa('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', root, where, '64M']);
  const { stdout } = await execa('debugfs', ['-R', 'blocks /etc/fstab', where]);
  const commands = ['journal_open', `journal_write -b ${stdout.trim()} ${work}/later`, 'journal_close'];
  expect(await rootWith('journal', commands)).toBe('');
  const { stdout: features } = await execa('dumpe2fs', ['-h', backup.file]);
  expect(features).toContain('needs_recovery');
  await using session = await open();
  await planRepair(session, wants);
  expect(await session.readText('/etc/fstab')).toContain('LABEL=later');
});

test('a full file system ends the repair with what it needs and what is left', async () => {
  const filler = path.join(work, 'filler');
  const handle = await openFile(filler, 'w');
  for (let written = 0; written < 64; written += 1) await handle.write(Buffer.alloc(MIB, 'x'));
  await handle.close();
  expect(await rootWith('full', ['cd /', `write ${filler} filler`])).toMatch(/Could not allocate block/);
  await using session = await open();
  const plan = await planRepair(session, wants);
  expect(plan.fixes[0]?.name).toBe('linux.driver-segment');
  await expect(repair(session, plan, () => undefined)).rejects.toMatchObject({
    code: 'guest.fix-failed',
    message: expect.stringMatching(
      /^linux\.driver-segment: .* needs \d+ more bytes; its file system has \d+ left\.$/,
    ) as string,
  });
});

test('a file system without its superblock is no guest', async () => {
  await rootWith('superblock', []);
  const handle = await openFile(backup.file, 'r+');
  await handle.write(Buffer.alloc(4096), 0, 4096, 0);
  await handle.close();
  await seal(backup.file);
  await using session = await open();
  const { fixes, findings } = await planRepair(session, wants);
  expect(fixes).toEqual([]);
  expect(findings.map(({ code }) => code)).toEqual(['guest.unknown']);
});

test('a volume that holds its own volume group again comes to an end', async () => {
  const file = path.join(work, 'ring.raw');
  await execa('guestfish', ['--rw'], {
    env: tcg,
    input: `
      disk-create ${file} raw 64M
      add ${file} format:raw
      run
      pvcreate /dev/sda
      vgcreate ring /dev/sda
      lvcreate again ring 40
      copy-device-to-device /dev/sda /dev/ring/again size:2097152
    `,
  });
  await seal(file);
  await using session = await open();
  const { fixes, findings } = await planRepair(session, wants);
  expect(fixes).toEqual([]);
  expect(findings.map(({ code }) => code)).toEqual(['guest.unknown']);
});
