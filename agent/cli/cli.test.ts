/** The commands as scripts use them: a real process, its exit code, and one JSON document on stdout. */
import { execa } from 'execa';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { writeManifest } from '../repositories/backup-set.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const ID = '0b1f6d1e-59c4-4b1c-9d2e-6a8c3f0e7a10';
const SIZE = 64 * 1024 * 1024;

let whole: string;
let state: string;

beforeAll(async () => {
  whole = await makeBackup();
});
beforeEach(async () => {
  state = await temporaryFolder('cli');
});

/** A backup of one empty disk. */
async function makeBackup(): Promise<string> {
  const folder = await temporaryFolder('backup');
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', path.join(folder, 'full.qcow2'), String(SIZE)]);
  const lines = ['.encoding = "UTF-8"', 'displayName = "web01"', 'memsize = "512"'];
  const disk = ['scsi0:0.present = "TRUE"', 'scsi0:0.fileName = "web01.vmdk"'];
  await writeFile(path.join(folder, 'web01.vmx'), [...lines, ...disk].join('\n'));
  await writeManifest(folder, {
    id: ID,
    platform: 'vmware',
    machineName: 'web01',
    capturedAt: '2026-05-01T02:00:00Z',
    parent: null,
    metadata: ['web01.vmx'],
    disks: [{ id: 'scsi0:0', sizeBytes: SIZE, layers: [{ file: 'full.qcow2', backup: ID }] }],
  });
  return folder;
}

async function agent(...args: string[]) {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [MAIN, '--state', state, ...args], {
    reject: false,
  });
  return { exitCode, stdout, stderr, json: () => JSON.parse(stdout) as unknown };
}

it('analyses a whole backup: 0, and the machine as one JSON document', async () => {
  const { exitCode, json } = await agent('analyse', whole, '--json');
  expect(exitCode).toBe(0);
  expect(json()).toMatchObject({
    machine: {
      name: 'web01',
      platform: 'vmware',
      memoryBytes: 512 * 1024 * 1024,
      firmware: 'bios',
      sourceId: null,
      disks: [{ id: 'scsi0:0', sizeBytes: SIZE, file: 'full.qcow2', format: 'qcow2', boot: true }],
      nics: [],
      notes: null,
    },
    backup: { id: ID, parent: null },
    integrity: { verdict: 'whole', checksums: 'verified', files: 3, proven: 2 },
    findings: [{ code: 'machine.guest-unknown' }, { code: 'machine.facts-unstated' }],
  });
});

it('says it in words too, and leaves the checksums out where that is asked', async () => {
  const { exitCode, stdout } = await agent('analyse', whole, '--quick');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('web01 (from vmware)');
  expect(stdout).toContain('193 KiB in 3 files; whole; checksums not looked at (--quick)');
  expect(stdout).toContain('[machine.guest-unknown]');
});

it('explains where each fact came from', async () => {
  const { json } = await agent('analyse', whole, '--quick', '--explain', '--json');
  expect(json()).toMatchObject({
    origins: {
      memoryBytes: { file: 'web01.vmx', key: 'memSize' },
      'disks.scsi0:0.sizeBytes': { file: 'backup.json', key: 'disks.scsi0:0.sizeBytes' },
    },
  });
  const { stdout } = await agent('analyse', whole, '--quick', '--explain');
  expect(stdout).toMatch(/^memoryBytes +512 MiB \(536870912\) +web01\.vmx: memSize *$/m);
});

it('loses nothing of a long answer in a pipe that is read late', async () => {
  const folder = await temporaryFolder('many');
  const names = Array.from({ length: 900 }, (_, index) => `vm${index}`);
  await Promise.all(
    names.map((name) =>
      writeFile(path.join(folder, `${name}.vmx`), `config.version = "8"\ndisplayName = "${name}"\n`),
    ),
  );
  const line = `"${process.execPath}" "${MAIN}" --state "${state}" analyse "${folder}" --json | (sleep 2; cat)`;
  const { stdout } = await execa('sh', ['-c', line]);
  expect((JSON.parse(stdout) as { machines: unknown[] }).machines).toHaveLength(900);
});

it('makes a backup set of loose files', async () => {
  const out = path.join(state, 'set');
  const files = ['--machine', path.join(whole, 'web01.vmx'), '--disk', path.join(whole, 'full.qcow2')];
  const { exitCode, json } = await agent('backup', 'create', ...files, '--out', out, '--json');
  expect(exitCode).toBe(0);
  expect(json()).toMatchObject({ out, manifest: { platform: 'vmware', disks: [{ id: 'scsi0:0' }] } });
  const made = await agent('analyse', out, '--json');
  expect([made.exitCode, made.json()]).toMatchObject([
    0,
    { integrity: { verdict: 'whole', checksums: 'verified' } },
  ]);
  expect((await agent('backup', 'create', ...files, '--out', out)).exitCode).toBe(1);
});

it('analyses a broken backup: 3, and what is broken', async () => {
  const broken = await makeBackup();
  await writeFile(path.join(broken, 'web01.vmx'), 'config.version = "8"\nmemsize = "1"\n');
  await rm(path.join(broken, 'full.qcow2'));
  const { exitCode, json } = await agent('analyse', broken, '--json');
  expect(exitCode).toBe(3);
  const { integrity, findings } = json() as {
    integrity: object;
    findings: { code: string; severity: string }[];
  };
  expect(integrity).toMatchObject({ verdict: 'broken' });
  expect(findings.filter(({ severity }) => severity === 'block').map(({ code }) => code)).toEqual([
    'disk.missing',
    'disk.not-in-machine',
    'backup.file-unusable',
    'backup.file-size',
  ]);
});

it('analyses what is not there: 1, and an error as a document or in words', async () => {
  const gone = path.join(state, 'gone');
  const { exitCode, json } = await agent('analyse', gone, '--json');
  expect(exitCode).toBe(1);
  expect(json()).toEqual({
    error: {
      code: 'backup.not-found',
      message: `There is nothing at ${gone}.`,
      context: { path: gone },
      hint: 'Check the path, and that it is mounted.',
    },
  });
  const words = await agent('analyse', gone);
  expect([words.exitCode, words.stdout]).toEqual([1, '']);
  expect(words.stderr).toContain('error: There is nothing at');
  expect(words.stderr).not.toContain('    at ');
});

it.each([
  ['no verb that there is', ['anlayse', '/x']],
  ['a path too few', ['analyse']],
  ['an option that there is not', ['analyse', '/x', '--fast']],
  ['a target without a kind', ['target', 'add', 'lab']],
  ['a target of an unknown kind', ['target', 'add', 'lab', '--kind', 'zos', '--no-test']],
  ['an option without a value', ['target', 'add', 'lab', '--kind', 'kvm', '--option', 'pool', '--no-test']],
  ['an unknown option of the kind', ['target', 'add', 'l', '--kind', 'kvm', '--option', 'a=1', '--no-test']],
  ['a check for nothing', ['check', '/x']],
  ['a check for an unknown kind', ['check', '/x', '--for', 'zos']],
  ['a TCP check without a port', ['check', '/x', '--for', 'kvm', '--tcp', '10.0.0.1']],
  ['a time that is none', ['restore', '/x', '--target', 'lab', '--healthTimeout', 'soon']],
  ['a conversion without a place', ['convert', '/x', '--for', 'kvm']],
  ['a token from nowhere', ['enrol']],
])('says 2 to %s', async (_what, args) => {
  const { exitCode, stdout, stderr } = await agent(...args);
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^error: /m);
});

it('says which kinds there are', async () => {
  const { json } = await agent('check', whole, '--for', 'zos', '--json');
  expect(json()).toMatchObject({
    error: { code: 'usage.invalid', hint: 'Kinds: kvm, vmware, cloudstack, hyperv, ec2, azure.' },
  });
});

it.each([[[]], [['--help']], [['analyse', '--help']], [['target', 'add', '--help']], [['--version']]])(
  'helps without complaint: %j',
  async (args: string[]) => {
    const { exitCode, stdout, stderr } = await agent(...args);
    expect(exitCode).toBe(args.length === 0 ? 2 : 0);
    expect(`${stdout}${stderr}`).toMatch(/Usage: ascend-agent|^\d+\.\d+\.\d+/);
  },
);

it('adds, lists and removes targets', async () => {
  const lab = { name: 'lab', kind: 'kvm', options: { pool: 'ssd', verify: false, uri: 'qemu:///system' } };
  const options = ['--option', 'pool=ssd', '--option', 'verify=false'];
  const added = await agent('target', 'add', 'lab', '--kind', 'kvm', ...options, '--no-test', '--json');
  expect([added.exitCode, added.json()]).toMatchObject([0, lab]);
  expect((await agent('target', 'list', '--json')).json()).toMatchObject({ targets: [lab] });
  expect((await agent('target', 'list')).stdout).toContain('lab  kvm  {');

  const again = await agent('target', 'add', 'lab', '--kind', 'kvm', '--no-test', '--json');
  expect([again.exitCode, again.json()]).toMatchObject([1, { error: { code: 'already-exists' } }]);
  const restore = await agent('restore', whole, '--target', 'lap', '--json');
  expect([restore.exitCode, restore.json()]).toMatchObject([
    1,
    { error: { code: 'not-found', hint: 'It has: lab.' } },
  ]);

  expect((await agent('target', 'remove', 'lab', '--json')).json()).toEqual({ removed: 'lab' });
  expect((await agent('target', 'remove', 'lab')).exitCode).toBe(1);
  expect((await agent('target', 'list', '--json')).json()).toEqual({ targets: [] });
}, 60_000);

it('finds nothing to recover in a new agent', async () => {
  const { exitCode, json } = await agent('recover', '--json');
  expect([exitCode, json()]).toEqual([0, { runs: [] }]);
});

it('refuses a configuration that is wrong, and says where', async () => {
  await writeFile(path.join(state, 'agent.json'), '{"repositories":[{"name":"nas","path":"relative"}]}');
  const { exitCode, json } = await agent('target', 'list', '--json');
  expect([exitCode, json()]).toMatchObject([2, { error: { code: 'config.invalid' } }]);
  expect((json() as { error: { message: string } }).error.message).toContain('repositories.0.path');
});

it('converts into an empty folder only', async () => {
  const { exitCode, json } = await agent('convert', whole, '--for', 'kvm', '--out', whole, '--json');
  expect([exitCode, json()]).toMatchObject([1, { error: { code: 'already-exists' } }]);
  expect(await readdir(whole)).toContain('full.qcow2');
});
