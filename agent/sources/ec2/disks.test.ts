import { expect, it } from 'vitest';
import { codes, image, readOne, volume, volumeAt } from './fixtures.ts';

const GiB = 1n << 30n;

it("prefers a volume's size to that of its snapshots", () => {
  const snapshot = { SnapshotId: 'snap-1', VolumeId: 'vol-0a11ce0000000001', VolumeSize: 20 };
  const { machine } = readOne({}, { Volumes: [volume({ Size: 30 })], Snapshots: [snapshot] });
  expect(machine.disks[0]?.sizeBytes).toBe(30n * GiB);
});

it.each([0, -1, 1.5, 2 ** 60, '30 GiB', null])('takes no size from %s', (size) => {
  const { machine } = readOne({}, { Volumes: [volume({ Size: size, VolumeType: 'gp3' })] });
  expect(machine.disks[0]?.sizeBytes).toBeUndefined();
});

it('does not take the size of the image for that of the volume made from it', () => {
  const mapping = { DeviceName: '/dev/xvda', Ebs: { SnapshotId: 'snap-1', VolumeSize: 8 } };
  const { machine } = readOne({}, { Images: [image({ BlockDeviceMappings: [mapping] })] });
  expect(machine.disks[0]?.sizeBytes).toBeUndefined();
});

it('takes the only volume for the root, and says that of several it cannot tell', () => {
  const one = readOne({
    RootDeviceName: null,
    BlockDeviceMappings: [volumeAt('/dev/sda1', 'vol-0a11ce0000000001')],
  });
  expect(one.machine.disks).toMatchObject([{ id: '/dev/sda1', boot: true }]);
  expect(codes(one)).toEqual([]);
  const several = readOne({ RootDeviceName: null });
  expect(several.machine.disks.map(({ boot }) => boot)).toEqual([false, false]);
  expect(codes(several)).toEqual(['disk.boot-unknown']);
  expect(codes(readOne({ RootDeviceName: '/dev/sda1' }))).toEqual(['disk.boot-unknown']);
});

it('says of a device that is listed twice which volume it took', () => {
  const twice = readOne({
    BlockDeviceMappings: [volumeAt('/dev/xvda', 'vol-1'), volumeAt('/dev/xvda', 'vol-2')],
  });
  expect(twice.machine.disks).toMatchObject([{ id: '/dev/xvda', label: 'vol-1' }]);
  expect(codes(twice)).toEqual(['disk.address-twice']);
});

it('warns of a volume that is attached, but not in the description of the instance', () => {
  const attachment = { InstanceId: 'i-0a11ce0000000001', VolumeId: 'vol-9', Device: '/dev/sdz' };
  const other = volume({ VolumeId: 'vol-9', Attachments: [attachment] });
  const { machine, findings } = readOne({}, { Volumes: [volume(), other] });
  expect(machine.disks).toHaveLength(2);
  expect(findings).toEqual([expect.objectContaining({ code: 'disk.contradiction', subject: 'vol-9' })]);
});

it.each([
  ['m6i.large', 'nvme'],
  ['t2.micro', 'xen'],
  ['i3.metal', 'nvme'],
])('gives disks of %s the bus %s, whatever Hypervisor says', (type, kind) => {
  expect(readOne({ InstanceType: type, Hypervisor: 'xen' }).machine.disks[0]?.controller).toEqual({ kind });
});

it('knows that an unknown arm64 type is Nitro', () => {
  const { machine } = readOne({ InstanceType: 'm99g.large', Architecture: 'arm64' });
  expect(machine.disks[0]?.controller).toEqual({ kind: 'nvme' });
});

it('stops where the root is on instance store', () => {
  const { machine, findings } = readOne({
    InstanceType: 'm3.medium',
    RootDeviceType: 'instance-store',
    BlockDeviceMappings: [],
  });
  expect(machine.disks).toEqual([]);
  expect(findings.map(({ code, severity }) => [code, severity])).toEqual([
    ['disk.root-on-instance-store', 3],
    ['disk.instance-store', 2],
  ]);
});

it('names each instance-store disk of the image, where the type has any', () => {
  const mappings = [
    { DeviceName: '/dev/sdb', VirtualName: 'ephemeral0' },
    { DeviceName: '/dev/sdc', VirtualName: 'ephemeral1' },
  ];
  const images = { Images: [image({ BlockDeviceMappings: mappings })] };
  const subjects = (type: string) =>
    readOne({ InstanceType: type }, images).findings.map(({ code, subject }) => `${code} ${subject}`);
  expect(subjects('c3.large')).toEqual(['disk.instance-store /dev/sdb', 'disk.instance-store /dev/sdc']);
  expect(subjects('m6i.large')).toEqual([]);
});

it('says that NVMe instance-store disks, which no mapping names, are not in the backup', () => {
  const { findings } = readOne({ InstanceType: 'm5d.12xlarge' });
  expect(findings).toMatchObject([{ code: 'disk.instance-store', subject: 'i-0a11ce0000000001' }]);
  expect(findings[0]?.message).toContain('2 instance-store disks');
});
