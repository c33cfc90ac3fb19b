/**
 * A VM as Prism Element's API v2 gives it. Disks and NICs are there only when asked for. Source: Nutanix API reference,
 * Prism Element v2.0, GET /vms/{uuid}?include_vm_disk_config=true&include_vm_nic_config=true.
 */
import { warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import { JsonNode } from '../../documents/json.ts';
import type { Description, DiskDescription, NicDescription, Stated } from './description.ts';

const MIB = 1024n * 1024n;
const NOWHERE = new JsonNode(undefined);

export function describeV2(vm: JsonNode, file: string): Description {
  const boot = vm.get('boot');
  const devices = vm.get('vm_disk_info').items();
  const isGroup = (device: JsonNode) => device.get('disk_address', 'volume_group_uuid').text() !== undefined;
  return {
    file,
    id: vm.get('uuid'),
    name: vm.get('name'),
    notes: vm.get('description'),
    cpu: {
      sockets: vm.get('num_vcpus'),
      coresPerSocket: vm.get('num_cores_per_vcpu'),
      threadsPerCore: vm.get('num_threads_per_core'),
    },
    memory: { node: vm.get('memory_mb'), unit: MIB },
    firmware: firmwareOf(boot),
    secureBoot: secureBootOf(boot),
    tpm: vm.get('vtpm_config', 'vtpm_enabled'),
    guest: { id: vm.get('guest_os_id'), os: vm.get('guest_os') },
    disks: devices.filter((device) => device.get('is_cdrom').flag() !== true && !isGroup(device)).map(diskOf),
    boot: {
      bus: boot.get('disk_address', 'device_bus'),
      index: boot.get('disk_address', 'device_index'),
      mac: boot.get('mac_addr'),
      order: boot.get('boot_device_order'),
    },
    nics: vm.get('vm_nics').items().map(nicOf),
    tags: [],
    categoryIds: [],
    volumeGroups: devices.filter(isGroup).map((device) => device.get('disk_address', 'volume_group_uuid')),
    gpus: vm.get('vm_gpus').items(),
    serialPorts: vm.get('serial_ports').items(),
    findings: notExported(vm, file),
  };
}

function firmwareOf(boot: JsonNode): Stated<Firmware> | undefined {
  const uefi = boot.get('uefi_boot');
  const flag = uefi.flag();
  return flag === undefined ? undefined : { value: flag ? Firmware.UEFI : Firmware.BIOS, where: uefi.where };
}

function secureBootOf(boot: JsonNode): Stated<boolean> | undefined {
  const [secure, uefi] = [boot.get('secure_boot'), boot.get('uefi_boot')];
  const flag = secure.flag();
  if (flag !== undefined) return { value: flag, where: secure.where };
  // There is no Secure Boot without UEFI.
  return uefi.flag() === false ? { value: false, where: uefi.where } : undefined;
}

function diskOf(device: JsonNode): DiskDescription {
  const address = device.get('disk_address');
  return {
    bus: address.get('device_bus'),
    index: address.get('device_index'),
    label: address.get('disk_label'),
    sizes: [{ node: device.get('size'), unit: 1n }],
    names: [address.get('ndfs_filepath'), address.get('vmdisk_uuid'), address.get('device_uuid')],
  };
}

function nicOf(nic: JsonNode): NicDescription {
  const addresses = nic.get('ip_addresses').items();
  return {
    id: nic.get('nic_uuid'),
    mac: nic.get('mac_address'),
    model: nic.get('model'),
    connected: nic.get('is_connected'),
    networkId: nic.get('network_uuid'),
    networkName: NOWHERE,
    kind: nic.get('nic_type'),
    vlanMode: nic.get('vlan_mode'),
    addresses: [nic.first('ip_address', 'requested_ip_address'), ...addresses].map((address) => ({
      address,
    })),
  };
}

function notExported(vm: JsonNode, file: string): Finding[] {
  const lists = [
    {
      list: 'vm_disk_info',
      code: 'machine.disks-unlisted',
      what: 'disks',
      parameter: 'include_vm_disk_config',
    },
    { list: 'vm_nics', code: 'machine.nics-unlisted', what: 'NICs', parameter: 'include_vm_nic_config' },
  ];
  return lists
    .filter(({ list }) => !Array.isArray(vm.get(list).value))
    .map(({ list, code, what, parameter }) =>
      warn(
        code,
        file,
        `${file} was exported without the machine's ${what}: there is no ${list}.`,
        `Export it again with ${parameter}=true in the address: GET .../vms/{uuid}?${parameter}=true.`,
      ),
    );
}
