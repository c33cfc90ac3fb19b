import { readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { exec } from '../exec.ts';
import {
  MANIFEST_NAME,
  writeManifest,
  type Manifest,
  type ManifestDraft,
} from '../repositories/backup-set.ts';
import { sources } from '../sources/index.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { analyse, type Analysis } from './analyse.ts';
import { openAt } from './open.ts';

const FULL = '7f5b8a44-0d5e-4a3c-8b57-1f8f3f1a9c02';
const THIS = '0b1f6d1e-59c4-4b1c-9d2e-6a8c3f0e7a10';
const OTHER = '5d3b0c3e-8a3f-4f1d-9f0e-2b8f4c6d7e90';
const SIZE = 64 * 1024 * 1024;

const VMX = `.encoding = "UTF-8"
displayName = "web01"
guestOS = "debian12-64"
memsize = "512"
scsi0:0.present = "TRUE"
scsi0:0.fileName = "web01.vmdk"
`;
const SECOND_DISK = 'scsi0:1.present = "TRUE"\nscsi0:1.fileName = "data.vmdk"\n';

const draft: ManifestDraft = {
  id: THIS,
  platform: 'vmware',
  machineName: 'web01-from-manifest',
  capturedAt: '2026-05-02T02:00:00Z',
  parent: { id: FULL, capturedAt: '2026-05-01T02:00:00Z' },
  metadata: ['web01.vmx'],
  disks: [
    {
      id: 'scsi0:0',
      sizeBytes: SIZE,
      layers: [
        { file: 'full.qcow2', backup: FULL },
        { file: 'incr.qcow2', backup: THIS },
      ],
    },
  ],
};

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder('analyse');
  const qemuImg = (...args: string[]) => exec('qemu-img', args, { cwd: folder });
  await qemuImg('create', '-q', '-f', 'qcow2', 'full.qcow2', String(SIZE));
  await qemuImg('create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', 'full.qcow2', 'incr.qcow2');
  await writeFile(at('web01.vmx'), VMX);
  await writeManifest(folder, draft);
});

const at = (name: string) => path.join(folder, name);

async function analysed(place = folder): Promise<Analysis> {
  await using backup = await openAt(place, sources);
  return await analyse(backup, sources);
}

/** What the metadata leaves open is not what these tests are about. */
const weighty = ({ findings }: Analysis) => findings.filter(({ code }) => code !== 'machine.facts-unstated');

/** Rewrites the manifest as somebody might who knows its shape. */
async function change(edit: (manifest: Manifest) => object): Promise<void> {
  const manifest = JSON.parse(await readFile(at(MANIFEST_NAME), 'utf8')) as Manifest;
  await writeFile(at(MANIFEST_NAME), JSON.stringify({ ...manifest, ...edit(manifest) }));
}

async function codes(): Promise<string[]> {
  return weighty(await analysed()).map(({ code, subject }) => `${code} ${subject}`);
}

const layersOf = (...backups: string[]) => ({
  disks: [
    {
      ...draft.disks[0],
      layers: backups.map((backup, index) => ({ file: ['full.qcow2', 'incr.qcow2'][index], backup })),
    },
  ],
});

it('puts together what the metadata and the manifest know', async () => {
  const analysis = await analysed();
  const { machine, chains, manifest, origins } = analysis;
  expect(weighty(analysis)).toEqual([]);
  expect(manifest?.id).toBe(THIS);
  expect(machine).toMatchObject({
    name: 'web01',
    disks: [{ id: 'scsi0:0', boot: true, sizeBytes: BigInt(SIZE), file: 'incr.qcow2', format: 'qcow2' }],
  });
  expect(chains.get('scsi0:0')?.layers.map(({ file }) => file)).toEqual(['full.qcow2', 'incr.qcow2']);
  expect(origins.of('memoryBytes')).toEqual({ file: 'web01.vmx', key: 'memSize' });
  expect(origins.of('disks.scsi0:0.sizeBytes')).toEqual({
    file: 'backup.json',
    key: 'disks.scsi0:0.sizeBytes',
  });
});

it('takes the name of the manifest where the metadata has none', async () => {
  await writeFile(at('web01.vmx'), VMX.replace(/displayName.*/, ''));
  expect((await analysed()).machine?.name).toBe('web01-from-manifest');
});

it('finds backups through a link to their folder', async () => {
  const link = path.join(await temporaryFolder('link'), 'backups');
  await symlink(folder, link);
  expect((await analysed(link)).location).toBe(folder);
});

it.each<[what: string, edit: object]>([
  ['the parent is another one than the layers build on', layersOf(OTHER, THIS)],
  ['the newest layer is not its own', layersOf(FULL, OTHER)],
  ['there is a layer below, but no parent', { parent: null }],
])('blocks where %s', async (_what, edit) => {
  await change(() => edit);
  expect(await codes()).toEqual(['backup.parent-broken scsi0:0']);
});

it('blocks a parent of which no layer is there', async () => {
  await change(() => ({ disks: [{ ...draft.disks[0], layers: [{ file: 'incr.qcow2', backup: THIS }] }] }));
  expect(await codes()).toEqual(['disk.chain-broken incr.qcow2']);
});

it('accepts a disk that was added after the parent was taken', async () => {
  await change(() => ({ disks: [{ ...draft.disks[0], layers: [{ file: 'full.qcow2', backup: THIS }] }] }));
  expect(await codes()).toEqual([]);
});

it('accepts a full backup', async () => {
  await change(() => ({
    parent: null,
    disks: [{ ...draft.disks[0], layers: [{ file: 'full.qcow2', backup: THIS }] }],
  }));
  expect(await codes()).toEqual([]);
});

it('blocks a file that is named and has no checksum', async () => {
  await change(({ files }) => ({ files: files.filter((file) => file.path !== 'full.qcow2') }));
  expect(await codes()).toEqual(['backup.file-unlisted full.qcow2']);
});

it('blocks a disk that the metadata does not know, and one to boot from that is not in the backup', async () => {
  await change(() => ({ disks: [{ ...draft.disks[0], id: 'ide0:0' }] }));
  expect(await codes()).toEqual(['disk.not-in-machine ide0:0', 'disk.not-in-backup scsi0:0']);
});

it('warns of a data disk that is not in the backup', async () => {
  await writeFile(at('web01.vmx'), VMX + SECOND_DISK);
  const analysis = await analysed();
  expect(weighty(analysis)).toMatchObject([{ code: 'disk.not-in-backup', severity: 2, subject: 'scsi0:1' }]);
  expect(analysis.machine?.disks).toHaveLength(2);
});

it('blocks a platform that this agent does not read, and says what it reads', async () => {
  await change(() => ({ platform: 'zos' }));
  const { findings, machine } = await analysed();
  expect(findings).toMatchObject([{ code: 'source.unknown', subject: 'web01.vmx' }]);
  expect(findings[0]?.remedy).toMatch(/It reads: .*vmware/);
  expect(machine).toBeUndefined();
});

it.each<[what: string, prepare: () => Promise<void>, said: string]>([
  ['is not the platform’s', () => writeFile(at('web01.vmx'), '<Envelope/>'), 'not metadata of VMware'],
  ['is missing', () => rm(at('web01.vmx')), 'web01.vmx is of no use: missing.'],
  [
    'is a link',
    async () => {
      await rename(at('web01.vmx'), at('moved'));
      await symlink('moved', at('web01.vmx'));
    },
    'web01.vmx is of no use: symlink.',
  ],
  [
    'is huge',
    () => writeFile(at('web01.vmx'), Buffer.alloc(8 * 1024 * 1024 + 1)),
    'web01.vmx is 8388609 bytes long',
  ],
  ['is encrypted', () => writeFile(at('web01.vmx'), `${VMX}encryption.data = "A"`), 'is encrypted'],
])('blocks metadata that %s', async (_what, prepare, said) => {
  await prepare();
  const { findings, machine } = await analysed();
  expect(findings).toMatchObject([{ code: 'source.invalid', severity: 3 }]);
  expect(findings[0]?.message).toContain(said);
  expect(machine).toBeUndefined();
});

it('still reports the disks where the metadata is of no use, and the machine where a disk is', async () => {
  await rm(at('full.qcow2'));
  expect((await analysed()).machine?.name).toBe('web01');
  await rm(at('web01.vmx'));
  expect(await codes()).toEqual(['disk.missing full.qcow2', 'source.invalid web01.vmx']);
});
