import { expect, it } from 'vitest';
import type { Disk } from '../../proto/gen/ascend/v1/machine.ts';
import { matchDisks, sharedFiles, type Matching } from './match-disks.ts';

const diskOf = (id: string): Disk => ({ id, boot: false });

function match(name: string | string[], files: string[], folder = '', id = 'scsi0:0'): Matching | undefined {
  const names = new Map([[id, [name].flat()]]);
  return matchDisks({ disks: [diskOf(id)], names, folder, files, chosen: {} }).get(id);
}

const fileOf = (...args: Parameters<typeof match>) => {
  const found = match(...args);
  return found?.kind === 'matched' ? found.match.file : found?.kind;
};

it.each<[what: string, name: string | string[], files: string[], file: string, folder?: string]>([
  ['a relative path', 'sub/web01.vmdk', ['sub/web01.vmdk', 'web01.vmdk'], 'sub/web01.vmdk'],
  [
    'a path from the folder of the metadata',
    './web01.vmdk',
    ['vm/web01.vmdk', 'web01.vmdk'],
    'vm/web01.vmdk',
    'vm',
  ],
  ['a path on a datastore', '[ds 1] web01/web01_1.vmdk', ['web01.vmdk', 'web01_1.vmdk'], 'web01_1.vmdk'],
  [
    'a path of Windows',
    'C:\\VMs\\Web01\\Web01.vhdx',
    ['Virtual Hard Disks/Web01.vhdx'],
    'Virtual Hard Disks/Web01.vhdx',
  ],
  ['another case', 'WEB01.VMDK', ['web01.vmdk'], 'web01.vmdk'],
  ['a converted disk', '[ds1] web01/web01.vmdk', ['web01.qcow2'], 'web01.qcow2'],
  ['a converted disk that kept its ending', 'web01.vmdk', ['web01.vmdk.qcow2'], 'web01.vmdk.qcow2'],
  [
    'the delta rather than its base',
    'web01-000001.vmdk',
    ['web01-000001.qcow2', 'web01.qcow2'],
    'web01-000001.qcow2',
  ],
  [
    'an identifier in the name of a file',
    ['vol-0abc1234', 'snap-0ddd'],
    ['web01.vol-0abc1234.raw'],
    'web01.vol-0abc1234.raw',
  ],
  [
    'a UUID after a prefix',
    '8f1b-4c2d-77',
    ['root.8f1b-4c2d-77.qcow2', 'datadisk.9.qcow2'],
    'root.8f1b-4c2d-77.qcow2',
  ],
  ['the disk’s address', [], ['web01_scsi0-0.qcow2', 'web01_scsi0-1.qcow2'], 'web01_scsi0-0.qcow2'],
])('finds a disk by %s', (_what, name, files, file, folder) => {
  expect(fileOf(name, files, folder)).toBe(file);
});

it.each<[what: string, name: string | string[], files: string[]]>([
  ['an identifier within a longer one', 'vol-0abc1234', ['vol-0abc12345.qcow2']],
  ['a name that is no identifier', 'data', ['olddata.qcow2', 'data-2.qcow2']],
  ['an empty name', '', ['a.qcow2']],
  ['a converted file that is no disk', 'web01.vmdk', ['web01.log']],
])('does not take %s', (_what, name, files) => {
  expect(fileOf(name, files)).toBe('missing');
});

it('leaves the choice open where two files fit equally well', () => {
  expect(match('web01.vmdk', ['a/web01.vmdk', 'b/web01.vmdk'])).toEqual({
    kind: 'ambiguous',
    files: ['a/web01.vmdk', 'b/web01.vmdk'],
  });
});

it('follows the user before any name, and says what it concluded by itself', () => {
  const disks = ['/dev/sda1', '/dev/sdb'].map(diskOf);
  const names = new Map([['/dev/sda1', ['a.qcow2']]]);
  const found = matchDisks({
    disks,
    names,
    folder: '',
    files: ['a.qcow2', 'web01-sdb.raw'],
    chosen: { '/dev/sda1': 'x' },
  });
  expect([...found.values()]).toEqual([
    { kind: 'matched', match: { file: 'x', because: undefined } },
    { kind: 'matched', match: { file: 'web01-sdb.raw', because: "its name holds the disk's address sdb" } },
  ]);
});

it('tells when two disks would be one file', () => {
  const same: Matching = { kind: 'matched', match: { file: 'a', because: undefined } };
  expect(
    sharedFiles(
      new Map<string, Matching>([
        ['x', same],
        ['y', same],
        ['z', { kind: 'missing' }],
      ]),
    ),
  ).toEqual([['a', ['x', 'y']]]);
});
