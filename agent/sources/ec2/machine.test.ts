import { describe, expect, it } from 'vitest';
import { Firmware, GuestFamily, Machine } from '../../../proto/gen/ascend/v1/machine.ts';
import { codes, described, image, instance, json, read, readOne, volume, volumeAt } from './fixtures.ts';

const GiB = 1n << 30n;

it('reads a whole backup: instance, volumes, snapshots, image, type, subnet', () => {
  const { machine, origins, diskReferences, findings } = readOne(
    {},
    { Volumes: [volume({ Encrypted: true, Tags: [{ Key: 'Name', Value: 'web01 root' }] })] },
    {
      Snapshots: [
        { SnapshotId: 'snap-0a11ce0000000002', VolumeId: 'vol-0a11ce0000000002', VolumeSize: 100 },
        { SnapshotId: 'snap-0a11ce0000000003', VolumeId: 'vol-0a11ce0000000002', VolumeSize: 200 },
      ],
    },
    { Images: [image({ Description: 'Debian 12 (20240717-1811)' })] },
    { Subnets: [{ SubnetId: 'subnet-0a11ce0000000001', CidrBlock: '10.1.1.0/24' }] },
  );
  expect(machine).toEqual({
    name: 'web01',
    platform: 'ec2',
    sourceId: 'i-0a11ce0000000001',
    guest: {
      family: GuestFamily.LINUX,
      id: 'Linux/UNIX',
      name: 'Debian 12 (20240717-1811)',
      arch: 'x86_64',
    },
    cpu: { count: 2 },
    memoryBytes: 8n * GiB,
    firmware: Firmware.UEFI,
    tpm: true,
    disks: [
      {
        id: '/dev/xvda',
        label: 'web01 root',
        sizeBytes: 30n * GiB,
        controller: { kind: 'nvme' },
        boot: true,
      },
      {
        id: '/dev/sdf',
        label: 'vol-0a11ce0000000002',
        sizeBytes: 200n * GiB,
        controller: { kind: 'nvme' },
        boot: false,
      },
    ],
    nics: [
      {
        id: 'eni-0a11ce0000000001',
        mac: '0a:11:ce:00:00:01',
        model: 'ena',
        network: 'subnet-0a11ce0000000001',
        connected: true,
        addresses: ['10.1.1.5/24', '10.1.1.6/24', '2001:db8::5'],
        guestNames: [],
      },
      {
        id: 'eni-0a11ce0000000002',
        mac: '0a:11:ce:00:00:02',
        model: 'ena',
        network: 'subnet-0a11ce0000000002',
        connected: true,
        addresses: ['10.1.2.9'],
        guestNames: [],
      },
    ],
    tags: { Name: 'web01', team: '' },
  });
  expect(diskReferences.get('/dev/sdf')?.names).toEqual([
    'vol-0a11ce0000000002',
    'snap-0a11ce0000000002',
    'snap-0a11ce0000000003',
    'i-0a11ce0000000001-sdf',
    '/dev/sdf',
    'sdf',
  ]);
  expect(codes({ findings })).toEqual(['disk.encrypted-at-source']);
  const instanceKey = 'Reservations[0].Instances[0]';
  expect(origins.of('memoryBytes')).toEqual({
    file: 'instance-types.json',
    key: 'm6i.large (as of 2026-10-27)',
  });
  expect(origins.of('disks./dev/sdf.sizeBytes')).toEqual({
    file: 'beside-1.json',
    key: 'Snapshots[1].VolumeSize',
  });
  expect(origins.of('firmware')).toEqual({
    file: 'instances.json',
    key: `${instanceKey}.CurrentInstanceBootMode`,
  });
  expect(origins.of('name')).toEqual({ file: 'instances.json', key: `${instanceKey}.Tags[0].Value` });
});

describe('memory and CPUs', () => {
  const stated = {
    InstanceTypes: [
      {
        InstanceType: 'm6i.large',
        VCpuInfo: { DefaultCores: 4, DefaultThreadsPerCore: 2 },
        MemoryInfo: { SizeInMiB: 12345 },
        Hypervisor: 'xen',
      },
    ],
  };

  it('are those of DescribeInstanceTypes, where that is in the backup', () => {
    const { machine, origins } = readOne({ CpuOptions: null }, stated);
    expect(machine).toMatchObject({ memoryBytes: 12345n << 20n, cpu: { count: 8 } });
    expect(machine.disks[0]?.controller).toEqual({ kind: 'xen' });
    expect(origins.of('memoryBytes')).toEqual({ file: 'beside-0.json', key: 'InstanceTypes[0]' });
  });

  it('has fewer CPUs than its type where the instance says so', () => {
    expect(readOne({ CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 } }, stated).machine.cpu).toEqual({
      count: 1,
    });
  });

  it('are absent for a type that nobody knows, and the finding says how to supply it', () => {
    const { machine, findings } = readOne({ InstanceType: 'm99.large', CpuOptions: null });
    expect(machine.memoryBytes).toBeUndefined();
    expect(machine.cpu).toBeUndefined();
    expect(machine.disks[0]?.controller).toBeUndefined();
    expect(machine.nics[0]?.model).toBeUndefined();
    expect(findings).toEqual([
      expect.objectContaining({
        code: 'machine.instance-type-unknown',
        message: expect.stringContaining('m99.large') as string,
        remedy: expect.stringContaining('describe-instance-types --instance-types m99.large') as string,
      }),
    ]);
  });

  it('never take numbers that the wire cannot carry', () => {
    const absurd = { CoreCount: 2 ** 40, ThreadsPerCore: 2 ** 40 };
    const types = {
      InstanceTypes: [{ InstanceType: 'm6i.large', MemoryInfo: { SizeInMiB: Number.MAX_SAFE_INTEGER } }],
    };
    const { machine } = readOne({ CpuOptions: absurd }, types);
    expect(machine.cpu).toBeUndefined();
    expect(machine.memoryBytes).toBeUndefined();
  });
});

describe('firmware', () => {
  const { UEFI, BIOS, UNSPECIFIED } = Firmware;
  it.each<[case_: string, changes: Parameters<typeof instance>[0], expected: Firmware]>([
    ['what it runs with', { BootMode: 'uefi-preferred', CurrentInstanceBootMode: 'legacy-bios' }, BIOS],
    ['what its image asked for', { BootMode: 'uefi' }, UEFI],
    ['preferred, and the type can', { BootMode: 'uefi-preferred' }, UEFI],
    ['preferred, and the type cannot', { BootMode: 'uefi-preferred', InstanceType: 't2.micro' }, BIOS],
    [
      'preferred, and the type is unknown',
      { BootMode: 'uefi-preferred', InstanceType: 'm99.x' },
      UNSPECIFIED,
    ],
    ['the default of x86', {}, BIOS],
    ['the only one of the type', { InstanceType: 'c7g.large', Architecture: 'arm64' }, UEFI],
    ['the default of arm64', { InstanceType: 'c99g.large', Architecture: 'arm64' }, UEFI],
    ['nothing stated', { InstanceType: 'm99.x', Architecture: null }, UNSPECIFIED],
  ])('is %s', (_case, changes, expected) => {
    const silent = { BootMode: null, CurrentInstanceBootMode: null };
    expect(readOne({ ...silent, ...changes }).machine.firmware).toBe(expected);
  });

  it("is the image's where the instance says nothing", () => {
    const silent = { BootMode: null, CurrentInstanceBootMode: null };
    const { machine, origins } = readOne(silent, { Images: [image({ BootMode: 'uefi' })] });
    expect(machine.firmware).toBe(UEFI);
    expect(origins.of('firmware')?.file).toBe('beside-0.json');
  });
});

it('knows that a type without NitroTPM has no TPM, and leaves it open otherwise', () => {
  expect(readOne({ TpmSupport: null, InstanceType: 't2.micro' }).machine.tpm).toBe(false);
  expect(readOne({ TpmSupport: null }).machine.tpm).toBeUndefined();
});

describe('the guest', () => {
  it.each<[details: string | null, platform: string | null, family: GuestFamily, name: string | undefined]>([
    ['Linux/UNIX', null, GuestFamily.LINUX, undefined],
    ['Red Hat Enterprise Linux', null, GuestFamily.LINUX, 'Red Hat Enterprise Linux'],
    ['Ubuntu Pro', null, GuestFamily.LINUX, 'Ubuntu Pro'],
    ['Linux with SQL Server Standard', null, GuestFamily.LINUX, 'Linux with SQL Server Standard'],
    ['Windows BYOL', null, GuestFamily.WINDOWS, 'Windows BYOL'],
    [null, 'Windows', GuestFamily.WINDOWS, undefined],
    ['Something else', null, GuestFamily.UNSPECIFIED, 'Something else'],
    [null, null, GuestFamily.UNSPECIFIED, undefined],
  ])('with PlatformDetails %s and Platform %s', (details, platform, family, name) => {
    const { machine } = readOne({ PlatformDetails: details, Platform: platform });
    expect(machine.guest).toMatchObject({ family, arch: 'x86_64' });
    expect(machine.guest?.name).toBe(name);
  });

  it('is named after the image only where that names a system', () => {
    expect(readOne({}, { Images: [image({ Name: 'web-2', Description: '' })] }).machine.guest?.name).toBe(
      undefined,
    );
    const freebsd = readOne({}, { Images: [image({ Name: 'FreeBSD 14.1-RELEASE-amd64' })] });
    expect(freebsd.machine.guest).toMatchObject({
      family: GuestFamily.OTHER,
      name: 'FreeBSD 14.1-RELEASE-amd64',
    });
  });

  it('that EC2 boots by a kernel of its own stops a restore', () => {
    const { findings } = readOne({ VirtualizationType: 'paravirtual', KernelId: 'aki-1' });
    expect(findings).toEqual([expect.objectContaining({ code: 'machine.paravirtual', severity: 3 })]);
    expect(codes(readOne({ KernelId: 'aki-1' }))).toEqual(['machine.kernel-outside']);
  });
});

describe('instances', () => {
  it('are a machine each', () => {
    const other = instance({ InstanceId: 'i-2', Tags: [{ Key: 'Name', Value: 'db01' }] });
    const { machines } = read(json('all.json', described(instance(), other)));
    expect(machines.map(({ machine, from }) => [machine.name, from])).toEqual([
      ['web01', 'all.json'],
      ['db01', 'all.json'],
    ]);
  });

  it('that two files describe are read from the first, with a finding that names both', () => {
    const { machines } = read(
      json('monday.json', described(instance())),
      json('tuesday.json', described(instance({ RootDeviceName: '/dev/sdf' }))),
    );
    expect(machines).toHaveLength(1);
    expect(machines[0]?.machine.disks[0]?.id).toBe('/dev/xvda');
    const twice = machines[0]?.findings.find(({ code }) => code === 'machine.described-twice');
    expect(twice?.message).toContain('in monday.json and in tuesday.json');
    expect(twice?.message).toMatch(/monday\.json.*tuesday\.json/);
  });

  it('beyond ten thousand are left out, with a finding', () => {
    const many = Array.from({ length: 10_001 }, (_, index) => ({
      InstanceId: `i-${index}`,
      ImageId: 'ami-1',
    }));
    const { machines, findings } = read(json('region.json', described(...many)));
    expect(machines).toHaveLength(10_000);
    expect(codes({ findings })).toEqual(['metadata.too-many-machines']);
  });

  it('that were terminated have nothing left to restore', () => {
    const { machine, findings } = readOne({
      State: { Code: 48, Name: 'terminated' },
      BlockDeviceMappings: [],
      NetworkInterfaces: [],
    });
    expect(machine).toMatchObject({ disks: [], nics: [] });
    expect(findings).toEqual([expect.objectContaining({ code: 'machine.terminated', severity: 3 })]);
  });

  it('without a name are called by their id, and long names are cut between characters', () => {
    expect(readOne({ Tags: [{ Key: 'Name', Value: '  ' }] }).machine.name).toBe('i-0a11ce0000000001');
    const { machine, findings } = readOne({ Tags: [{ Key: 'Name', Value: `${'x'.repeat(254)}😀😀` }] });
    expect(machine.name).toBe(`${'x'.repeat(254)}😀`);
    expect(codes({ findings })).toEqual(['machine.name-shortened']);
  });

  it('keep tags whatever they are called', () => {
    const { machine } = readOne({ Tags: [{ Key: '__proto__', Value: 'x' }, { Key: 'constructor' }] });
    expect(Object.entries(machine.tags)).toEqual([
      ['__proto__', 'x'],
      ['constructor', ''],
    ]);
  });

  it('take from DescribeInstanceAttribute what they do not say', () => {
    const { machine } = readOne(
      { RootDeviceName: null },
      { InstanceId: 'i-0a11ce0000000001', RootDeviceName: { Value: '/dev/xvda' } },
    );
    expect(machine.disks[0]).toMatchObject({ id: '/dev/xvda', boot: true });
  });
});

it('gives machines that the wire can carry', () => {
  const { machine } = readOne({ BlockDeviceMappings: [volumeAt('/dev/xvda', 'vol-1')] });
  expect(Machine.decode(Machine.encode(machine).finish())).toMatchObject({ name: 'web01' });
});
