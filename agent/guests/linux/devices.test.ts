import { expect, it } from 'vitest';
import { deviceOf } from './devices.ts';

const UUIDS = new Map([
  ['/dev/sda1', 'AB12-34'],
  ['/dev/sdb', 'cd'],
]);

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
  ['/dev/sda1/../sdb', undefined],
])('takes %s for %s', (spec, device) => {
  expect(deviceOf(spec, UUIDS)).toBe(device);
});
