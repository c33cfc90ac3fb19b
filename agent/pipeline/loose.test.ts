import { cp, mkdir, mkdtemp, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Severity } from '../../proto/gen/ascend/v1/finding.ts';
import { exec } from '../exec.ts';
import { sources } from '../sources/index.ts';
import { analyse, type Analysis, type Selection } from './analyse.ts';
import { createBackup, type CreateRequest } from './create-backup.ts';
import { openAt } from './open.ts';

const MIB = 1024 * 1024;
const BLOCK: Severity = 3;

const vmx = (name: string, file = 'web01.vmdk') => `.encoding = "UTF-8"
displayName = "${name}"
guestOS = "debian12-64"
memsize = "512"
scsi0:0.present = "TRUE"
scsi0:0.fileName = "${file}"
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ascend-loose-'));
  await writeFile(at('web01.vmx'), vmx('web01'));
});
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string) => path.join(folder, name);
const qemuImg = (...args: string[]) => exec('qemu-img', args, { cwd: folder });
const disk = (name: string, format = 'qcow2', size = 64 * MIB) =>
  qemuImg('create', '-q', '-f', format, name, String(size));

async function analysed(selection: Selection = {}, place = folder): Promise<Analysis> {
  await using backup = await openAt(place, sources);
  return await analyse(backup, sources, selection);
}

const codes = ({ findings }: Analysis) =>
  findings
    .filter(({ code }) => code !== 'machine.facts-unstated')
    .map(({ code, subject }) => `${code} ${subject}`);
const blocks = ({ findings }: Analysis) => findings.filter(({ severity }) => severity === BLOCK);

it.each([
  ['vmdk', 'web01.vmdk'],
  ['qcow2', 'web01.qcow2'],
  ['raw', 'web01.raw'],
  ['vhdx', 'web01.vhdx'],
])('reads a VMX with a disk of format %s beside it, no flag given', async (format, name) => {
  await disk(name, format);
  const analysis = await analysed();
  expect(blocks(analysis)).toEqual([]);
  expect(analysis.machine?.disks).toMatchObject([
    { id: 'scsi0:0', file: name, format, sizeBytes: BigInt(64 * MIB) },
  ]);
  expect(analysis.chains.get('scsi0:0')?.usable).toBe(true);
});

it('reads the file that describes the machine by its own path, with the disks beside it', async () => {
  await disk('web01.qcow2');
  await writeFile(at('other.vmx'), vmx('other'));
  expect((await analysed({}, at('web01.vmx'))).machine).toMatchObject({
    name: 'web01',
    disks: [{ file: 'web01.qcow2' }],
  });
});

it('reads metadata without its disks, with a finding for each', async () => {
  const analysis = await analysed();
  expect(analysis.machine?.disks).toMatchObject([{ id: 'scsi0:0', file: undefined, sizeBytes: undefined }]);
  expect(codes(analysis)).toEqual(['disk.not-in-backup scsi0:0']);
});

it('lists the machines where there are several, and takes the one that is named', async () => {
  await writeFile(at('web02.vmx'), vmx('web02'));
  const open = await analysed();
  expect(open.machine).toBeUndefined();
  expect(open.candidates.map(({ name, from }) => [name, from])).toEqual([
    ['web01', 'web01.vmx'],
    ['web02', 'web02.vmx'],
  ]);
  expect(blocks(open)).toMatchObject([
    { code: 'machine.ambiguous', remedy: 'Say which one with --vm NAME.' },
  ]);
  expect(blocks(open)[0]?.message).toContain('web01');
  expect((await analysed({ vm: 'WEB02' })).machine?.name).toBe('web02');
  await expect(analysed({ vm: 'db01' })).rejects.toMatchObject({
    code: 'not-found',
    hint: 'It describes web01, web02.',
  });
});

it('finds a disk of another name where no other file can be it, and never where two can', async () => {
  await disk('root.qcow2');
  const one = await analysed();
  expect(one.machine?.disks[0]?.file).toBe('root.qcow2');
  expect(codes(one)).toEqual(['disk.matched scsi0:0']);
  await disk('data.qcow2');
  const two = await analysed();
  expect(two.machine?.disks[0]?.file).toBeUndefined();
  expect(blocks(two)[0]?.remedy).toBe('If it is data.qcow2 or root.qcow2, say so with --disk scsi0:0=FILE.');
  expect((await analysed({ disks: { 'scsi0:0': 'data.qcow2' } })).machine?.disks[0]?.file).toBe('data.qcow2');
});

it('does not take the base of a chain for a disk of its own', async () => {
  await disk('base.qcow2');
  await qemuImg('create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', 'base.qcow2', 'now.qcow2');
  const { machine, chains } = await analysed();
  expect(machine?.disks[0]?.file).toBe('now.qcow2');
  expect(chains.get('scsi0:0')?.layers.map(({ file }) => file)).toEqual(['base.qcow2', 'now.qcow2']);
});

it('says of a disk that the machine does not have what it has', async () => {
  await disk('web01.qcow2');
  const analysis = await analysed({ disks: { 'ide0:0': 'web01.qcow2' } });
  expect(blocks(analysis)).toMatchObject([
    { code: 'disk.not-in-machine', remedy: 'Its disks are: scsi0:0.' },
  ]);
});

it('passes over metadata that is broken where another file describes the machine', async () => {
  await writeFile(at('broken.json'), '{"a": ');
  await disk('web01.qcow2');
  expect(codes(await analysed())).toEqual(['metadata.unreadable broken.json']);
});

it.each<[what: string, prepare: () => Promise<unknown>, code: string, said: RegExp]>([
  [
    'nothing that it knows',
    () => writeFile(at('notes.txt'), 'hello'),
    'source.unknown',
    /holds nothing that Ascend knows/,
  ],
  [
    'disks alone',
    () => disk('web01.qcow2'),
    'source.no-machine',
    /holds disks, but nothing that describes their machine: web01.qcow2/,
  ],
  [
    'broken metadata alone',
    () => writeFile(at('vm.json'), '[1,'),
    'source.invalid',
    /vm\.json is not valid JSON/,
  ],
  [
    'metadata that is too large',
    async () => writeFile(at('vm.vmx'), Buffer.alloc(9 * MIB, 'a')),
    'source.invalid',
    /vm\.vmx is 9437184 bytes long/,
  ],
  [
    'volumes alone',
    () =>
      writeFile(
        at('volumes.json'),
        '{"Volumes": [{"VolumeId": "vol-0abc12345", "Size": 8, "Attachments": []}]}',
      ),
    'source.no-machine',
    /volumes\.json is EC2 volumes/,
  ],
])('refuses a folder with %s, and says what it is', async (_what, prepare, code, said) => {
  await rm(at('web01.vmx'));
  await prepare();
  await expect(analysed()).rejects.toMatchObject({ code, message: expect.stringMatching(said) as string });
});

it('refuses what is not there', async () => {
  await expect(analysed({}, at('gone'))).rejects.toMatchObject({ code: 'backup.not-found' });
});

it('names the backup sets below a folder that is none', async () => {
  await rename(at('web01.vmx'), at('metadata.vmx'));
  await disk('web01.vmdk', 'vmdk');
  await create({ out: at('site/monday') });
  await expect(analysed({}, at('site'))).rejects.toMatchObject({
    code: 'source.no-machine',
    hint: `Give the path of one of them, e.g. ${at('site/monday')}`,
  });
});

const request = (changes: Partial<CreateRequest>): CreateRequest => ({
  machine: [at('metadata.vmx')],
  disks: [at('web01.vmdk')],
  vm: undefined,
  config: undefined,
  out: at('set'),
  ...changes,
});

async function create(changes: Partial<CreateRequest> = {}, signal = new AbortController().signal) {
  let started = 0;
  let copied = 0;
  const made = await createBackup(request(changes), sources, {
    signal,
    onStart: (bytes) => void (started = bytes),
    onBytes: (bytes) => void (copied += bytes),
  });
  expect(copied).toBe(started);
  return made;
}

it('wraps loose files into a backup set that says the same of the machine', async () => {
  await rename(at('web01.vmx'), at('metadata.vmx'));
  await disk('base.vmdk', 'vmdk');
  await qemuImg('create', '-q', '-f', 'vmdk', '-F', 'vmdk', '-b', 'base.vmdk', 'web01.vmdk');
  await utimes(at('web01.vmdk'), 0, new Date('2026-05-01T02:00:00Z'));
  await utimes(at('base.vmdk'), 0, new Date('2026-04-01T02:00:00Z'));
  const loose = await analysed();
  const { manifest } = await create();
  expect(manifest).toMatchObject({
    platform: 'vmware',
    machineName: 'web01',
    capturedAt: '2026-05-01T02:00:00.000Z',
    parent: null,
    metadata: ['metadata.vmx'],
    disks: [{ id: 'scsi0:0', sizeBytes: 64 * MIB, layers: [{ file: 'base.vmdk' }, { file: 'web01.vmdk' }] }],
  });
  const wrapped = await analysed({}, at('set'));
  expect(blocks(wrapped)).toEqual([]);
  expect(wrapped.machine).toEqual(loose.machine);
});

it('keeps the holes of a raw disk', async () => {
  await rename(at('web01.vmx'), at('metadata.vmx'));
  await disk('web01.raw', 'raw', 256 * MIB);
  await create({ disks: [at('web01.raw')] });
  expect((await stat(at('set/web01.raw'))).blocks).toBeLessThan(100);
});

it('asks which disk a file is where its name does not say', async () => {
  await writeFile(
    at('metadata.vmx'),
    `${vmx('web01')}scsi0:1.present = "TRUE"\nscsi0:1.fileName = "data.vmdk"\n`,
  );
  await disk('a.qcow2');
  await disk('b.qcow2');
  const disks = [at('a.qcow2'), at('b.qcow2')];
  await expect(create({ disks })).rejects.toMatchObject({
    code: 'usage.invalid',
    hint: expect.stringContaining('scsi0:0, scsi0:1') as string,
  });
  const { manifest } = await create({ disks: [`scsi0:1=${at('a.qcow2')}`, at('b.qcow2')] });
  expect(manifest.disks.map(({ id, layers }) => [id, layers[0]?.file])).toEqual([
    ['scsi0:0', 'b.qcow2'],
    ['scsi0:1', 'a.qcow2'],
  ]);
});

it('does not read a disk for metadata that was given in its place', async () => {
  await disk('web01.vmdk', 'raw');
  await expect(create({ machine: [at('web01.vmdk')] })).rejects.toMatchObject({
    code: 'usage.invalid',
    message: expect.stringContaining('web01.vmdk') as string,
  });
});

it('leaves nothing behind when it is stopped', async () => {
  await rename(at('web01.vmx'), at('metadata.vmx'));
  await disk('web01.vmdk', 'vmdk');
  await expect(create({}, AbortSignal.abort())).rejects.toMatchObject({ code: 'run.cancelled' });
  await expect(stat(at('set'))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('reads an OVF with its disks from inside an OVA', async () => {
  await mkdir(at('ova'));
  await writeFile(at('ova/web01.ovf'), OVF);
  await qemuImg(
    'create',
    '-q',
    '-f',
    'vmdk',
    '-o',
    'subformat=streamOptimized',
    'ova/disk1.vmdk',
    String(64 * MIB),
  );
  await exec('tar', ['-cf', 'web01.ova', '-C', 'ova', 'web01.ovf', 'disk1.vmdk'], { cwd: folder });
  const analysis = await analysed({}, at('web01.ova'));
  expect(blocks(analysis)).toEqual([]);
  expect(analysis.machine).toMatchObject({
    name: 'web01',
    disks: [{ file: 'disk1.vmdk', format: 'vmdk', sizeBytes: BigInt(64 * MIB) }],
  });
});

it('follows no link, whatever it is called', async () => {
  await cp('/etc/hostname', at('secret'));
  await rm(at('web01.vmx'));
  await symlink('secret', at('web01.vmx'));
  await expect(analysed()).rejects.toMatchObject({ code: 'source.unknown' });
});

const OVF = `<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
  <References><File ovf:id="file1" ovf:href="disk1.vmdk"/></References>
  <DiskSection><Disk ovf:diskId="vmdisk1" ovf:fileRef="file1" ovf:capacity="64" ovf:capacityAllocationUnits="byte * 2^20"/></DiskSection>
  <VirtualSystem ovf:id="web01"><Name>web01</Name>
    <VirtualHardwareSection>
      <Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>2</rasd:VirtualQuantity></Item>
      <Item><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:VirtualQuantity>512</rasd:VirtualQuantity></Item>
      <Item><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceType>6</rasd:ResourceType><rasd:ResourceSubType>lsilogic</rasd:ResourceSubType><rasd:Address>0</rasd:Address></Item>
      <Item><rasd:InstanceID>4</rasd:InstanceID><rasd:ResourceType>17</rasd:ResourceType><rasd:Parent>3</rasd:Parent><rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:HostResource>ovf:/disk/vmdisk1</rasd:HostResource></Item>
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>`;
