/** Answers of EC2 as a test wants them, written by hand after the API reference. */
import { openDocument, type Document } from '../../documents/document.ts';
import type { Json } from '../../documents/json.ts';
import type { Evidence, SourcedMachine } from '../source.ts';
import { ec2 } from './index.ts';

type Members = Record<string, Json>;

/** A Nitro server with a root and a data volume, listed data first, and two interfaces, listed second first. */
export function instance(changes: Members = {}): Members {
  return {
    InstanceId: 'i-0a11ce0000000001',
    ImageId: 'ami-0a11ce0000000001',
    InstanceType: 'm6i.large',
    State: { Code: 80, Name: 'stopped' },
    PlatformDetails: 'Linux/UNIX',
    Architecture: 'x86_64',
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    BootMode: 'uefi-preferred',
    CurrentInstanceBootMode: 'uefi',
    TpmSupport: 'v2.0',
    EnaSupport: true,
    CpuOptions: { CoreCount: 1, ThreadsPerCore: 2 },
    RootDeviceName: '/dev/xvda',
    RootDeviceType: 'ebs',
    BlockDeviceMappings: [
      volumeAt('/dev/sdf', 'vol-0a11ce0000000002'),
      volumeAt('/dev/xvda', 'vol-0a11ce0000000001'),
    ],
    NetworkInterfaces: [
      nic({
        NetworkInterfaceId: 'eni-0a11ce0000000002',
        MacAddress: '0A-11-CE-00-00-02',
        SubnetId: 'subnet-0a11ce0000000002',
        PrivateIpAddress: '10.1.2.9',
        PrivateIpAddresses: [{ PrivateIpAddress: '10.1.2.9', Primary: true }],
        Ipv6Addresses: [],
        Attachment: { DeviceIndex: 1, Status: 'attached' },
      }),
      nic(),
    ],
    Tags: [
      { Key: 'Name', Value: 'web01' },
      { Key: 'team', Value: '' },
    ],
    ...changes,
  };
}

export function volumeAt(device: string, volume: string): Members {
  return { DeviceName: device, Ebs: { VolumeId: volume, Status: 'attached', DeleteOnTermination: true } };
}

export function nic(changes: Members = {}): Members {
  return {
    NetworkInterfaceId: 'eni-0a11ce0000000001',
    MacAddress: '0a:11:ce:00:00:01',
    SubnetId: 'subnet-0a11ce0000000001',
    PrivateIpAddress: '10.1.1.5',
    PrivateIpAddresses: [
      { PrivateIpAddress: '10.1.1.5', Primary: true },
      { PrivateIpAddress: '10.1.1.6', Primary: false },
    ],
    Ipv6Addresses: [{ Ipv6Address: '2001:db8::5' }],
    Attachment: { DeviceIndex: 0, Status: 'attached', AttachTime: { __class__: 'datetime', year: 2024 } },
    ...changes,
  };
}

export function volume(changes: Members = {}): Members {
  return {
    VolumeId: 'vol-0a11ce0000000001',
    Size: 30,
    Encrypted: false,
    SnapshotId: 'snap-0a11ce00000000ff',
    VolumeType: 'gp3',
    Attachments: [
      { InstanceId: 'i-0a11ce0000000001', VolumeId: 'vol-0a11ce0000000001', Device: '/dev/xvda' },
    ],
    ...changes,
  };
}

export function image(changes: Members = {}): Members {
  return {
    ImageId: 'ami-0a11ce0000000001',
    ImageLocation: 'amazon/example',
    Name: 'web-2',
    VirtualizationType: 'hvm',
    ...changes,
  };
}

export function described(...instances: Members[]): Json {
  return { Reservations: [{ ReservationId: 'r-0a11ce0000000001', Instances: instances }] };
}

export function json(path: string, value: Json): Document {
  return openDocument(path, Buffer.from(JSON.stringify(value)));
}

export function xml(path: string, text: string): Document {
  return openDocument(path, Buffer.from(text));
}

export function read(...documents: Document[]): ReturnType<typeof ec2.read> {
  const evidence: Evidence = { documents, paths: documents.map(({ path }) => path) };
  return ec2.read(evidence, {});
}

/** The one machine of an instance, with what lies beside it. */
export function readOne(changes: Members = {}, ...beside: Json[]): SourcedMachine {
  const parts = beside.map((value, index) => json(`beside-${index}.json`, value));
  const { machines } = read(json('instances.json', described(instance(changes))), ...parts);
  const [machine, ...more] = machines;
  if (!machine || more.length > 0) throw new Error(`${machines.length} machines`);
  return machine;
}

export function codes({ findings }: { findings: readonly { code: string }[] }): string[] {
  return findings.map(({ code }) => code);
}
