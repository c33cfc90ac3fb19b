/** Backups of Nutanix AHV: a VM as each generation of its API gives it, and its disks. */
import { put, type Builder } from './builder.ts';
import { DISK_BYTES, makeDisk, MIB } from './disk.ts';

const VM = 'c0a80a01-0000-4000-8000-00000000a001';
const ROOT = 'c0a80a01-0000-4000-8000-0000000d0001';
const DATA = 'c0a80a01-0000-4000-8000-0000000d0002';
const NET = 'c0a80a01-0000-4000-8000-0000000e0001';
const NIC = 'c0a80a01-0000-4000-8000-0000000f0001';
const DATA_BYTES = 2 * MIB;

/** Files are called after the virtual disks. */
async function disks(folder: string): Promise<void> {
  await makeDisk(folder, `${ROOT}.qcow2`, { format: 'qcow2' });
  await makeDisk(folder, `${DATA}.raw`, { format: 'raw', sizeBytes: DATA_BYTES });
}

export const v2: Builder = async (folder) => {
  const disk = (index: number, vmdisk: string, size: number) => ({
    is_cdrom: false,
    size,
    disk_address: {
      device_bus: 'scsi',
      device_index: index,
      disk_label: `scsi.${index}`,
      vmdisk_uuid: vmdisk,
    },
  });
  await put(folder, {
    'vm.json': {
      uuid: VM,
      name: 'db01',
      description: 'the books',
      memory_mb: 2048,
      num_vcpus: 2,
      num_cores_per_vcpu: 2,
      machine_type: 'pc',
      boot: { uefi_boot: false, disk_address: { device_bus: 'scsi', device_index: 0 } },
      vm_disk_info: [disk(0, ROOT, DISK_BYTES), disk(1, DATA, DATA_BYTES)],
      vm_nics: [
        {
          mac_address: '50:6b:8d:0a:00:01',
          network_uuid: NET,
          nic_uuid: NIC,
          model: 'virtio',
          ip_addresses: ['10.30.0.7'],
          is_connected: true,
        },
      ],
    },
  });
  await disks(folder);
  return '';
};

export const v3: Builder = async (folder) => {
  const disk = (index: number, uuid: string, bytes: number) => ({
    uuid,
    device_properties: {
      device_type: 'DISK',
      disk_address: { adapter_type: 'SCSI', device_index: index },
    },
    disk_size_mib: bytes / MIB,
    disk_size_bytes: bytes,
  });
  await put(folder, {
    'vm.json': {
      api_version: '3.1',
      metadata: { kind: 'vm', uuid: VM, categories: { Environment: 'Production' } },
      spec: {
        name: 'db01',
        resources: {
          num_sockets: 2,
          num_vcpus_per_socket: 2,
          memory_size_mib: 2048,
          machine_type: 'PC',
          boot_config: {
            boot_type: 'UEFI',
            boot_device: { disk_address: { adapter_type: 'SCSI', device_index: 0 } },
          },
          disk_list: [
            {
              uuid: 'c0a80a01-0000-4000-8000-0000000d0009',
              device_properties: {
                device_type: 'CDROM',
                disk_address: { adapter_type: 'IDE', device_index: 0 },
              },
            },
            disk(0, ROOT, DISK_BYTES),
            disk(1, DATA, DATA_BYTES),
          ],
          nic_list: [
            {
              uuid: NIC,
              mac_address: '50:6b:8d:0a:00:01',
              is_connected: true,
              subnet_reference: { kind: 'subnet', uuid: NET, name: 'servers' },
              ip_endpoint_list: [{ ip: '10.30.0.7', type: 'ASSIGNED' }],
            },
          ],
        },
      },
    },
    'subnet.json': {
      metadata: { kind: 'subnet', uuid: NET },
      spec: {
        name: 'servers',
        resources: {
          subnet_type: 'VLAN',
          vlan_id: 30,
          ip_config: { subnet_ip: '10.30.0.0', prefix_length: 24 },
        },
      },
    },
  });
  await disks(folder);
  return '';
};

export const v4: Builder = async (folder) => {
  const disk = (index: number, extId: string, diskSizeBytes: number) => ({
    extId,
    backingInfo: { $objectType: 'vmm.v4.ahv.config.VmDisk', diskExtId: extId, diskSizeBytes },
    diskAddress: { busType: 'SCSI', index },
  });
  await put(folder, {
    'vm.json': {
      data: {
        $objectType: 'vmm.v4.ahv.config.Vm',
        extId: VM,
        name: 'db01',
        numSockets: 1,
        numCoresPerSocket: 4,
        memorySizeBytes: 2048 * MIB,
        bootConfig: {
          $objectType: 'vmm.v4.ahv.config.UefiBoot',
          isSecureBootEnabled: true,
          bootDevice: {
            $objectType: 'vmm.v4.ahv.config.BootDeviceDisk',
            diskAddress: { busType: 'SCSI', index: 0 },
          },
        },
        machineType: 'PC',
        vtpmConfig: { isVtpmEnabled: true },
        disks: [disk(0, ROOT, DISK_BYTES), disk(1, DATA, DATA_BYTES)],
        cdRoms: [{ extId: 'cd', diskAddress: { busType: 'IDE', index: 0 } }],
        nics: [
          {
            extId: NIC,
            backingInfo: { macAddress: '50:6b:8d:0a:00:01', isConnected: true },
            networkInfo: {
              nicType: 'NORMAL_NIC',
              subnet: { extId: NET },
              ipv4Config: { ipAddress: { value: '10.30.0.7', prefixLength: 32 } },
            },
          },
        ],
      },
    },
  });
  await disks(folder);
  return '';
};
