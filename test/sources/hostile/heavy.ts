/** Input that is large, deep or many: each for a process of its own, whose memory is measured. */
import { mkdir, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { put, type Builder } from '../../backups/builder.ts';
import { MIB } from '../../backups/disk.ts';
import { ovf } from '../../backups/ovf.ts';
import { tarOf } from '../../backups/tar.ts';
import { vmx } from '../../backups/vmware.ts';
import { makeDescriptor } from '../../../agent/disks/fixtures/vmdk.ts';
import { writeGrainBomb } from './disks.ts';
import type { HostileRow } from './row.ts';

// Metadata of more is not read at all.
const READ_BYTES = 8 * MIB;

const files =
  (content: () => Record<string, string | Buffer>): Builder =>
  async (folder) => {
    await put(folder, content());
    return '';
  };

/** As long as may be read. */
const filled = (before: string, piece: string, after = '') =>
  before +
  piece.repeat(Math.floor((READ_BYTES - Buffer.byteLength(before) - after.length) / piece.length)) +
  after;

const manyInstances = () => {
  const one =
    '{"InstanceId":"i-1","InstanceType":"t3.nano","BlockDeviceMappings":[],"NetworkInterfaces":[{},{}],"Tags":[{"Key":"Name","Value":"a"}]}';
  return filled('{"Reservations":[{"Instances":[', `${one},`, one + ']}]}');
};

/** Sparse: it takes no room on the disk that the tests run on. */
const sparse =
  (name: string, start: string, sizeBytes: number): Builder =>
  async (folder) => {
    await using file = await open(path.join(folder, name), 'w');
    await file.write(start);
    await file.truncate(sizeBytes);
    return '';
  };

export const heavy: HostileRow[] = [
  {
    what: 'a VMX of one line of 100 MB',
    make: files(() => ({ 'web01.vmx': `${vmx('web01.vmdk')}annotation = "${'a'.repeat(100_000_000)}"\r\n` })),
    says: /web01\.vmx.*bytes long/,
  },
  {
    what: 'a VMX of one line of 8 MB',
    make: files(() => ({ 'web01.vmx': filled(`${vmx('web01.vmdk')}annotation = "`, 'a', '"') })),
    says: /web01\.vmx/,
  },
  {
    what: 'a VMX of 8 MB of devices',
    make: files(() => ({
      'web01.vmx':
        vmx('web01.vmdk') +
        Array.from({ length: 99_000 }, (_, n) => `scsi${n % 100}:${n % 1000}.fileName = "${n}"`).join('\n'),
    })),
    says: /./,
  },
  { what: 'JSON of 8 MB of brackets', make: files(() => ({ 'vm.json': filled('', '[') })), says: /vm\.json/ },
  {
    what: 'JSON of 8 MB of nested objects',
    make: files(() => ({ 'vm.json': filled('', '{"a":') })),
    says: /vm\.json/,
  },
  { what: 'JSON of 8 MB of instances', make: files(() => ({ 'vm.json': manyInstances() })), says: /./ },
  {
    what: 'eight files of 8 MB of JSON',
    make: files(() =>
      Object.fromEntries(
        Array.from({ length: 8 }, (_, n) => [
          `${n}.json`,
          filled('{"Reservations":[],"a":[', '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaa",', '1]}'),
        ]),
      ),
    ),
    says: /./,
  },
  {
    what: 'XML of 8 MB of open elements',
    make: files(() => ({ 'vm.xml': filled('', '<domain>') })),
    says: /vm\.xml/,
  },
  {
    what: 'XML of 8 MB of empty elements',
    make: files(() => ({
      'vm.xml': filled('<domain type="kvm"><name>a</name><devices>', '<disk/>', '</devices></domain>'),
    })),
    says: /vm\.xml/,
  },
  {
    what: 'XML of 8 MB of attributes',
    make: files(() => ({
      'vm.xml': `<domain type="kvm" ${Array.from({ length: 500_000 }, (_, n) => `a${n}=""`).join(' ')}/>`,
    })),
    says: /vm\.xml/,
  },
  {
    what: 'XML of 8 MB of text',
    make: files(() => ({ 'vm.xml': filled('<domain type="kvm"><name>', 'a', '</name></domain>') })),
    says: /vm\.xml/,
  },
  {
    what: 'an XML export of 8 MB in UTF-16',
    make: files(() => ({
      'vm.xml': Buffer.from(
        `\ufeff<configuration><properties><name type="string">${'a'.repeat(4_000_000)}</name></properties></configuration>`,
        'utf16le',
      ),
    })),
    says: /vm\.xml/,
  },
  {
    what: 'a thousand files of metadata',
    make: files(() =>
      Object.fromEntries(Array.from({ length: 1200 }, (_, n) => [`${n}.vmx`, vmx(`${n}.vmdk`)])),
    ),
    says: /metadata\.too-much/,
  },
  {
    what: 'a manifest of 400 MB',
    make: sparse('backup.json', '{"format": "ascend-backup", ', 400 * MIB),
    says: /backup\.json/,
  },
  {
    what: 'a manifest of 15 MB of files',
    make: files(() => ({
      'backup.json': `{"format":"ascend-backup","formatVersion":1,"files":[${Array.from({ length: 130_000 }, (_, n) => `{"path":"f${n}","sizeBytes":1,"sha256":"${'0'.repeat(64)}"}`).join()}]}`,
    })),
    says: /backup\.json/,
  },
  {
    what: 'checksums of 100 MB',
    make: files(() => ({
      'web01.vmx': vmx('web01.vmdk'),
      'web01.mf': `SHA256(web01.vmx)= ${'0'.repeat(64)}\n`.repeat(1_200_000),
    })),
    says: /web01\.mf/,
  },
  { what: 'an OVA of 10,001 members', make: ovaOf(10_001), says: /source\.invalid.*10000 members/ },
  { what: 'an OVA of 9,000 descriptors', make: ovaOf(9_000), says: /metadata\.too-much/ },
  {
    what: 'a VMDK descriptor of 64 MB',
    make: files(() => ({
      'web01.vmx': vmx('web01.vmdk'),
      'web01.vmdk': makeDescriptor({
        extents: Array<string>(1_000_000).fill('RW 2048 FLAT "web01-flat.vmdk" 0'),
      }),
    })),
    says: /disk\.[a-z-]+/,
  },
  { what: 'a VMDK with a grain of 256 MiB', make: bomb, says: /./ },
  { what: 'a folder of 50,001 files', make: manyFiles, says: /backup\.too-many-files/ },
  { what: 'a folder 2,000 deep', make: deepFolder, says: /backup\.file-passed-over/ },
];

function ovaOf(count: number): Builder {
  return async (folder) => {
    const content = ovf({ capacityMib: 4 }).slice(0, 1024);
    const members = Array.from({ length: count }, (_, n) => ({
      name: `${n}.ovf`,
      content: n === 0 ? ovf({ capacityMib: 4 }) : content,
    }));
    await put(folder, { 'web01.ova': tarOf(...members) });
    return 'web01.ova';
  };
}

async function bomb(folder: string): Promise<string> {
  await put(folder, { 'web01.vmx': vmx('web01.vmdk') });
  await writeGrainBomb(path.join(folder, 'web01.vmdk'));
  return '';
}

async function manyFiles(folder: string): Promise<string> {
  await put(folder, { '0.vmx': vmx('web01.vmdk') });
  for (let from = 0; from < 50_000; from += 500) {
    const names = Array.from({ length: 500 }, (_, n) => path.join(folder, `f${from + n}`));
    await Promise.all(names.map((name) => writeFile(name, '')));
  }
  return '';
}

/** As deep as the host's longest path allows. */
async function deepFolder(folder: string): Promise<string> {
  await put(folder, { 'web01.vmx': vmx('web01.vmdk') });
  await mkdir(path.join(folder, ...Array<string>(1900).fill('d')), { recursive: true });
  return '';
}
