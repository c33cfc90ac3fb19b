/** A backup in a bucket is analysed, proven and read by qemu where it lies; nothing of it is downloaded first. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveDisks } from '../../agent/disks/serve.ts';
import { exec } from '../../agent/exec.ts';
import { analyse } from '../../agent/pipeline/analyse.ts';
import { openAt } from '../../agent/pipeline/open.ts';
import { verifyBackup } from '../../agent/pipeline/verify.ts';
import { bucketSchema } from '../../agent/repositories/bucket-options.ts';
import { sources } from '../../agent/sources/index.ts';
import { Moto } from '../peers/moto.ts';

const MAIN = new URL('../../agent/main.ts', import.meta.url).pathname;
const signal = new AbortController().signal;
let moto: Moto;
let folder: string;
const at = (name: string) => path.join(folder, name);

const VMX = `.encoding = "UTF-8"
displayName = "web01"
memsize = "512"
guestOS = "debian12-64"
scsi0:0.present = "TRUE"
scsi0:0.fileName = "web01-000001.vmdk"
`;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ascend-bucket-disks-'));
  await writeFile(at('credentials.json'), '{"accessKeyId":"any","secretAccessKey":"any"}', { mode: 0o600 });
  const qemu = (program: string, ...args: string[]) => execa(program, args, { cwd: folder });
  await qemu('qemu-img', 'create', '-q', '-f', 'qcow2', 'web01.qcow2', '64M');
  await qemu('qemu-io', '-c', 'write -P 7 1M 3M', 'web01.qcow2');
  await qemu(
    'qemu-img',
    'create',
    '-q',
    '-f',
    'qcow2',
    '-F',
    'qcow2',
    '-b',
    'web01.qcow2',
    'web01-000001.qcow2',
  );
  await qemu('qemu-io', '-c', 'write -P 9 2M 1M', 'web01-000001.qcow2');
  const { stdout: sums } = await qemu('sha256sum', 'web01.qcow2', 'web01-000001.qcow2');
  moto = await Moto.start();
  const disks = ['web01.qcow2', 'web01-000001.qcow2'];
  const contents = await Promise.all(
    disks.map(async (name) => [`vms/web01/${name}`, await readFile(at(name))]),
  );
  await moto.fill('nas', {
    ...(Object.fromEntries(contents) as Record<string, Buffer>),
    'vms/web01/web01.vmx': VMX,
    'vms/web01/SHA256SUMS': `${sums}\n`,
  });
});

afterAll(async () => {
  await moto[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const bucket = () =>
  bucketSchema.parse({ name: 'nas', endpoint: moto.endpoint, credentialsFile: at('credentials.json') });

it('shows qemu a chain of two objects as the one disk that it is', async () => {
  const reach = { buckets: () => Promise.resolve([bucket()]), signal };
  await using backup = await openAt('s3://nas/vms/web01', sources, reach);
  const analysis = await analyse(backup, sources);
  expect(analysis.machine?.disks).toMatchObject([
    { file: 'web01-000001.qcow2', sizeBytes: 64n * 1024n * 1024n },
  ]);
  const { proven, findings } = await verifyBackup(analysis, backup.files, {
    exec,
    signal,
    onBytes: () => undefined,
  });
  expect([proven, findings.map(({ code }) => code)]).toEqual([2, ['backup.no-checksum']]);
  await using served = await serveDisks(analysis.chains, backup.files, at('served'));
  const { name, format } = served.backingOf('scsi0:0');
  await execa('qemu-img', ['compare', '-f', format, '-F', 'qcow2', name, at('web01-000001.qcow2')]);
  const differing = execa('qemu-img', ['compare', '-f', format, '-F', 'qcow2', name, at('web01.qcow2')]);
  await expect(differing).rejects.toMatchObject({ exitCode: 1 });
});

it('is named on the command line like any other path', async () => {
  const state = at('state');
  await mkdir(state);
  const config = { repositories: [{ name: 'archive', bucket: bucket() }] };
  await writeFile(path.join(state, 'agent.json'), JSON.stringify(config));
  const args = [MAIN, '--state', state, 'analyse', 's3://nas/vms/web01', '--json'];
  const { stdout } = await execa(process.execPath, args);
  expect(JSON.parse(stdout)).toMatchObject({
    machine: { name: 'web01', disks: [{ file: 'web01-000001.qcow2', format: 'qcow2' }] },
    integrity: { verdict: 'whole', checksums: 'partly', proven: 2 },
  });
  const gone = await execa(process.execPath, [...args.slice(0, 4), 's3://nas/vms/gone', '--json'], {
    reject: false,
  });
  expect([gone.exitCode, JSON.parse(gone.stdout)]).toMatchObject([
    1,
    { error: { code: 'backup.not-found' } },
  ]);
});
