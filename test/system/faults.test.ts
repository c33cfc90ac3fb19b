/** Each broken backup and each target in trouble: what is wrong, where, what to do; and nothing is touched or left. */
import { open, readdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  MANIFEST_NAME,
  readManifest,
  writeManifest,
  type Manifest,
} from '../../agent/repositories/backup-set.ts';
import { AgentHome, type RestoreDocument } from '../e2e/agent-process.ts';
import { copySample, stampOf } from '../e2e/sample-backup.ts';
import { web01 } from '../guests/debian12.ts';
import { PrivateLibvirt } from '../libvirt/private.ts';
import { SmallPool } from '../libvirt/small-pool.ts';

let libvirt: PrivateLibvirt;
let home: AgentHome;
let whole: string;
let copies = 0;

beforeAll(async () => {
  libvirt = await PrivateLibvirt.start();
  home = await AgentHome.make();
  whole = await copySample(path.join(home.folder, 'whole'));
  await home.run(['target', 'add', 'local', ...libvirt.targetFlags]);
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await libvirt[Symbol.asyncDispose]();
});

afterEach(async () => {
  expect(await home.leftovers()).toEqual([]);
  expect(await libvirt.inventory()).toEqual({ domains: [], volumes: [] });
});

const newest = web01.increment.file;

interface BrokenBackup {
  what: string;
  /** Of a folder that is a backup like the sample's. */
  broken: (folder: string) => Promise<unknown>;
  finding: string;
  /** In the message: where it is, and what. */
  says: RegExp;
  remedy: RegExp;
}

const tampered = /Do not restore this backup before you know/;
const copyAgain = /copy .* again from where/i;

const brokenBackups: BrokenBackup[] = [
  {
    what: 'a layer with one byte changed',
    broken: (folder) => flipByte(path.join(folder, newest), 600_000),
    finding: 'backup.checksum',
    says: /scsi0-0\.incr1\.qcow2 is not the file that was backed up/,
    remedy: copyAgain,
  },
  {
    what: 'a layer that is cut short',
    broken: (folder) => truncate(path.join(folder, newest), 700_000),
    finding: 'backup.file-size',
    says: /scsi0-0\.incr1\.qcow2 is 700000 bytes long; the manifest says \d+/,
    remedy: copyAgain,
  },
  {
    what: 'a layer that is missing',
    broken: (folder) => rm(path.join(folder, web01.full.file)),
    finding: 'disk.missing',
    says: /scsi0-0\.full\.qcow2, which scsi0-0\.incr1\.qcow2 builds on, is missing from the backup/,
    remedy: copyAgain,
  },
  {
    what: 'a layer that is no QCOW2',
    broken: (folder) => rewrite(folder, newest, (file) => writeFile(file, 'not a disk at all'.repeat(100))),
    finding: 'disk.invalid',
    says: /scsi0-0\.incr1\.qcow2/,
    remedy: copyAgain,
  },
  {
    what: 'an increment that builds on another layer',
    broken: (folder) => rewrite(folder, newest, (file) => backedBy(file, 'scsi0-0.other.qcow2')),
    finding: 'disk.chain-broken',
    says: /scsi0-0\.incr1\.qcow2 should build on scsi0-0\.full\.qcow2, but names "scsi0-0\.other\.qcow2"/,
    remedy: copyAgain,
  },
  {
    what: 'a parent that is not the one its layers have',
    broken: (folder) =>
      describe(folder, (manifest) => ({
        ...manifest,
        parent: { id: '11111111-2222-4333-8444-555555555555', capturedAt: manifest.capturedAt },
      })),
    finding: 'backup.parent-broken',
    says: /builds on backup 11111111-.* disk scsi0:0 has a layer of 0d7c6a52-/,
    remedy: /Take the backup again/,
  },
  {
    what: 'a VMX that holds nothing of a VMX',
    broken: (folder) => rewrite(folder, 'web01.vmx', (file) => writeFile(file, '\u0000garbage\n'.repeat(50))),
    finding: 'source.invalid',
    says: /web01\.vmx: not metadata of VMware/,
    remedy: copyAgain,
  },
  {
    what: 'a VMX that does not know the disk',
    broken: (folder) =>
      rewrite(folder, 'web01.vmx', async (file) =>
        writeFile(file, (await readFile(file, 'utf8')).replace(/^scsi0:0.*\n/gm, '')),
      ),
    finding: 'disk.not-in-machine',
    says: /holds a disk scsi0:0, which its metadata does not know/,
    remedy: /Take the backup again/,
  },
  ...[
    '/etc/passwd',
    '../../outside.qcow2',
    'nbd://127.0.0.1:10809/disk',
    `json:{"driver":"host_device"}`,
  ].map((backing): BrokenBackup => ({
    what: `a backing file ${backing}`,
    broken: (folder) => rewrite(folder, newest, (file) => backedBy(file, backing)),
    finding: 'disk.backing-outside-backup',
    says: /scsi0-0\.incr1\.qcow2 names ".*" as its backing file, which is outside the backup/,
    remedy: tampered,
  })),
  {
    what: 'a layer that is a symbolic link out of the backup',
    broken: async (folder) => {
      const file = path.join(folder, newest);
      const elsewhere = path.join(home.folder, 'elsewhere.qcow2');
      await rename(file, elsewhere);
      await symlink(elsewhere, file);
    },
    finding: 'disk.symlink',
    says: /scsi0-0\.incr1\.qcow2 is a symbolic link/,
    remedy: tampered,
  },
  {
    what: 'an external data file',
    broken: (folder) => rewrite(folder, newest, withDataFile),
    finding: 'disk.external-data-file',
    says: /scsi0-0\.incr1\.qcow2 keeps its data in another file/,
    remedy: tampered,
  },
];

test.each(brokenBackups)('$what blocks the restore', async ({ broken, finding, says, remedy }) => {
  const folder = await copySample(path.join(home.folder, `backup-${(copies += 1)}`));
  await broken(folder);
  const stamp = await stampOf(folder);
  const { exitCode, document } = await home.restore([folder, '--target', 'local', '--no-start']);
  expect(exitCode).toBe(3);
  expectBlocked(document, finding, says, remedy);
  expect(await stampOf(folder)).toBe(stamp);
});

test('a manifest whose names lead out of the folder is refused as a whole', async () => {
  const folder = await copySample(path.join(home.folder, `backup-${(copies += 1)}`));
  const file = path.join(folder, MANIFEST_NAME);
  await writeFile(file, (await readFile(file, 'utf8')).replaceAll('"web01.vmx"', '"../web01.vmx"'));
  const { exitCode, document } = await home.restore([folder, '--target', 'local']);
  expect(exitCode).toBe(1);
  expect(document.error).toMatchObject({ code: 'backup.invalid' });
  expect(document.error?.message).toMatch(/backup\.json: .*must be a relative path .* without \.\./);
});

test('a name that is taken by a machine of somebody else blocks the restore', async () => {
  const file = path.join(home.folder, 'other.xml');
  const os = `<os><type arch='x86_64' machine='q35'>hvm</type></os>`;
  await writeFile(file, `<domain type='qemu'><name>web01</name><memory>65536</memory>${os}</domain>`);
  await libvirt.virsh('define', file);
  const uuid = await libvirt.virsh('domuuid', 'web01');
  const { exitCode, document } = await home.restore([whole, '--target', 'local']);
  expect(exitCode).toBe(3);
  expectBlocked(document, 'target.name-taken', new RegExp(`named web01 exists .*${uuid}`), /--name/);
  expect(await libvirt.virsh('domuuid', 'web01')).toBe(uuid);
  await libvirt.clear();
});

test('a target without room for the disks blocks the restore', async () => {
  await using pool = await smallPool('small', 100);
  const { exitCode, document } = await home.restore([whole, '--target', pool.name, '--no-start'], {
    prefix: libvirt.within,
  });
  expect(exitCode).toBe(3);
  expectBlocked(
    document,
    'target.no-space',
    /needs \d+ bytes in storage pool small, which has \d+ left/,
    /Free space/,
  );
  expect(await pool.files()).toEqual([]);
});

test('a target that fills up in the middle of the copy ends the restore, and nothing half-made is left', async () => {
  await using pool = await smallPool('filling', 1000);
  const stamp = await stampOf(whole);
  const filled = Promise.withResolvers<undefined>();
  const onStderr = (text: string) => {
    if (text.includes('> convert')) void pool.fill(800).then(() => filled.resolve(undefined));
  };
  const args = [whole, '--target', pool.name, '--no-start'];
  const { exitCode, document } = await home.restore(args, { prefix: libvirt.within, onStderr });
  await filled.promise;
  expect(exitCode).toBe(1);
  expect(document).toMatchObject({ outcome: 'failed', machine: null, error: { code: 'target.no-space' } });
  expect(document.error?.message).toMatch(/No room left while writing .*web01-disk0-.*\.qcow2/);
  expect(document.error?.hint).toMatch(/Free space there/);
  expect(await pool.files()).toEqual(['filler']);
  expect(await stampOf(whole)).toBe(stamp);
});

test('a libvirt that is stopped blocks the restore', async () => {
  await libvirt.stop();
  try {
    const { exitCode, document } = await home.restore([whole, '--target', 'local']);
    expect(exitCode).toBe(3);
    expectBlocked(
      document,
      'target.unreachable',
      /libvirt does not answer at qemu\+unix:/,
      /systemctl start libvirtd/,
    );
  } finally {
    await libvirt.restart();
  }
});

test('a libvirt that is stopped during the copy fails the restore; once it is back, recover removes what was made', async () => {
  const [failed] = await Promise.all([
    home.run(['restore', whole, '--target', 'local', '--no-start', '--json']),
    copying(libvirt.poolDir).then(() => libvirt.stop()),
  ]);
  expect(failed.exitCode).toBe(1);
  const { error } = JSON.parse(failed.stdout) as { error: RestoreDocument['error'] };
  expect(error).toMatchObject({ code: 'target.unreachable' });
  expect(error?.hint).toContain('systemctl start libvirtd');

  await libvirt.restart();
  expect((await libvirt.inventory()).volumes).toHaveLength(1);
  const recovered = await home.json(['recover']);
  expect(recovered).toMatchObject({ exitCode: 1, document: { outcome: 'failed', machine: null } });
});

/** A pool, and a target of that name that restores into it. */
async function smallPool(name: string, megabytes: number): Promise<SmallPool> {
  const pool = await SmallPool.make(libvirt, name, megabytes);
  const added = await home.run(['target', 'add', name, ...libvirt.targetFlags, '--option', `pool=${name}`]);
  expect(added.exitCode, added.stderr).toBe(0);
  return pool;
}

function expectBlocked(
  { outcome, machine, error }: RestoreDocument,
  finding: string,
  says: RegExp,
  remedy: RegExp,
): void {
  expect({ outcome, machine, code: error?.code }).toEqual({
    outcome: 'blocked',
    machine: null,
    code: 'run.blocked',
  });
  expect(String(error?.context.findings).split(', ')).toContain(finding);
  expect(error?.message).toMatch(says);
  expect(error?.hint).toMatch(remedy);
}

/** Resolves once a disk in a pool has data. */
async function copying(poolDir: string): Promise<void> {
  const bytes = async (name: string) => (await stat(path.join(poolDir, name))).size;
  for (;;) {
    const sizes = await Promise.all((await readdir(poolDir)).map(bytes));
    if (sizes.some((size) => size > 50_000_000)) return;
    await sleep(20);
  }
}

async function flipByte(file: string, offset: number): Promise<void> {
  await using handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, offset);
  await handle.write(Buffer.from([(byte[0] ?? 0) ^ 0xff]), 0, 1, offset);
}

/** Changes a file and the manifest with it: somebody who tampers with a backup makes its checksums fit. */
async function rewrite(
  folder: string,
  name: string,
  change: (file: string) => Promise<unknown>,
): Promise<void> {
  await change(path.join(folder, name));
  await describe(folder, (manifest) => manifest);
}

async function describe(folder: string, change: (manifest: Manifest) => Manifest): Promise<void> {
  const {
    format: _format,
    formatVersion: _version,
    files: _files,
    ...draft
  } = change(await readManifest(folder));
  await writeManifest(folder, draft);
}

async function backedBy(file: string, backing: string): Promise<void> {
  await execa('qemu-img', ['rebase', '-u', '-f', 'qcow2', '-F', 'qcow2', '-b', backing, file]);
}

async function withDataFile(file: string): Promise<void> {
  const options = `data_file=${file}.data,backing_file=${web01.full.file},backing_fmt=qcow2`;
  await rm(file);
  await execa('qemu-img', [
    'create',
    '-q',
    '-u',
    '-f',
    'qcow2',
    '-o',
    options,
    file,
    String(web01.diskBytes),
  ]);
}
