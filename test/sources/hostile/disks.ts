/** Disks that were made to harm, each attached to a machine that is as it should be. */
import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { exec } from '../../../agent/exec.ts';
import { makeVhd, withVhdChecksum } from '../../../agent/disks/fixtures/vhd.ts';
import { makeVhdx } from '../../../agent/disks/fixtures/vhdx.ts';
import { makeDescriptor } from '../../../agent/disks/fixtures/vmdk.ts';
import { put, type Builder } from '../../backups/builder.ts';
import { DISK_BYTES, makeDisk, MIB } from '../../backups/disk.ts';
import { vmx } from '../../backups/vmware.ts';
import type { HostileRow } from './row.ts';

/** web01 with this disk. */
const withFiles =
  (disk: string, files: (folder: string) => Record<string, Buffer | string>): Builder =>
  async (folder) => {
    await put(folder, { 'web01.vmx': vmx(disk), ...files(folder) });
    return '';
  };

interface Patch {
  at: number;
  bytes: string;
}

/** A good QCOW2 file with bytes (hexadecimal) written over it. */
const qcow2With =
  (...patches: Patch[]): Builder =>
  async (folder) => {
    await put(folder, { 'web01.vmx': vmx('web01.qcow2') });
    await makeDisk(folder, 'web01.qcow2', { format: 'qcow2' });
    await using file = await open(path.join(folder, 'web01.qcow2'), 'r+');
    for (const { at, bytes } of patches) await file.write(Buffer.from(bytes, 'hex'), 0, bytes.length / 2, at);
    return '';
  };

const qemuImg =
  (...commands: string[][]): Builder =>
  async (folder) => {
    await put(folder, { 'web01.vmx': vmx('web01.qcow2') });
    for (const args of commands) await exec('qemu-img', args, { cwd: folder });
    return '';
  };

const CREATE = ['create', '-q', '-f', 'qcow2'];
// QEMU times the hash by getrusage, which the kernel updates at its ticks, and gives up at 0 ms: a processor is too quick with
// SHA-256, which is the default. Source: QEMU, crypto/pbkdf.c.
const LUKS = [
  '--object',
  'secret,id=key,data=s3cret',
  '-o',
  'encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10,encrypt.hash-alg=sha512',
];

export const disks: HostileRow[] = [
  {
    what: 'a QCOW2 of an L1 table of 32 GiB',
    make: qcow2With({ at: 36, bytes: 'ffffffff' }),
    says: /disk\.invalid: web01\.qcow2.*offset 0x24|disk\.invalid: web01\.qcow2.*36/,
  },
  {
    what: 'a QCOW2 of 2^63 bytes',
    make: qcow2With({ at: 24, bytes: '8000000000000000' }),
    says: /disk\.invalid: web01\.qcow2/,
  },
  {
    what: 'a QCOW2 of no size',
    make: qcow2With({ at: 24, bytes: '0000000000000000' }),
    says: /disk\.invalid: web01\.qcow2/,
  },
  {
    what: 'a QCOW2 of clusters of 2^31 bytes',
    make: qcow2With({ at: 20, bytes: '0000001f' }),
    says: /disk\.invalid: web01\.qcow2/,
  },
  // The refcount table, at cluster 1, is its own first block.
  {
    what: 'a QCOW2 whose refcount table leads to itself',
    make: qcow2With({ at: 65_536, bytes: '0000000000010000' }),
    says: /disk\.corrupt: web01\.qcow2/,
  },
  // The L1 table, at cluster 3, is its own first L2 table.
  {
    what: 'a QCOW2 whose L1 table leads to itself',
    make: qcow2With({ at: 3 * 65_536, bytes: '8000000000030000' }),
    says: /disk\.corrupt: web01\.qcow2/,
  },
  {
    what: 'a QCOW2 of 4 billion snapshots',
    make: qcow2With({ at: 60, bytes: 'ffffffff' }),
    says: /disk\.invalid: web01\.qcow2/,
  },
  {
    what: 'a QCOW2 with a snapshot inside',
    make: qemuImg([...CREATE, 'web01.qcow2', '4M'], ['snapshot', '-c', 'monday', 'web01.qcow2']),
    says: /disk\.internal-snapshots: web01\.qcow2/,
  },
  {
    what: 'two QCOW2 files on top of each other',
    make: qemuImg(
      [...CREATE, 'a.qcow2', '4M'],
      [...CREATE, '-F', 'qcow2', '-b', 'a.qcow2', 'web01.qcow2'],
      ['rebase', '-u', '-F', 'qcow2', '-b', 'web01.qcow2', 'a.qcow2'],
    ),
    says: /disk\.chain-loop: .*web01\.qcow2/,
  },
  {
    what: 'a QCOW2 encrypted by LUKS',
    make: qemuImg([...CREATE, ...LUKS, 'web01.qcow2', '4M']),
    says: /disk\.encrypted: web01\.qcow2.*/,
  },
  {
    what: 'a QCOW2 on a file of the host',
    make: qemuImg([...CREATE, '-u', '-F', 'raw', '-b', '/etc/shadow', 'web01.qcow2', '4M']),
    says: /disk\.(backing-outside-backup|parent-missing): .*\/etc\/shadow/,
  },
  {
    what: 'a QCOW2 on a server',
    make: qemuImg([...CREATE, '-u', '-F', 'raw', '-b', 'nbd://192.0.2.1/disk', 'web01.qcow2', '4M']),
    says: /disk\.(backing-outside-backup|parent-missing): .*nbd:/,
  },
  {
    what: 'a QCOW2 whose data lie in another file',
    make: qemuImg([...CREATE, '-o', 'data_file=data.raw', 'web01.qcow2', '4M']),
    says: /disk\.external-data-file: web01\.qcow2/,
  },
  ...[
    '/etc/passwd',
    '../secret-flat.vmdk',
    'sub/../../secret-flat.vmdk',
    'C:\\windows\\system32\\config\\SAM',
  ].map((name): HostileRow => ({
    what: `a VMDK with its data in ${name}`,
    make: withFiles('web01.vmdk', () => ({
      'web01.vmdk': makeDescriptor({ createType: 'monolithicFlat', extents: [`RW 8192 FLAT "${name}" 0`] }),
    })),
    says: /disk\.[a-z-]+: .*web01\.vmdk/,
  })),
  {
    what: 'a VMDK of 100,000 extents',
    make: withFiles('web01.vmdk', () => ({
      'web01.vmdk': makeDescriptor({ extents: Array<string>(100_000).fill('RW 1 FLAT "a-flat.vmdk" 0') }),
    })),
    says: /disk\.[a-z-]+: .*web01\.vmdk/,
  },
  {
    what: 'a VHDX with changes in its log',
    make: withFiles('web01.vhdx', () => ({
      'web01.vhdx': makeVhdx({
        sizeBytes: BigInt(DISK_BYTES),
        dataWriteGuid: '0f1e0d0c-0b0a-4908-8706-050403020100',
        logGuid: '1f1e0d0c-0b0a-4908-8706-050403020100',
      }),
    })),
    says: /disk\.dirty-log: web01\.vhdx/,
  },
  {
    what: 'a VHDX of 2^63 bytes',
    make: withFiles('web01.vhdx', () => ({
      'web01.vhdx': makeVhdx({ sizeBytes: 1n << 63n, dataWriteGuid: '0f1e0d0c-0b0a-4908-8706-050403020100' }),
    })),
    says: /disk\.invalid: web01\.vhdx/,
  },
  {
    what: 'a VHD whose table lies beyond its end',
    make: withFiles('web01.vhd', () => ({ 'web01.vhd': vhdWithTableAt(0x7fffffffffffffffn) })),
    says: /disk\.invalid: web01\.vhd/,
  },
];

function vhdWithTableAt(offset: bigint): Buffer {
  const file = makeVhd({ kind: 'dynamic', sizeBytes: DISK_BYTES, uniqueId: 'ab'.repeat(16) });
  const header = file.subarray(512, 512 + 1024);
  header.writeBigUInt64BE(offset, 16);
  withVhdChecksum(header, 36);
  return file;
}

/** A streamOptimized VMDK of 4 MiB whose first grain unpacks to 256 MiB. Source: VMware Virtual Disk Format 5.0. */
export async function writeGrainBomb(file: string): Promise<void> {
  const SECTOR = 512;
  const header = Buffer.alloc(SECTOR);
  header.write('KDMV', 0, 'latin1');
  header.writeUInt32LE(3, 4);
  header.writeUInt32LE(0x30001, 8);
  header.writeBigUInt64LE(BigInt(DISK_BYTES / SECTOR), 12);
  header.writeBigUInt64LE(128n, 20);
  header.writeBigUInt64LE(1n, 28);
  header.writeBigUInt64LE(20n, 36);
  header.writeUInt32LE(512, 44);
  header.writeBigUInt64LE(21n, 56);
  header.writeBigUInt64LE(128n, 64);
  header.write('\n \r\n', 73, 'latin1');
  header.writeUInt16LE(1, 77);
  const overhead = Buffer.alloc(127 * SECTOR);
  const extents = [`RW ${DISK_BYTES / SECTOR} SPARSE "web01.vmdk"`];
  makeDescriptor({ createType: 'streamOptimized', extents }).copy(overhead);
  overhead.writeUInt32LE(22, 20 * SECTOR);
  overhead.writeUInt32LE(128, 21 * SECTOR);
  const grain = deflateSync(Buffer.alloc(256 * MIB));
  const marker = Buffer.alloc(12);
  marker.writeUInt32LE(grain.length, 8);
  const end = Buffer.alloc(SECTOR - ((marker.length + grain.length) % SECTOR) + SECTOR);
  await writeFile(file, Buffer.concat([header, overhead, marker, grain, end]));
}
