/** What is known of an instance type: as DescribeInstanceTypes states it, or from the table that ships with the agent. */
import type { Answer, Place } from './answer.ts';

/** What the answer leaves out is undefined. */
export interface InstanceType {
  name: string;
  place: Place;
  /** Defaults: an instance can have fewer cores or threads (CpuOptions). */
  cores: number | undefined;
  threadsPerCore: number | undefined;
  memoryMiB: number | undefined;
  hypervisor: Hypervisor | undefined;
  /** As EC2 writes them: i386, x86_64, arm64, x86_64_mac, arm64_mac. */
  architectures: readonly string[] | undefined;
  bootModes: readonly BootMode[] | undefined;
  /** Whether its network interfaces can be, or always are, Elastic Network Adapters. */
  ena: boolean | undefined;
  /** Most network interfaces. */
  nics: number | undefined;
  /** Most EBS volumes. */
  disks: number | undefined;
  /** Whether that limit counts network interfaces and instance-store disks too. */
  disksShareSlots: boolean | undefined;
  instanceStoreDisks: number | undefined;
  nitroTpm: boolean | undefined;
}

export type Hypervisor = 'nitro' | 'xen' | 'metal';
export type BootMode = 'legacy-bios' | 'uefi';

// Ten times what the largest type has; and it keeps numbers of hostile files within the wire's.
const MOST_MIB = 1n << 30n;
const MOST = 1n << 16n;

/** An element of DescribeInstanceTypes. Source: EC2 API reference, InstanceTypeInfo. */
export function instanceTypeOf(answer: Answer): InstanceType {
  const { file, where } = answer;
  const name = answer.get('InstanceType').text() ?? '';
  return {
    name,
    place: { file, where: where || name },
    cores: numberOf(answer.get('VCpuInfo', 'DefaultCores')),
    threadsPerCore: numberOf(answer.get('VCpuInfo', 'DefaultThreadsPerCore')),
    memoryMiB: numberOf(answer.get('MemoryInfo', 'SizeInMiB'), MOST_MIB),
    hypervisor: hypervisorOf(answer),
    architectures: textsOf(answer.get('ProcessorInfo', 'SupportedArchitectures')),
    bootModes: textsOf(answer.get('SupportedBootModes'))?.filter(isBootMode),
    ena: enaOf(answer.get('NetworkInfo', 'EnaSupport').text()),
    nics: numberOf(answer.get('NetworkInfo', 'MaximumNetworkInterfaces')),
    disks: numberOf(answer.get('EbsInfo', 'MaximumEbsAttachments')),
    disksShareSlots: whether(answer.get('EbsInfo', 'AttachmentLimitType').text(), 'shared', 'dedicated'),
    instanceStoreDisks: instanceStoreDisksOf(answer),
    nitroTpm: whether(answer.get('NitroTpmSupport').text(), 'supported', 'unsupported'),
  };
}

export function isBootMode(text: string | undefined): text is BootMode {
  return text === 'legacy-bios' || text === 'uefi';
}

/** Absent for bare metal, which has none. */
function hypervisorOf(answer: Answer): Hypervisor | undefined {
  const stated = answer.get('Hypervisor').text();
  if (stated === 'nitro' || stated === 'xen') return stated;
  return answer.get('BareMetal').flag() === true ? 'metal' : undefined;
}

function enaOf(support: string | undefined): boolean | undefined {
  return support === 'required' ? true : whether(support, 'supported', 'unsupported');
}

function instanceStoreDisksOf(answer: Answer): number | undefined {
  const disks = answer.get('InstanceStorageInfo', 'Disks').items();
  if (disks.length > 0) return disks.reduce((sum, disk) => sum + (numberOf(disk.get('Count')) ?? 1), 0);
  return answer.get('InstanceStorageSupported').flag() === false ? 0 : undefined;
}

function numberOf(answer: Answer, most = MOST): number | undefined {
  const whole = answer.whole();
  return whole !== undefined && whole > 0n && whole <= most ? Number(whole) : undefined;
}

function textsOf(answer: Answer): string[] | undefined {
  return answer.exists ? answer.items().flatMap((item) => item.text() ?? []) : undefined;
}

function whether(text: string | undefined, yes: string, no: string): boolean | undefined {
  if (text === yes) return true;
  return text === no ? false : undefined;
}
