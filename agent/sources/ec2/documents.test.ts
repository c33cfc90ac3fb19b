import { describe, expect, it } from 'vitest';
import { openDocument } from '../../documents/document.ts';
import type { Json } from '../../documents/json.ts';
import { described, image, instance, json, nic, read, volume, xml } from './fixtures.ts';
import { ec2 } from './index.ts';

/** As the Java SDK's objects are written by JSON mappers. */
function camelCased(value: Json): Json {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key[0]!.toLowerCase() + key.slice(1), camelCased(member)]),
  );
}

const forms: [form: string, value: Json][] = [
  ['the CLI', described(instance())],
  [
    'boto3',
    { Reservations: [{ Instances: [instance()] }], ResponseMetadata: { RetryAttempts: 0 }, NextToken: 'x' },
  ],
  ['a placebo recording', { status_code: 200, data: described(instance()) }],
  ['the Java SDK', camelCased(described(instance()))],
  ['a RunInstances answer', { ReservationId: 'r-1', Instances: [instance()] }],
  ['a bare instance', instance()],
  ['a list of instances', [instance()]],
  ['--query Reservations[].Instances', [[instance()]]],
  ['a list of reservations', [{ Instances: [instance()] }]],
  ['one file with everything', { Reservations: [{ Instances: [instance()] }], Volumes: [volume()] }],
];

it.each(forms)('reads the same machine from %s', (_form, value) => {
  const document = json('answer.json', value);
  expect(ec2.recognise(document)?.role).toBe('machine');
  const [one] = read(document).machines;
  expect(one?.machine).toMatchObject({
    name: 'web01',
    sourceId: 'i-0a11ce0000000001',
    cpu: { count: 2 },
    disks: [{ id: '/dev/xvda' }, { id: '/dev/sdf' }],
    nics: [{ id: 'eni-0a11ce0000000001' }, { id: 'eni-0a11ce0000000002' }],
    tags: { Name: 'web01', team: '' },
  });
});

const query = `<?xml version="1.0"?>
<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId/><reservationSet><item><instancesSet>
  <item><instanceId>i-0a11ce0000000003</instanceId><imageId>ami-1</imageId><instanceType>t2.small</instanceType>
    <instanceState><code>80</code><name>stopped</name></instanceState><architecture>x86_64</architecture>
    <platform>windows</platform><rootDeviceName>/dev/sda1</rootDeviceName><rootDeviceType>ebs</rootDeviceType>
    <cpuOptions><coreCount>1</coreCount><threadsPerCore>1</threadsPerCore></cpuOptions>
    <blockDeviceMapping>
      <item><deviceName>/dev/sdb</deviceName><ebs><volumeId>vol-0000000b</volumeId></ebs></item>
      <item><deviceName>/dev/sda1</deviceName><ebs><volumeId>vol-0000000a</volumeId></ebs></item>
    </blockDeviceMapping>
    <networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><macAddress>0a:11:ce:00:00:03</macAddress>
      <privateIpAddress>10.1.1.7</privateIpAddress><attachment><deviceIndex>0</deviceIndex><status>attached</status></attachment>
      <privateIpAddressesSet><item><privateIpAddress>10.1.1.7</privateIpAddress></item></privateIpAddressesSet>
      <ipv6AddressesSet><item><ipv6Address>2001:db8::7</ipv6Address></item></ipv6AddressesSet></item></networkInterfaceSet>
    <tagSet><item><key>Name</key><value>old01</value></item></tagSet></item>
</instancesSet></item></reservationSet></DescribeInstancesResponse>`;

const volumesQuery = `<DescribeVolumesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><volumeSet><item>
  <volumeId>vol-0000000a</volumeId><size>12</size><status>in-use</status><encrypted>true</encrypted><attachmentSet><item>
  <volumeId>vol-0000000a</volumeId><instanceId>i-0a11ce0000000003</instanceId><device>/dev/sda1</device></item></attachmentSet>
  </item></volumeSet></DescribeVolumesResponse>`;

it('reads the XML of the Query API, and joins its documents', () => {
  const { machines } = read(xml('i.xml', query), xml('v.xml', volumesQuery));
  expect(machines[0]?.machine).toMatchObject({
    name: 'old01',
    guest: { family: 2, arch: 'x86_64' },
    cpu: { count: 1 },
    memoryBytes: 2n << 30n,
    disks: [
      { id: '/dev/sda1', boot: true, sizeBytes: 12n << 30n },
      { id: '/dev/sdb', boot: false },
    ],
    nics: [{ mac: '0a:11:ce:00:00:03', connected: true, addresses: ['10.1.1.7', '2001:db8::7'] }],
    tags: { Name: 'old01' },
  });
  expect(machines[0]?.origins.of('disks./dev/sda1.sizeBytes')).toEqual({
    file: 'v.xml',
    key: 'DescribeVolumesResponse/volumeSet/item/size',
  });
});

describe('what is no machine', () => {
  it.each<[what: RegExp, role: string, value: Json]>([
    [/volumes \(DescribeVolumes\)/, 'part', { Volumes: [volume()] }],
    [/volumes/, 'part', volume()],
    [/snapshots/, 'part', { Snapshots: [{ SnapshotId: 'snap-1', VolumeId: 'vol-1', VolumeSize: 8 }] }],
    [/images/, 'part', { status_code: 200, data: { Images: [image()] } }],
    [/instance types/, 'part', { InstanceTypes: [{ InstanceType: 'x1.y', MemoryInfo: { SizeInMiB: 1 } }] }],
    [/instance types/, 'part', { 'x1.y': { InstanceType: 'x1.y', MemoryInfo: { SizeInMiB: 1 } } }],
    [/network interfaces/, 'part', { NetworkInterfaces: [nic()] }],
    [/subnets/, 'part', { Subnets: [{ SubnetId: 'subnet-1', CidrBlock: '10.0.0.0/24' }] }],
    [/attribute/, 'part', { InstanceId: 'i-1', RootDeviceName: { Value: '/dev/sda1' } }],
    [/import tasks/, 'other', { ImportImageTasks: [{ ImportTaskId: 'import-ami-1' }] }],
    [/import task/, 'other', { ImportTaskId: 'import-ami-1', Status: 'active' }],
    [/launch template/, 'other', { LaunchTemplateVersions: [{ LaunchTemplateId: 'lt-1' }] }],
    [/no Reservations/, 'other', { Reservations: [] }],
    [/no Volumes/, 'other', { Volumes: [], ResponseMetadata: {} }],
  ])('is %s, a(n) %s', (what, role, value) => {
    const recognition = ec2.recognise(json('answer.json', value));
    expect(recognition?.what).toMatch(what);
    expect(recognition?.role).toBe(role);
  });

  it('is an answer in XML without instances', () => {
    const text =
      '<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><vpcSet/></DescribeVpcsResponse>';
    expect(ec2.recognise(xml('vpcs.xml', text))).toEqual({
      role: 'other',
      what: 'an answer of EC2 (DescribeVpcsResponse) without instances',
    });
  });

  it('gives no machine where only parts are there', () => {
    expect(read(json('v.json', { Volumes: [volume()] }))).toEqual({ machines: [], findings: [] });
  });
});

describe('files of others', () => {
  it.each<[whose: string, value: Json]>([
    [
      'Alibaba Cloud',
      { Instances: { Instance: [{ InstanceId: 'i-bp1', ImageId: 'debian', Memory: 4096 }] } },
    ],
    ['Nutanix', { entities: [{ spec: { name: 'a', resources: { memory_size_mib: 1024 } } }] }],
    ['CloudStack', { listvolumesresponse: { count: 1, volume: [{ id: '1', size: 1 }] } }],
    ['OpenStack', { volumes: [{ id: 'a', size: 1, attachments: [] }] }],
    ['nobody', []],
    ['nobody', { Images: [{ name: 'a' }], Volumes: [] }],
    ['nobody', { status_code: 200, data: null }],
  ])('are left to them: %s', (_whose, value) => {
    expect(ec2.recognise(json('other.json', value))).toBeUndefined();
  });

  it('are left to them: a libvirt domain, plain text, broken JSON', () => {
    expect(ec2.recognise(xml('d.xml', '<domain><name>a</name></domain>'))).toBeUndefined();
    expect(ec2.recognise(openDocument('a.txt', Buffer.from('vol-1 30')))).toBeUndefined();
    expect(ec2.recognise(openDocument('a.json', Buffer.from('{"Volumes": [')))).toBeUndefined();
  });
});
