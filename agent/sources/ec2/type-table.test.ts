import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { JsonAnswer } from './answer.ts';
import { JsonNode } from '../../documents/json.ts';
import { instanceTypeOf } from './instance-type.ts';
import { COLUMNS, knownType, readTable, rowOf, TABLE, tableDate } from './type-table.ts';

const rows = Object.values(readTable()).flatMap((types) => Object.entries(types));

it('has every type once, with all columns', () => {
  expect(rows.length).toBeGreaterThan(1400);
  expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length);
  for (const [name, row] of rows) {
    expect(row, name).toHaveLength(COLUMNS.length);
    expect(rowOf(knownType(name)!), name).toEqual(row);
  }
});

it('says its columns, its date and its origin inside', () => {
  const file = JSON.parse(readFileSync(TABLE, 'utf8')) as Record<string, unknown>;
  expect(file.columns).toEqual([...COLUMNS]);
  expect(file.about).toMatch(/DescribeInstanceTypes/);
  expect(tableDate()).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  expect(Object.keys(readTable())).toEqual(Object.keys(readTable()).sort().reverse());
});

it('holds what a machine needs: cores, threads, memory, boot modes, hypervisor, architectures, limits', () => {
  for (const [name] of rows) {
    const type = knownType(name)!;
    expect(type.memoryMiB, name).toBeGreaterThan(500);
    expect(type.cores! * type.threadsPerCore!, name).toBeGreaterThan(0);
    expect(type.bootModes?.length, name).toBeGreaterThan(0);
    expect(['nitro', 'xen', 'metal'], name).toContain(type.hypervisor);
    expect(type.architectures?.length, name).toBeGreaterThan(0);
    expect(type.nics, name).toBeGreaterThan(0);
  }
});

// Values of the EC2 user guide, "Amazon EC2 instance types".
it.each([
  ['t3.nano', 2, 512, 'nitro', ['x86_64']],
  ['t1.micro', 1, 627, 'xen', ['i386', 'x86_64']],
  ['m5.24xlarge', 96, 393216, 'nitro', ['x86_64']],
  ['c7g.16xlarge', 64, 131072, 'nitro', ['arm64']],
  ['r4.large', 2, 15616, 'xen', ['x86_64']],
  ['p3.2xlarge', 8, 62464, 'xen', ['x86_64']],
  ['u-24tb1.112xlarge', 448, 25165824, 'nitro', ['x86_64']],
])('knows %s: %i CPUs, %i MiB', (name, cpus, memoryMiB, hypervisor, architectures) => {
  const type = knownType(name);
  expect(type).toMatchObject({ memoryMiB, hypervisor, architectures });
  expect(type!.cores! * type!.threadsPerCore!).toBe(cpus);
});

it('dates a type by the answer that last stated it', () => {
  expect(knownType('t3.nano')?.place).toEqual({
    file: 'instance-types.json',
    where: 't3.nano (as of 2026-10-27)',
  });
  expect(knownType('g2.2xlarge')?.place.where).toBe('g2.2xlarge (as of 2023-08-23)');
  expect(knownType('constructor')).toBeUndefined();
});

it('makes the same row of an answer of DescribeInstanceTypes', () => {
  const answer = {
    InstanceType: 'm5d.large',
    BareMetal: false,
    Hypervisor: 'nitro',
    ProcessorInfo: { SupportedArchitectures: ['x86_64'] },
    VCpuInfo: { DefaultVCpus: 2, DefaultCores: 1, DefaultThreadsPerCore: 2 },
    MemoryInfo: { SizeInMiB: 8192 },
    InstanceStorageSupported: true,
    InstanceStorageInfo: { Disks: [{ SizeInGB: 75, Count: 1 }] },
    EbsInfo: { AttachmentLimitType: 'shared', MaximumEbsAttachments: 26 },
    NetworkInfo: { MaximumNetworkInterfaces: 3, EnaSupport: 'required' },
    SupportedBootModes: ['legacy-bios', 'uefi'],
    NitroTpmSupport: 'supported',
  };
  const type = instanceTypeOf(new JsonAnswer(new JsonNode(answer), 'types.json'));
  expect(rowOf(type)).toEqual([1, 2, 8192, 'nitro', 'x86_64', 'bios uefi', true, 3, 26, true, 1, true]);
});
