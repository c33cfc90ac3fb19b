/** OVAs that were made to harm. */
import { put, type Builder } from '../../backups/builder.ts';
import { ovf } from '../../backups/ovf.ts';
import { tarOf, type TarMember } from '../../backups/tar.ts';
import type { HostileRow } from './row.ts';

const descriptor: TarMember = { name: 'web01.ovf', content: ovf({ capacityMib: 4 }) };

const ova =
  (...members: TarMember[]): Builder =>
  async (folder) => {
    await put(folder, { 'web01.ova': tarOf(descriptor, ...members) });
    return 'web01.ova';
  };

/** Changes the bytes of an archive that holds the descriptor alone. */
const changed =
  (change: (archive: Buffer) => Buffer): Builder =>
  async (folder) => {
    await put(folder, { 'web01.ova': change(tarOf(descriptor)) });
    return 'web01.ova';
  };

const disk = 'web01-disk1.vmdk';
const machine = { name: 'web01' };

export const archives: HostileRow[] = [
  {
    what: 'a member in the folder above',
    make: ova({ name: `../${disk}`, content: 'x' }),
    says: /archive\.path-outside: "?\.\.\/web01-disk1/,
    machine,
  },
  {
    what: 'a member with an absolute path',
    make: ova({ name: '/etc/cron.d/x', content: 'x' }),
    says: /archive\.path-outside: "?\/etc\/cron\.d\/x/,
    machine,
  },
  {
    what: 'a link',
    make: ova({ name: disk, type: '2', linkTo: '/etc/shadow' }),
    says: /archive\.link: web01-disk1\.vmdk/,
    machine,
  },
  {
    what: 'a hard link',
    make: ova({ name: disk, type: '1', linkTo: '/etc/shadow' }),
    says: /archive\.link: web01-disk1\.vmdk/,
    machine,
  },
  {
    what: 'a device',
    make: ova({ name: disk, type: '4' }),
    says: /archive\.not-a-file: web01-disk1\.vmdk/,
    machine,
  },
  {
    what: 'two members of one name',
    make: ova({ name: disk, content: 'x' }, { name: disk, content: 'y' }),
    says: /archive\.duplicate: web01-disk1\.vmdk/,
    machine,
  },
  {
    what: 'a member longer than the archive',
    make: ova({ name: disk, content: 'x', sizeBytes: 8 ** 11 - 1 }),
    says: /archive\.truncated: .*web01-disk1\.vmdk/,
    machine,
  },
  // What follows is read as a header, and is none.
  {
    what: 'a member shorter than its content',
    make: ova({ name: disk, content: Buffer.alloc(2048, 'x'), sizeBytes: 1 }),
    says: /source\.invalid: .*web01\.ova.*offset \d+/,
  },
  {
    what: 'a name with control characters',
    make: ova({ name: 'a\x1b[2J\x07.vmdk', content: 'x' }),
    says: /archive\.path-outside: "a\\u001b/,
    machine,
  },
  {
    what: 'a header with a wrong checksum',
    make: changed((archive) => archive.fill('9', 100, 104)),
    says: /source\.invalid: .*web01\.ova: not a tar header: its checksum is wrong \(offset 0\)/,
  },
  {
    what: 'an archive that ends in a header',
    make: changed((archive) => archive.subarray(0, archive.length - 900).fill(1, archive.length - 1024)),
    says: /source\.invalid: .*web01\.ova: the archive ends within a header \(offset \d+\)/,
  },
  {
    what: 'a pax header of a wrong length',
    make: ova({ name: 'x', type: 'x', content: '999999 path=a\n' }),
    says: /source\.invalid: .*web01\.ova.*offset \d+/,
  },
  {
    what: 'a pax header that makes a name lead outside',
    make: ova(
      { name: 'x', type: 'x', content: paxRecord('path=../../outside.vmdk') },
      { name: 'inside.vmdk', content: 'x' },
    ),
    says: /archive\.path-outside: "?\.\.\/\.\.\/outside/,
    machine,
  },
  {
    what: 'a pax header with a size of 10^15',
    make: ova(
      { name: 'x', type: 'x', content: paxRecord('size=999999999999999') },
      { name: disk, content: 'x' },
    ),
    says: /archive\.truncated: .*999999999999999/,
    machine,
  },
];

function paxRecord(text: string): string {
  const length = text.length + 4;
  return `${length} ${text}\n`;
}
