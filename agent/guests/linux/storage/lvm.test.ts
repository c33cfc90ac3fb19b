import { expect, it } from 'vitest';
import { planLvm, volumesByContent } from './lvm.ts';

it.each([
  ['filter = [ "a|^/dev/sda|", "r|.*|" ]', '# filter = [ "a|^/dev/sda|", "r|.*|" ]'],
  ['\tglobal_filter=["r|/dev/sdb|"]', '\t# global_filter=["r|/dev/sdb|"]'],
  ['filter = [ "a|.*|" ]', undefined],
  ['# filter = [ "r|.*|" ]', undefined],
])('lets LVM see every disk: %j', (line, expected) => {
  const config = `devices {\n${line}\n}\n`;
  const [change] = planLvm({ lists: [], config }).flatMap(({ changes }) => changes);
  const content = change?.kind === 'write' ? change.content : undefined;
  expect(content).toBe(expected && `devices {\n${expected}\n}\n`);
  expect(planLvm({ lists: [], config: content ?? config })).toEqual([]);
});

it('removes lists of devices', () => {
  const [fix] = planLvm({ lists: ['/etc/lvm/devices/system.devices'], config: undefined });
  expect(fix?.changes).toEqual([{ kind: 'remove', path: '/etc/lvm/devices/system.devices' }]);
});

it('overrules what an initramfs has of them, once', () => {
  const texts = new Map([
    ['etc/lvm/devices/system.devices', 'VERSION=1.1.2\n'],
    ['etc/lvm/lvm.conf', 'devices {\n filter = [ "r|.*|" ]\n}\n'],
  ]);
  const added = volumesByContent({ texts });
  expect([...added]).toEqual([
    [
      'etc/lvm/lvmlocal.conf',
      'devices {\n\tuse_devicesfile = 0\n\tfilter = [ "a|.*|" ]\n\tglobal_filter = [ "a|.*|" ]\n}\n',
    ],
  ]);
  expect(volumesByContent({ texts: new Map([...texts, ...added]) }).size).toBe(0);
  expect(volumesByContent({ texts: new Map() }).size).toBe(0);
});
