import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findCandidates } from './candidates.ts';

function candidates(...paths: string[]): string[] {
  const files = paths
    .sort((a, b) => (a < b ? -1 : 1))
    .map((path) => ({ path, sizeBytes: 1, version: '1', modifiedAt: new Date() }));
  const isLayout = (names: readonly string[]) => names.some((name) => /root\.\d\.qcow2$/.test(name));
  return findCandidates(files, isLayout).map(({ path }) => path);
}

it.each<[what: string, files: string[], found: string[]]>([
  ['backup sets at any depth', ['web01/backup.json', 'site/db/1/backup.json'], ['site/db/1', 'web01']],
  ['the repository itself', ['backup.json', 'disks/a.qcow2'], ['.']],
  [
    'no backup within a backup set',
    ['a/backup.json', 'a/metadata/a.vmx', 'a/b/backup.json', 'a/x.ova'],
    ['a'],
  ],
  ['metadata beside its disks', ['vm/vm.vmx', 'vm/vm.vmdk', 'vm/vm-flat.vmdk'], ['vm']],
  ['disks in a folder of their own', ['vm/vm.json', 'vm/disks/a.qcow2'], ['vm']],
  [
    'metadata and disks side by side',
    ['vm/Machines/1.vmcx', 'vm/Hard Disks/a.vhdx', 'vm/Snapshots/2.vmcx'],
    ['vm'],
  ],
  ['each archive', ['ova/a.ova', 'ova/b.OVA', 'ova/readme.txt'], ['ova/a.ova', 'ova/b.OVA']],
  ['an archive rather than what a bucket keeps under its name', ['y.ova', 'y.ova/root.1.qcow2'], ['y.ova']],
  ['disks whose names tell', ['i-2-3-VM/2026/root.1.qcow2', 'x/some.qcow2'], ['i-2-3-VM/2026']],
  ['metadata alone', ['exports/web01.json'], ['exports']],
  ['backups, not the inventory above them', ['inventory.json', 'a/a.vmx', 'a/a.vmdk'], ['a']],
  ['no inventory above a backup set', ['list.json', 'disk.img', 'a/backup.json'], ['a']],
  ['nothing hidden by a stray image', ['x.json', 'x.img', 'a/a.vmx', 'a/a.vmdk'], ['.', 'a']],
  ['nothing in other files', ['notes.txt', 'iso/debian.iso', 'a/b/c.log'], []],
])('finds %s', (_, files, found) => {
  expect(candidates(...files)).toEqual(found);
});

it('looks through 50,000 files of 10,000 backups at once', () => {
  const files = Array.from({ length: 10_000 }, (_, index) =>
    ['backup.json', 'm.vmx', 'disks/a.qcow2', 'disks/b.qcow2', 'disks/c.qcow2'].map(
      (name) => `vm${index}/${name}`,
    ),
  ).flat();
  expect(candidates(...files)).toHaveLength(10_000);
});

it('finds only what is there, whatever names there are', () => {
  const name = fc.constantFrom(
    'a',
    'b-b',
    'backup.json',
    'x.vmx',
    'd.qcow2',
    'root.1.qcow2',
    'y.ova',
    'ü',
    '__proto__',
  );
  const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 12 }), (paths) => {
      const found = candidates(...paths);
      expect(new Set(found).size).toBe(found.length);
      for (const place of found) {
        expect(paths.some((file) => place === '.' || file === place || file.startsWith(`${place}/`))).toBe(
          true,
        );
      }
    }),
    { numRuns: 300 },
  );
});
