import { expect, it } from 'vitest';
import type { Change } from '../../fix.ts';
import type { MountedRoot } from './devices.ts';
import { parseFstab, planFstab } from './fstab.ts';

const ROOT = {
  device: '/dev/sda1',
  spec: '/dev/sda1',
  uuids: new Map([
    ['/dev/sda1', 'aaaa-1'],
    ['/dev/sda5', 'aaaa-5'],
    ['/dev/sdb', 'BBBB-0'],
  ]),
  aliases: new Map(),
};

const contentOf = (change: Change | undefined) => (change?.kind === 'write' ? change.content : undefined);

function planned(line: string, root: MountedRoot = ROOT) {
  const { fixes, findings } = planFstab(line, root);
  return { line: contentOf(fixes[0]?.changes[0]), findings };
}

it.each([
  ['/dev/sda1 / ext4 defaults 0 1', 'UUID=aaaa-1 / ext4 defaults 0 1'],
  ['  /dev/sda5\tnone\tswap\tsw\t0\t0', '  UUID=aaaa-5\tnone\tswap\tsw\t0\t0'],
  ['/dev/hda5 none swap sw 0 0', 'UUID=aaaa-5 none swap sw 0 0'],
  ['/dev/vda5 none swap sw 0 0', 'UUID=aaaa-5 none swap sw 0 0'],
  ['/dev/xvda5 none swap sw 0 0', 'UUID=aaaa-5 none swap sw 0 0'],
  ['/dev/sda1 / ext4 defaults 0 1\r', 'UUID=aaaa-1 / ext4 defaults 0 1\r'],
])('names %j by UUID', (line, expected) => {
  expect(planned(line)).toEqual({ line: expected, findings: [] });
});

it('says so where only the order of the disks tells which one it is', () => {
  const { line, findings } = planned('/dev/sdb /data xfs noatime');
  expect(line).toBe('UUID=BBBB-0 /data xfs noatime');
  expect(findings).toMatchObject([{ code: 'guest.fstab-by-order', severity: 2, subject: '/data' }]);
});

it('leaves no doubt about a partition of the only disk that the root lies on', () => {
  const volume = { ...ROOT, device: '/dev/vg0/root', spec: '/dev/vg0/root' };
  const of = (...devices: string[]) => ({
    ...volume,
    layout: {
      type: 'ext4',
      subvolume: undefined,
      layers: devices.map((device) => ({ kind: 'partition' as const, device })),
    },
  });
  expect(planned('/dev/sda5 none swap sw 0 0', of('/dev/sda3')).findings).toEqual([]);
  // Of a mirror, either may have been the first.
  expect(planned('/dev/sda5 none swap sw 0 0', of('/dev/sda3', '/dev/sdb3')).findings).toMatchObject([
    { code: 'guest.fstab-by-order', subject: '/dev/sda5' },
  ]);
});

it.each([
  ['a comment', '# /dev/sda1 / ext4 defaults 0 1'],
  ['an indented comment', '  #/dev/sda1 / ext4 defaults 0 1'],
  ['an empty line', ''],
  ['a UUID', 'UUID=aaaa-1 / ext4 defaults 0 1'],
  ['a label', 'LABEL=root / ext4 defaults 0 1'],
  ['a logical volume', '/dev/mapper/vg-root / ext4 defaults 0 1'],
  ['a CD drive', '/dev/sr0 /media/cdrom udf,iso9660 user,noauto 0 0'],
  ['a file system of no disk', 'tmpfs /tmp tmpfs size=1G 0 0'],
  ['a share', 'nas:/dev/sda1 /mnt nfs defaults 0 0'],
  ['a name that only begins like a disk', '/dev/sda1x /mnt ext4 defaults 0 0'],
])('leaves %s alone', (_what, line) => {
  expect(planned(line)).toEqual({ line: undefined, findings: [] });
});

it('knows the root whatever its name was', () => {
  expect(planned('/dev/nvme0n1p2 / ext4 defaults 0 1')).toEqual({
    line: 'UUID=aaaa-1 / ext4 defaults 0 1',
    findings: [],
  });
});

it.each([
  ['/dev/sdc1 /data ext4 defaults 0 2', '/dev/sdc1 /data ext4 defaults,nofail 0 2'],
  ['/dev/nvme1n1p1 /data ext4 noatime 0 2', '/dev/nvme1n1p1 /data ext4 noatime,nofail 0 2'],
  ['/dev/sdc1 /data ext4', '/dev/sdc1 /data ext4 nofail'],
  ['UUID=gone /data ext4 defaults 0 2', 'UUID=gone /data ext4 defaults,nofail 0 2'],
  ['LABEL=gone /data ext4 defaults 0 2', 'LABEL=gone /data ext4 defaults,nofail 0 2'],
  [
    '/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:1:0-part1 /data ext4 ro',
    '/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:1:0-part1 /data ext4 ro,nofail',
  ],
  ['/dev/sdc1 /data ext4 nofail,ro 0 2', undefined],
])('lets %j, which is not in the backup, not stop the boot', (line, expected) => {
  const plan = planned(line);
  expect(plan.line).toBe(expected);
  expect(plan.findings.map(({ code, subject }) => [code, subject])).toEqual([
    ['guest.fstab-unresolved', '/data'],
  ]);
});

it('changes nothing but what it must, and nothing the second time', () => {
  const fstab = `# /etc/fstab
/dev/sda1  /      ext4  errors=remount-ro  0  1
/dev/sdz1  /data  ext4  defaults           0  2

/dev/sda5  none   swap  sw                 0  0
LABEL=x    /x     ext4  defaults           0  2`;
  const once = planFstab(fstab, ROOT);
  expect(once.fixes).toHaveLength(1);
  const text = contentOf(once.fixes[0]?.changes[0]) ?? '';
  expect(text.split('\n')).toEqual([
    '# /etc/fstab',
    'UUID=aaaa-1  /      ext4  errors=remount-ro  0  1',
    '/dev/sdz1  /data  ext4  defaults,nofail           0  2',
    '',
    'UUID=aaaa-5  none   swap  sw                 0  0',
    'LABEL=x    /x     ext4  defaults,nofail           0  2',
  ]);
  expect(planFstab(text, ROOT).fixes).toEqual([]);
});

it('parses entries, and passes over what is none', () => {
  expect(parseFstab('#c\n\n/dev/sda1 / ext4\nbroken\n proc\t/proc proc defaults 0 0')).toEqual([
    { spec: '/dev/sda1', mountPoint: '/', type: 'ext4', options: '' },
    { spec: 'proc', mountPoint: '/proc', type: 'proc', options: 'defaults' },
  ]);
});

it('takes 4 MB of hostile lines in its stride', () => {
  const startedAt = performance.now();
  planFstab(`${' '.repeat(2_000_000)}\n${'a '.repeat(1_000_000)}`, ROOT);
  expect(performance.now() - startedAt).toBeLessThan(5000);
});
