import { expect, it } from 'vitest';
import { deviceOf, isHardwareName, mapperName } from './devices.ts';

const ROOT = {
  device: '/dev/sda1',
  spec: '/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:0:0-part1',
  uuids: new Map([
    ['/dev/sda1', 'AB12-34'],
    ['/dev/sda5', 'ef'],
    ['/dev/sdb', 'cd'],
    ['/dev/vg-a/root', 'lv'],
  ]),
  aliases: new Map([
    ['LABEL=boot disk', '/dev/sdb'],
    ['PARTUUID=ab-01', '/dev/sda1'],
    ['/dev/vg-a/root', '/dev/vg-a/root'],
    ['/dev/mapper/vg--a-root', '/dev/vg-a/root'],
  ]),
};

it.each([
  ['UUID=ab12-34', '/dev/sda1'],
  ['UUID="AB12-34"', '/dev/sda1'],
  ['UUID=none', undefined],
  ['/dev/sda1', '/dev/sda1'],
  ['/dev/xvda1', '/dev/sda1'],
  ['/dev/vdb', '/dev/sdb'],
  ['/dev/sda2', undefined],
  ['/dev/nvme0n1p1', undefined],
  ['LABEL=root', undefined],
  ['LABEL="boot disk"', '/dev/sdb'],
  ['/dev/disk/by-label/boot\\x20disk', '/dev/sdb'],
  ['PARTUUID=AB-01', '/dev/sda1'],
  ['/dev/disk/by-uuid/ab12-34', '/dev/sda1'],
  ['/dev/mapper/vg--a-root', '/dev/vg-a/root'],
  ['/dev/vg-a/root', '/dev/vg-a/root'],
  ['/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:0:0-part5', '/dev/sda5'],
  ['/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:1:0-part5', undefined],
  ['/dev/sda1/../sdb', undefined],
])('takes %s for %s', (spec, device) => {
  expect(deviceOf(spec, ROOT)).toBe(device);
});

it.each([
  ['/dev/sda1', true],
  ['/dev/nvme0n1p2', true],
  ['/dev/disk/by-path/pci-0000:00:10.0-scsi-0:0:0:0-part2', true],
  ['/dev/disk/by-id/scsi-36000c29-part1', true],
  ['/dev/disk/by-id/dm-uuid-LVM-abc', false],
  ['/dev/disk/by-uuid/ab', false],
  ['/dev/mapper/vg-root', false],
  ['/dev/md0', false],
])('tells whether %s changes with the hardware: %s', (spec, expected) => {
  expect(isHardwareName(spec)).toBe(expected);
});

it('doubles the dashes of volumes as device-mapper does', () => {
  expect(mapperName('vg-a', 'lv-root')).toBe('/dev/mapper/vg--a-lv--root');
});
