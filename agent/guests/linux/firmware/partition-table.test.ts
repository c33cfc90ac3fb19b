import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exec } from '../../../exec.ts';
import {
  BIOS_BOOT,
  EFI_SYSTEM,
  freeExtents,
  readTable,
  SECTOR,
  TABLE_SECTORS,
  tableWith,
  type DiskStart,
  type PartitionTable,
} from './partition-table.ts';

const MIB = 2048;
const SECTORS = 512 * MIB;
const SBIN = { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ascend-table-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A disk that sfdisk has made. */
async function diskOf(name: string, script: string): Promise<{ file: string; disk: DiskStart }> {
  const file = path.join(folder, name);
  await writeFile(file, '');
  await truncate(file, SECTORS * SECTOR);
  await exec('sfdisk', ['--quiet', file], { input: script, ...SBIN });
  return { file, disk: await startOf(file) };
}

async function startOf(file: string, sectors = SECTORS): Promise<DiskStart> {
  await using handle = await open(file);
  const start = Buffer.alloc(TABLE_SECTORS * SECTOR);
  await handle.read(start, 0, start.length, 0);
  return { device: '/dev/sda', sectors, start };
}

async function write(file: string, writes: ReturnType<typeof tableWith>): Promise<void> {
  await using handle = await open(file, 'r+');
  for (const { offsetBytes, content } of writes) await handle.write(content, 0, content.length, offsetBytes);
}

function tableOf(disk: DiskStart): PartitionTable {
  const table = readTable(disk);
  if (typeof table === 'string') throw new Error(table);
  return table;
}

interface Dumped {
  node: string;
  start: number;
  size: number;
  type: string;
  name?: string;
}

async function dump(file: string): Promise<{ partitions: Dumped[]; lastlba?: number; firstlba?: number }> {
  const { stdout } = await exec('sfdisk', ['--json', file], SBIN);
  // It says nothing where a table is whole.
  expect((await exec('sfdisk', ['--verify', file], SBIN)).stdout).not.toMatch(/overlap|corrupt|mismatch/i);
  return (JSON.parse(stdout) as { partitiontable: Awaited<ReturnType<typeof dump>> }).partitiontable;
}

describe('GPT', () => {
  const GPT = 'label: gpt\nstart=1MiB, size=48MiB, type=uefi\nsize=160MiB, type=linux\n';

  it('is read, with what lies free between its partitions', async () => {
    const { disk } = await diskOf('read', GPT);
    const table = tableOf(disk);
    expect(table).toMatchObject({ kind: 'gpt', freeNumber: 3 });
    expect(table.partitions).toMatchObject([
      { number: 1, type: EFI_SYSTEM.gpt, firstSector: MIB, lastSector: 49 * MIB - 1 },
      { number: 2, firstSector: 49 * MIB, lastSector: 209 * MIB - 1 },
    ]);
    expect(freeExtents(table)).toEqual([
      { firstSector: 34, lastSector: MIB - 1 },
      { firstSector: 209 * MIB, lastSector: SECTORS - 34 },
    ]);
  });

  it('takes a partition in front of the first MiB, which sfdisk does not give away', async () => {
    const { file, disk } = await diskOf('front', GPT);
    const partition = { number: 3, type: BIOS_BOOT, firstSector: 34, lastSector: MIB - 1 };
    await write(file, tableWith(disk, tableOf(disk), partition));
    const { partitions, firstlba } = await dump(file);
    expect(firstlba).toBe(34);
    expect(partitions[2]).toMatchObject({
      start: 34,
      size: 2014,
      type: BIOS_BOOT.gpt.toUpperCase(),
      name: BIOS_BOOT.name,
    });
    expect(tableOf(await startOf(file)).partitions).toHaveLength(3);
  });

  it('has its copy at the end that the disk has by now', async () => {
    const { file } = await diskOf('grown', GPT);
    const grown = SECTORS + 64 * MIB;
    await truncate(file, grown * SECTOR);
    const disk = await startOf(file, grown);
    const place = { firstSector: SECTORS, lastSector: SECTORS + 40 * MIB - 1 };
    await write(file, tableWith(disk, tableOf(disk), { number: 3, type: EFI_SYSTEM, ...place }));
    expect(await dump(file)).toMatchObject({ lastlba: grown - 34, partitions: [{}, {}, { start: SECTORS }] });
    // Without the first copy the second one is as good.
    await write(file, [{ offsetBytes: SECTOR, content: Buffer.alloc(SECTOR) }]);
    const { stdout } = await exec('sfdisk', ['--json', file], SBIN);
    expect(stdout).toContain(`"start": ${SECTORS}`);
  });

  it('is not trusted where it is damaged', async () => {
    const { disk } = await diskOf('damaged', GPT);
    for (const at of [SECTOR + 60, 2 * SECTOR + 200]) {
      const start = Buffer.from(disk.start);
      start.writeUInt8(start.readUInt8(at) ^ 1, at);
      expect(readTable({ ...disk, start })).toBe('the GPT of /dev/sda is damaged');
    }
  });
});

describe('MBR', () => {
  const MBR = 'label: dos\nstart=2048, size=100MiB, type=83, bootable\nstart=200MiB, size=50MiB, type=5\n';

  it('is read, and takes a partition more', async () => {
    const { file, disk } = await diskOf('mbr', MBR);
    const table = tableOf(disk);
    expect(table).toMatchObject({
      kind: 'mbr',
      freeNumber: 3,
      partitions: [
        { number: 1, type: '83' },
        { number: 2, type: '05' },
      ],
    });
    const place = { firstSector: 101 * MIB, lastSector: 151 * MIB - 1 };
    expect(freeExtents(table)[1]).toEqual({ firstSector: 101 * MIB, lastSector: 200 * MIB - 1 });
    await write(file, tableWith(disk, table, { number: 3, type: EFI_SYSTEM, ...place }));
    const { partitions } = await dump(file);
    expect(partitions[0]).toMatchObject({ start: 2048, type: '83' });
    expect(partitions[2]).toMatchObject({ start: 101 * MIB, size: 50 * MIB, type: 'ef' });
  });

  it('has four places', async () => {
    const { disk } = await diskOf('full', 'label: dos\nsize=1MiB\nsize=1MiB\nsize=1MiB\nsize=1MiB\n');
    expect(tableOf(disk).freeNumber).toBeUndefined();
  });
});

it.each<[string, (start: Buffer) => void, string]>([
  ['an empty disk', () => undefined, '/dev/sda has no table of partitions'],
  [
    'partitions that overlap',
    (start) => {
      start.writeUInt16LE(0xaa55, 510);
      for (const slot of [0, 1]) start.writeUInt32LE(0x83, 446 + slot * 16 + 4);
      for (const slot of [0, 1]) start.writeUInt32LE(2048, 446 + slot * 16 + 8);
      for (const slot of [0, 1]) start.writeUInt32LE(2048, 446 + slot * 16 + 12);
    },
    'partition 2 of /dev/sda overlaps another or the end of the disk',
  ],
  [
    'a GPT in sectors of 4096 bytes',
    (start) => {
      start.writeUInt16LE(0xaa55, 510);
      start.writeUInt8(0xee, 450);
    },
    'the GPT of /dev/sda is not in sectors of 512 bytes',
  ],
])('says what is wrong with %s', (_what, change, said) => {
  const start = Buffer.alloc(TABLE_SECTORS * SECTOR);
  change(start);
  expect(readTable({ device: '/dev/sda', sectors: SECTORS, start })).toBe(said);
});

it('reads any bytes, and never gives away what a partition has', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(255), fc.nat(2 ** 32 - 1), fc.nat(2 ** 32 - 1)), {
        minLength: 4,
        maxLength: 4,
      }),
      (slots) => {
        const start = Buffer.alloc(TABLE_SECTORS * SECTOR);
        start.writeUInt16LE(0xaa55, 510);
        slots.forEach(([type, first, count], index) => {
          start.writeUInt8(type, 446 + index * 16 + 4);
          start.writeUInt32LE(first % SECTORS, 446 + index * 16 + 8);
          start.writeUInt32LE(count % SECTORS, 446 + index * 16 + 12);
        });
        const table = readTable({ device: '/dev/sda', sectors: SECTORS, start });
        if (typeof table === 'string') return;
        for (const free of freeExtents(table)) {
          expect(free.lastSector).toBeLessThan(SECTORS);
          for (const taken of table.partitions)
            expect(free.lastSector < taken.firstSector || free.firstSector > taken.lastSector).toBe(true);
        }
      },
    ),
    { numRuns: 300 },
  );
});
