/** Every layout that `analyse` takes, as its platform leaves it and with no flag: test/backups has them. */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Severity } from '../../proto/gen/ascend/v1/finding.ts';
import { machineJson } from '../../proto/machine-json.ts';
import type { Chain } from '../../agent/disks/chain.ts';
import { exec } from '../../agent/exec.ts';
import { analyse, type Analysis, type Selection } from '../../agent/pipeline/analyse.ts';
import { integrityOf } from '../../agent/pipeline/integrity.ts';
import { openAt } from '../../agent/pipeline/open.ts';
import type { BackupFiles } from '../../agent/repositories/files.ts';
import { sources } from '../../agent/sources/index.ts';
import { builders, type LayoutName } from '../backups/make.ts';
import { cloudstack } from './layouts/cloudstack.ts';
import { ec2 } from './layouts/ec2.ts';
import { hyperv } from './layouts/hyperv.ts';
import { nutanix } from './layouts/nutanix.ts';
import { vmware } from './layouts/vmware.ts';

const rows = [...vmware, ...cloudstack, ...hyperv, ...ec2, ...nutanix];

let scratch: string;
beforeAll(async () => void (scratch = await mkdtemp(path.join(tmpdir(), 'ascend-layouts-'))));
afterAll(() => rm(scratch, { recursive: true }));

/** The place to analyse. */
async function build(layout: LayoutName): Promise<{ folder: string; place: string }> {
  const folder = await mkdtemp(path.join(scratch, 'backup-'));
  return { folder, place: path.join(folder, await builders[layout](folder)) };
}

async function analysed(place: string, selection: Selection = {}): Promise<Analysis> {
  await using backup = await openAt(place, sources);
  return await analyse(backup, sources, selection);
}

const weightyCodes = ({ findings }: Analysis) =>
  findings.filter(({ severity }) => severity !== Severity.INFO).map(({ code }) => code);

it.each(rows)('$layout is the whole machine, and every disk is as qemu-img sees it', async (row) => {
  const { layout, machine: wanted, chains, weighty = [] } = row;
  const { place } = await build(layout);
  await using backup = await openAt(place, sources);
  const analysis = await analyse(backup, sources);
  expect(analysis.machine && machineJson(analysis.machine)).toEqual(wanted);
  expect(weightyCodes(analysis)).toEqual(weighty);
  expect(integrityOf(analysis.findings)).toBe('whole');
  const files = [...analysis.chains].map(([id, chain]) => [id, chain.layers.map(({ file }) => file)]);
  expect(Object.fromEntries(files)).toEqual(chains);
  for (const chain of analysis.chains.values()) {
    expect(chain.usable).toBe(true);
    await expectAsQemuImg(chain, backup.files);
  }
});

const single = rows.flatMap(({ layout, machine, metadata }) =>
  metadata ? [{ layout, machine, metadata }] : [],
);

it.each(single)('$layout: its metadata alone is the same machine, each disk a finding', async (row) => {
  const { layout, machine: wanted, metadata } = row;
  const { folder } = await build(layout);
  const alone = path.join(await mkdtemp(path.join(scratch, 'alone-')), path.basename(metadata));
  await copyFile(path.join(folder, metadata), alone);
  const analysis = await analysed(alone);
  expect(analysis.machine?.name).toBe(wanted.name);
  const ids = wanted.disks.map(({ id }) => id);
  expect(analysis.machine?.disks.map(({ id, file }) => [id, file])).toEqual(ids.map((id) => [id, undefined]));
  const missing = analysis.findings.filter(({ code }) => code === 'disk.not-in-backup');
  expect(missing.map(({ subject }) => subject)).toEqual(ids);
  expect(integrityOf(analysis.findings)).toBe('incomplete');
});

interface QemuImage {
  format: string;
  'virtual-size': number;
}

/** Layer by layer; qemu-img reads no differencing VHDX, so there the parent speaks for the size. */
async function expectAsQemuImg({ layers }: Chain, files: BackupFiles): Promise<void> {
  for (const { file, header } of layers) {
    const seen = await qemuImage(files, file);
    if (header.format === 'vhdx' && header.variant === 'differencing') {
      expect(seen).toBeUndefined();
      continue;
    }
    expect(
      seen && { format: seen.format === 'vpc' ? 'vhd' : seen.format, sizeBytes: seen['virtual-size'] },
    ).toEqual({
      format: header.format,
      sizeBytes: Number(header.sizeBytes),
    });
  }
}

async function qemuImage(files: BackupFiles, name: string): Promise<QemuImage | undefined> {
  const place = await files.place(name);
  const whole = { driver: 'file', filename: place?.file };
  const member = { driver: 'raw', offset: place?.offset, size: place?.sizeBytes, file: whole };
  const image = place?.offset === 0 ? place.file : `json:${JSON.stringify({ file: member })}`;
  try {
    const { stdout } = await exec('qemu-img', ['info', '--output', 'json', image]);
    return JSON.parse(stdout) as QemuImage;
  } catch {
    return undefined;
  }
}

/** These ask which of several is meant: tests of their own. */
const CHOICES: LayoutName[] = ['an OVF with configurations', 'an OVF of two machines'];

it('has a row or a test for every layout', () => {
  const covered = new Set<string>([...rows.map(({ layout }) => layout), ...CHOICES]);
  expect(Object.keys(builders).filter((layout) => !covered.has(layout))).toEqual([]);
});

it('lists two machines of one document, and reads the one that is named', async () => {
  const { place } = await build('an OVF of two machines');
  const open = await analysed(place);
  expect(open.machine).toBeUndefined();
  expect(open.candidates.map(({ name }) => name)).toEqual(['web01', 'db01']);
  expect(open.findings).toMatchObject([
    { code: 'machine.ambiguous', severity: Severity.BLOCK, remedy: 'Say which one with --vm NAME.' },
  ]);
  expect(open.findings[0]?.message).toMatch(/web01, db01/);
  const web01 = await analysed(place, { vm: 'web01' });
  expect(web01.machine).toMatchObject({ cpu: { count: 2 }, disks: [{ file: 'web01-disk1.vmdk' }] });
  const db01 = await analysed(place, { vm: 'db01' });
  expect(db01.machine).toMatchObject({ cpu: { count: 1 }, disks: [] });
  expect(db01.findings.map(({ code }) => code)).not.toContain('disk.not-in-backup');
});

it('takes one configuration of an OVF, says which others there are, and takes the one that is named', async () => {
  const { place } = await build('an OVF with configurations');
  const first = await analysed(place);
  expect(first.machine?.cpu?.count).toBe(1);
  expect(first.findings.find(({ code }) => code === 'ovf.configurations')?.message).toMatch(/small.*large/);
  const large = await analysed(place, { config: 'large' });
  expect(large.machine).toMatchObject({ cpu: { count: 8 }, memoryBytes: 16n * 1024n ** 3n });
  await expect(analysed(place, { config: 'huge' })).rejects.toThrow(/huge/);
});

it.each<[what: string, name: string, content: string | object, said: RegExp]>([
  [
    'volumes',
    'v.json',
    { Volumes: [{ VolumeId: 'vol-0b0000001', Size: 1, Attachments: [] }] },
    /v\.json is EC2 volumes/,
  ],
  [
    'a recovery point',
    'rp.json',
    {
      data: {
        $objectType: 'dataprotection.v4.config.RecoveryPoint',
        extId: 'a',
        vmRecoveryPoints: [{ vmExtId: 'b' }],
      },
    },
    /rp\.json is .*recovery point/i,
  ],
  [
    'a subnet',
    's.json',
    {
      metadata: { kind: 'subnet', uuid: 'a' },
      spec: { name: 's', resources: { subnet_type: 'VLAN', vlan_id: 1 } },
    },
    /s\.json is .*subnet/i,
  ],
])('refuses %s by what it is', async (_what, name, content, said) => {
  const folder = await mkdtemp(path.join(scratch, 'other-'));
  await writeFile(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  await expect(analysed(folder)).rejects.toThrow(said);
});
