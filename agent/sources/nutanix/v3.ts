/**
 * A VM as Prism Central's API v3 gives it: an intent (`spec`) and what came of it (`status`), or the spec alone, as Calm,
 * Ansible and Terraform keep it. Source: Nutanix API reference, Prism Central v3, vm_intent_response.
 */
import { warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import { JsonNode } from '../../documents/json.ts';
import type { Description, DiskDescription, NicDescription, Stated } from './description.ts';

const MIB = 1024n * 1024n;
const NOWHERE = new JsonNode(undefined);

/** One thing as the status and the spec tell it: the status is what ran, and wherever it is silent the spec speaks. */
class Told {
  readonly #sides: JsonNode[];

  constructor(...sides: JsonNode[]) {
    this.#sides = sides;
  }

  get(...names: string[]): JsonNode {
    const said = this.#sides.map((side) => side.get(...names));
    return said.find(({ exists, value }) => exists && value !== '') ?? NOWHERE;
  }

  /** Elements of a list; the same element of both sides is known by its uuid, else it is told of by one side. */
  list(name: string): Told[] {
    const lists = this.#sides.map((side) => side.get(name).items());
    const main = lists.find((list) => list.length > 0) ?? [];
    const others = lists.filter((list) => list !== main).flat();
    const byId = new Map(others.map((item) => [item.get('uuid').text(), item]));
    return main.map((item) => {
      const id = item.get('uuid').text();
      const twin = id === undefined ? undefined : byId.get(id);
      return new Told(item, ...(twin ? [twin] : []));
    });
  }
}

export function describeV3(vm: JsonNode, file: string): Description {
  const intent = vm.get('spec').exists ? vm.get('spec') : vm;
  const entity = new Told(vm.get('status'), intent);
  const told = new Told(vm.get('status', 'resources'), intent.get('resources'));
  const devices = told.list('disk_list');
  const kindOf = (device: Told) => device.get('device_properties', 'device_type').text()?.toUpperCase();
  const isGroup = (device: Told) =>
    device.get('volume_group_reference', 'uuid').text() !== undefined || kindOf(device) === 'VOLUME_GROUP';
  return {
    file,
    id: vm.get('metadata', 'uuid'),
    name: entity.get('name'),
    notes: entity.get('description'),
    cpu: {
      sockets: told.get('num_sockets'),
      coresPerSocket: told.get('num_vcpus_per_socket'),
      threadsPerCore: told.get('num_threads_per_core'),
    },
    memory: { node: told.get('memory_size_mib'), unit: MIB },
    ...firmwareOf(told.get('boot_config', 'boot_type')),
    tpm: told.get('vtpm_config', 'vtpm_enabled'),
    guest: {
      id: told.get('guest_os_id'),
      os: told.get('guest_tools', 'nutanix_guest_tools', 'guest_os_version'),
    },
    disks: devices.filter((device) => kindOf(device) !== 'CDROM' && !isGroup(device)).map(diskOf),
    boot: {
      bus: told.get('boot_config', 'boot_device', 'disk_address', 'adapter_type'),
      index: told.get('boot_config', 'boot_device', 'disk_address', 'device_index'),
      mac: told.get('boot_config', 'boot_device', 'mac_address'),
      order: told.get('boot_config', 'boot_device_order_list'),
    },
    nics: told.list('nic_list').map(nicOf),
    tags: tagsOf(vm),
    categoryIds: [],
    volumeGroups: devices.filter(isGroup).map((device) => device.get('volume_group_reference', 'uuid')),
    gpus: told.get('gpu_list').items(),
    serialPorts: told.get('serial_port_list').items(),
    findings: contradictions(vm, file),
  };
}

function firmwareOf(type: JsonNode): {
  firmware: Stated<Firmware> | undefined;
  secureBoot: Stated<boolean> | undefined;
} {
  const { where } = type;
  switch (type.text()?.toUpperCase()) {
    case 'LEGACY':
      return { firmware: { value: Firmware.BIOS, where }, secureBoot: { value: false, where } };
    case 'UEFI':
      return { firmware: { value: Firmware.UEFI, where }, secureBoot: { value: false, where } };
    case 'SECURE_BOOT':
      return { firmware: { value: Firmware.UEFI, where }, secureBoot: { value: true, where } };
    default:
      return { firmware: undefined, secureBoot: undefined };
  }
}

function diskOf(device: Told): DiskDescription {
  return {
    bus: device.get('device_properties', 'disk_address', 'adapter_type'),
    index: device.get('device_properties', 'disk_address', 'device_index'),
    label: device.get('device_properties', 'disk_address', 'disk_label'),
    sizes: [
      { node: device.get('disk_size_bytes'), unit: 1n },
      { node: device.get('disk_size_mib'), unit: MIB },
    ],
    names: [device.get('uuid')],
  };
}

function nicOf(nic: Told): NicDescription {
  return {
    id: nic.get('uuid'),
    mac: nic.get('mac_address'),
    model: nic.get('model'),
    connected: nic.get('is_connected'),
    networkId: nic.get('subnet_reference', 'uuid'),
    networkName: nic.get('subnet_reference', 'name'),
    kind: nic.get('nic_type'),
    vlanMode: nic.get('vlan_mode'),
    addresses: nic
      .get('ip_endpoint_list')
      .items()
      .map((endpoint) => ({ address: endpoint.get('ip'), prefix: endpoint.get('prefix_length') })),
  };
}

/** `categories_mapping` has all values of a category, `categories` one. */
function tagsOf(vm: JsonNode): Description['tags'] {
  const holder = vm.get('metadata').exists ? vm.get('metadata') : vm;
  const byKey = new Map<string, Description['tags'][number]>();
  for (const [key, node] of holder.get('categories').members()) {
    byKey.set(key, { key, value: node.text() ?? '', where: node.where });
  }
  for (const [key, node] of holder.get('categories_mapping').members()) {
    const values = node.items().flatMap((item) => item.text() ?? []);
    if (values.length > 0) byKey.set(key, { key, value: values.join(', '), where: node.where });
  }
  return [...byKey.values()];
}

const SCALARS = [
  ['num_sockets'],
  ['num_vcpus_per_socket'],
  ['memory_size_mib'],
  ['boot_config', 'boot_type'],
  ['vtpm_config', 'vtpm_enabled'],
];

/** An update that was ordered and had not happened yet when the metadata was exported. */
function contradictions(vm: JsonNode, file: string): Finding[] {
  const differs = (names: string[]) => {
    const [ran, meant] = ['status', 'spec'].map((side) => vm.get(side, 'resources', ...names).text());
    return ran !== undefined && meant !== undefined && ran !== meant;
  };
  const differInNumber = (list: string) => {
    const [ran = 0, meant = 0] = ['status', 'spec'].map(
      (side) => vm.get(side, 'resources', list).items().length,
    );
    return ran !== meant && ran > 0 && meant > 0;
  };
  const keys = [
    ...SCALARS.filter(differs).map((names) => names.join('.')),
    ...['disk_list', 'nic_list'].filter(differInNumber),
  ];
  if (keys.length === 0) return [];
  return [
    warn(
      'machine.contradiction',
      file,
      `${file} contradicts itself: status and spec differ in ${keys.join(', ')}. What the status says is used.`,
      'Export the metadata again when no update of the VM is running.',
    ),
  ];
}
