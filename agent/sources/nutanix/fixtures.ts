/** Answers of the Nutanix APIs, written by hand after real ones. */
import { machineJson } from '../../../proto/machine-json.ts';
import { openDocument, type Document } from '../../documents/document.ts';
import type { SourcedMachine } from '../source.ts';
import { nutanix } from './index.ts';

export function documentOf(value: unknown, path = 'vm.json'): Document {
  return openDocument(path, Buffer.from(JSON.stringify(value)));
}

export function readAll(...documents: Document[]) {
  return nutanix.read({ documents, paths: documents.map(({ path }) => path) }, {});
}

/** The only machine of these values, each a file of its own. */
export function readOne(...values: unknown[]): SourcedMachine {
  const { machines } = readAll(...values.map((value, index) => documentOf(value, `file${index}.json`)));
  const [machine] = machines;
  if (machines.length !== 1 || !machine) throw new Error(`${machines.length} machines`);
  return machine;
}

export function json({ machine }: SourcedMachine) {
  return machineJson(machine);
}

export function codes({ findings }: SourcedMachine): string[] {
  return findings.map(({ code }) => code);
}

export const v2Vm = {
  uuid: '8f0b6a51-4a4e-4c62-9d7c-1f6a1c0d2e10',
  name: 'db01',
  description: 'nightly',
  memory_mb: 2048,
  num_vcpus: 2,
  num_cores_per_vcpu: 3,
  machine_type: 'pc',
  boot: {
    uefi_boot: true,
    secure_boot: false,
    disk_address: { device_bus: 'sata', device_index: 1 },
  },
  vm_disk_info: [
    {
      is_cdrom: true,
      is_empty: true,
      disk_address: { device_bus: 'ide', device_index: 0, disk_label: 'ide.0' },
    },
    {
      is_cdrom: false,
      size: 21474836480,
      disk_address: {
        device_bus: 'scsi',
        device_index: 0,
        disk_label: 'scsi.0',
        vmdisk_uuid: '1c0ffee0-0000-4000-8000-000000000001',
        device_uuid: '1c0ffee0-0000-4000-8000-000000000002',
        ndfs_filepath: '/default/.acropolis/vmdisk/1c0ffee0-0000-4000-8000-000000000001',
      },
    },
    {
      is_cdrom: false,
      size: 1073741824,
      disk_address: { device_bus: 'sata', device_index: 1, disk_label: 'sata.1', vmdisk_uuid: 'boot-disk' },
    },
  ],
  vm_nics: [
    {
      mac_address: '50:6B:8D:00:00:01',
      network_uuid: 'net-1',
      nic_uuid: 'nic-1',
      model: 'e1000',
      ip_address: '10.1.2.3',
      ip_addresses: ['10.1.2.3'],
      is_connected: true,
    },
  ],
};

export const v3Vm = {
  metadata: {
    kind: 'vm',
    uuid: 'vm-3',
    categories: { Env: 'prod' },
    categories_mapping: { Env: ['prod', 'eu'] },
  },
  spec: {
    name: 'app01',
    resources: {
      num_sockets: 2,
      num_vcpus_per_socket: 2,
      memory_size_mib: 1024,
      boot_config: { boot_type: 'SECURE_BOOT', boot_device_order_list: ['DISK'] },
      vtpm_config: { vtpm_enabled: true },
      disk_list: [
        {
          uuid: 'd-0',
          device_properties: { device_type: 'DISK', disk_address: { adapter_type: 'PCI', device_index: 0 } },
          disk_size_mib: 11,
          disk_size_bytes: 10485761,
        },
        {
          uuid: 'd-1',
          device_properties: { device_type: 'DISK', disk_address: { adapter_type: 'SCSI', device_index: 3 } },
          disk_size_mib: 20,
        },
      ],
      nic_list: [
        {
          uuid: 'n-0',
          mac_address: '50:6b:8d:00:00:02',
          is_connected: false,
          subnet_reference: { kind: 'subnet', uuid: 'net-1', name: 'servers' },
          ip_endpoint_list: [{ ip: '10.1.2.4', type: 'ASSIGNED' }],
        },
      ],
    },
  },
  status: {
    state: 'COMPLETE',
    name: 'app01',
    resources: {
      hypervisor_type: 'AHV',
      nic_list: [
        { uuid: 'n-0', ip_endpoint_list: [{ ip: '10.1.2.4' }, { ip: '10.1.2.5', type: 'LEARNED' }] },
      ],
    },
  },
};

export const v4Vm = {
  $objectType: 'vmm.v4.ahv.config.Vm',
  extId: 'vm-4',
  name: 'web01',
  numSockets: 2,
  numCoresPerSocket: 2,
  numThreadsPerCore: 2,
  memorySizeBytes: 2147483648,
  bootConfig: {
    $objectType: 'vmm.v4.ahv.config.UefiBoot',
    isSecureBootEnabled: true,
    bootDevice: {
      $objectType: 'vmm.v4.ahv.config.BootDeviceDisk',
      diskAddress: { busType: 'SCSI', index: 1 },
    },
    bootOrder: ['CDROM', 'DISK', 'NETWORK'],
  },
  machineType: 'PC',
  vtpmConfig: { isVtpmEnabled: true },
  guestTools: { guestOsVersion: 'linux:64:CentOS Linux-7.9' },
  categories: [{ extId: 'cat-1' }, { extId: 'cat-2' }],
  disks: [
    {
      extId: 'disk-a',
      backingInfo: {
        $objectType: 'vmm.v4.ahv.config.VmDisk',
        diskExtId: 'vmdisk-a',
        diskSizeBytes: 10737418240,
      },
      diskAddress: { busType: 'SCSI', index: 0 },
    },
    {
      extId: 'disk-b',
      backingInfo: { $objectType: 'vmm.v4.ahv.config.VmDisk', diskSizeBytes: 1073741824 },
      diskAddress: { busType: 'SCSI', index: 1 },
    },
    {
      extId: 'disk-c',
      backingInfo: { $objectType: 'vmm.v4.ahv.config.ADSFVolumeGroupReference', volumeGroupExtId: 'vg-9' },
      diskAddress: { busType: 'SCSI', index: 2 },
    },
  ],
  cdRoms: [{ extId: 'cd', diskAddress: { busType: 'IDE', index: 0 } }],
  nics: [
    {
      extId: 'nic-a',
      backingInfo: { macAddress: '50:6b:8d:00:00:03', isConnected: true },
      networkInfo: {
        nicType: 'NORMAL_NIC',
        vlanMode: 'TRUNKED',
        subnet: { extId: 'net-1' },
        ipv4Config: { ipAddress: { value: '10.1.2.6', prefixLength: 32 } },
        ipv4Info: { learnedIpAddresses: [{ value: '172.16.0.9', prefixLength: 32 }] },
      },
    },
  ],
};

export const subnets = {
  v2: {
    uuid: 'net-1',
    name: 'servers',
    vlan_id: 42,
    vswitch_name: 'br0',
    ip_config: { network_address: '10.1.2.0', prefix_length: 24 },
  },
  v3: {
    metadata: { kind: 'subnet', uuid: 'net-1' },
    spec: {
      name: 'servers',
      resources: {
        subnet_type: 'VLAN',
        vlan_id: 42,
        ip_config: { subnet_ip: '10.1.2.0', prefix_length: 24 },
      },
    },
  },
  v4: {
    $objectType: 'networking.v4.config.Subnet',
    extId: 'net-1',
    name: 'servers',
    subnetType: 'VLAN',
    networkId: 42,
    ipConfig: [{ ipv4: { ipSubnet: { ip: { value: '10.1.2.0' }, prefixLength: 24 } } }],
  },
};

/** As the SDKs write it. */
export function snakeCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !key.startsWith('$'))
      .map(([key, inner]) => [
        key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        snakeCased(inner),
      ]),
  );
}
