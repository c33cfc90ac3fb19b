/**
 * A VM as Prism Central's API v4 gives it, in the spelling of the REST API or of the SDKs. Source: Nutanix API reference,
 * namespace vmm v4.0, AhvConfigVm.
 */
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import { JsonNode } from '../../documents/json.ts';
import type { AddressDescription, Description, DiskDescription, NicDescription } from './description.ts';
import { field, hasField, typeOf } from './field.ts';

const NOWHERE = new JsonNode(undefined);

export function describeV4(vm: JsonNode, file: string): Description {
  const bootDevice = field(vm, 'bootConfig', 'bootDevice');
  const disks = field(vm, 'disks').items();
  const groupOf = (disk: JsonNode) => field(disk, 'backingInfo', 'volumeGroupExtId');
  return {
    file,
    id: field(vm, 'extId'),
    name: field(vm, 'name'),
    notes: field(vm, 'description'),
    cpu: {
      sockets: field(vm, 'numSockets'),
      coresPerSocket: field(vm, 'numCoresPerSocket'),
      threadsPerCore: field(vm, 'numThreadsPerCore'),
    },
    memory: { node: field(vm, 'memorySizeBytes'), unit: 1n },
    ...firmwareOf(field(vm, 'bootConfig')),
    tpm: field(vm, 'vtpmConfig', 'isVtpmEnabled'),
    guest: { id: NOWHERE, os: field(vm, 'guestTools', 'guestOsVersion') },
    disks: disks.filter((disk) => !groupOf(disk).exists).map(diskOf),
    boot: {
      bus: field(bootDevice, 'diskAddress', 'busType'),
      index: field(bootDevice, 'diskAddress', 'index'),
      mac: field(bootDevice, 'macAddress'),
      order: field(vm, 'bootConfig', 'bootOrder'),
    },
    nics: field(vm, 'nics').items().map(nicOf),
    tags: [],
    categoryIds: field(vm, 'categories')
      .items()
      .map((category) => field(category, 'extId')),
    volumeGroups: disks.map(groupOf).filter(({ exists }) => exists),
    gpus: [...field(vm, 'gpus').items(), ...field(vm, 'pcieDevices').items()],
    serialPorts: field(vm, 'serialPorts').items(),
    findings: [],
  };
}

function firmwareOf(boot: JsonNode): Pick<Description, 'firmware' | 'secureBoot'> {
  const { where } = boot;
  const kind = bootKind(boot);
  if (kind === 'LegacyBoot')
    return { firmware: { value: Firmware.BIOS, where }, secureBoot: { value: false, where } };
  if (kind !== 'UefiBoot') return { firmware: undefined, secureBoot: undefined };
  const secure = field(boot, 'isSecureBootEnabled');
  const flag = secure.flag();
  return {
    firmware: { value: Firmware.UEFI, where },
    secureBoot: flag === undefined ? undefined : { value: flag, where: secure.where },
  };
}

/**
 * The SDKs drop the type. They write every member of a class, also those that are null, and only UefiBoot has a member for
 * Secure Boot: in snake case, a boot order without one is LegacyBoot's.
 */
function bootKind(boot: JsonNode): string | undefined {
  const type = typeOf(boot);
  if (type !== undefined) return type;
  if (hasField(boot, 'isSecureBootEnabled') || hasField(boot, 'nvramDevice')) return 'UefiBoot';
  return boot.has('boot_order') && boot.has('boot_device') ? 'LegacyBoot' : undefined;
}

function diskOf(disk: JsonNode): DiskDescription {
  return {
    bus: field(disk, 'diskAddress', 'busType'),
    index: field(disk, 'diskAddress', 'index'),
    label: NOWHERE,
    sizes: [{ node: field(disk, 'backingInfo', 'diskSizeBytes'), unit: 1n }],
    names: [field(disk, 'extId'), field(disk, 'backingInfo', 'diskExtId')],
  };
}

/** v4.1 added `nicBackingInfo` and `nicNetworkInfo`, and still writes the older two. */
function nicOf(nic: JsonNode): NicDescription {
  const backing = (name: string) => firstOf(nic, ['nicBackingInfo', 'backingInfo'], name);
  const network = (...names: string[]) => firstOf(nic, ['nicNetworkInfo', 'networkInfo'], ...names);
  return {
    id: field(nic, 'extId'),
    mac: backing('macAddress'),
    model: backing('model'),
    connected: backing('isConnected'),
    networkId: network('subnet', 'extId'),
    networkName: network('subnet', 'name'),
    kind: network('nicType'),
    vlanMode: network('vlanMode'),
    addresses: [
      network('ipv4Config', 'ipAddress'),
      ...network('ipv4Config', 'secondaryIpAddressList').items(),
      ...network('ipv4Info', 'learnedIpAddresses').items(),
      ...network('ipv6Info', 'learnedIpv6Addresses').items(),
    ].map(addressOf),
  };
}

function firstOf(node: JsonNode, parents: string[], ...names: string[]): JsonNode {
  const found = parents.map((parent) => field(node, parent, ...names));
  return found.find(({ exists }) => exists) ?? NOWHERE;
}

function addressOf(address: JsonNode): AddressDescription {
  return { address: field(address, 'value'), prefix: field(address, 'prefixLength') };
}
