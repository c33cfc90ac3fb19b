/** Backups of EC2: what its API answered, and copies of the volumes. */
import { put, type Builder } from './builder.ts';
import { makeDisk } from './disk.ts';

const ROOT = 'vol-0b00000000000001a';
const DATA = 'vol-0b00000000000002b';
const GIB = 1024 ** 3;

const INSTANCE = {
  InstanceId: 'i-0b00000000000000f',
  ImageId: 'ami-0b00000000000000f',
  InstanceType: 'm5.large',
  State: { Code: 80, Name: 'stopped' },
  PlatformDetails: 'Linux/UNIX',
  Architecture: 'x86_64',
  VirtualizationType: 'hvm',
  Hypervisor: 'xen',
  CurrentInstanceBootMode: 'legacy-bios',
  EnaSupport: true,
  CpuOptions: { CoreCount: 1, ThreadsPerCore: 2 },
  RootDeviceName: '/dev/xvda',
  RootDeviceType: 'ebs',
  BlockDeviceMappings: [
    { DeviceName: '/dev/sdf', Ebs: { VolumeId: DATA, Status: 'attached' } },
    { DeviceName: '/dev/xvda', Ebs: { VolumeId: ROOT, Status: 'attached' } },
  ],
  NetworkInterfaces: [
    {
      NetworkInterfaceId: 'eni-0b000000000000001',
      MacAddress: '0a:0b:00:00:00:01',
      SubnetId: 'subnet-0b00000000000001',
      PrivateIpAddress: '10.20.1.5',
      PrivateIpAddresses: [{ PrivateIpAddress: '10.20.1.5', Primary: true }],
      Attachment: { DeviceIndex: 0, Status: 'attached' },
    },
  ],
  Tags: [{ Key: 'Name', Value: 'web01' }],
};

const VOLUMES = [
  { VolumeId: ROOT, Size: 1, Encrypted: false, VolumeType: 'gp3', Attachments: [{ Device: '/dev/xvda' }] },
  { VolumeId: DATA, Size: 2, Encrypted: false, VolumeType: 'gp3', Attachments: [{ Device: '/dev/sdf' }] },
];

async function volumes(folder: string): Promise<void> {
  await makeDisk(folder, `${ROOT}.qcow2`, { format: 'qcow2', sizeBytes: GIB });
  await makeDisk(folder, `${DATA}.qcow2`, { format: 'qcow2', sizeBytes: 2 * GIB });
}

/** As `aws ec2 describe-instances` and `describe-volumes` print it. */
export const cliJson: Builder = async (folder) => {
  await put(folder, {
    'describe-instances.json': { Reservations: [{ ReservationId: 'r-0b0', Instances: [INSTANCE] }] },
    'describe-volumes.json': { Volumes: VOLUMES },
  });
  await volumes(folder);
  return '';
};

/** As the Java SDK and Terraform's providers keep it: an instance and its volumes with members in camel case. */
export const sdkJson: Builder = async (folder) => {
  await put(folder, {
    'instance.json': camelCased(INSTANCE) as object,
    'volumes.json': { volumes: camelCased(VOLUMES) },
  });
  await volumes(folder);
  return '';
};

function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, inner]) => [
    key.charAt(0).toLowerCase() + key.slice(1),
    camelCased(inner),
  ]);
  return Object.fromEntries(members) as unknown;
}

/** The answer of the Query API; it states no size. */
export const queryXml: Builder = async (folder) => {
  await put(folder, { 'describe-instances.xml': QUERY_XML });
  await makeDisk(folder, `${ROOT}.raw`, { format: 'raw' });
  return '';
};

const QUERY_XML = `<?xml version="1.0" encoding="UTF-8"?>
<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>59dbff89-35bd-4eac-99ed-be587EXAMPLE</requestId>
  <reservationSet><item><reservationId>r-0b0</reservationId><instancesSet><item>
    <instanceId>i-0b00000000000000f</instanceId>
    <imageId>ami-0b00000000000000f</imageId>
    <instanceState><code>80</code><name>stopped</name></instanceState>
    <instanceType>t3.nano</instanceType>
    <platformDetails>Linux/UNIX</platformDetails>
    <architecture>x86_64</architecture>
    <rootDeviceType>ebs</rootDeviceType>
    <rootDeviceName>/dev/sda1</rootDeviceName>
    <blockDeviceMapping><item><deviceName>/dev/sda1</deviceName>
      <ebs><volumeId>${ROOT}</volumeId><status>attached</status></ebs></item></blockDeviceMapping>
    <virtualizationType>hvm</virtualizationType>
    <tagSet><item><key>Name</key><value>web01</value></item></tagSet>
    <hypervisor>xen</hypervisor>
    <networkInterfaceSet><item>
      <networkInterfaceId>eni-0b000000000000001</networkInterfaceId>
      <subnetId>subnet-0b00000000000001</subnetId>
      <macAddress>0a:0b:00:00:00:01</macAddress>
      <privateIpAddress>10.20.1.5</privateIpAddress>
      <attachment><deviceIndex>0</deviceIndex><status>attached</status></attachment>
    </item></networkInterfaceSet>
    <currentInstanceBootMode>legacy-bios</currentInstanceBootMode>
  </item></instancesSet></item></reservationSet>
</DescribeInstancesResponse>
`;
