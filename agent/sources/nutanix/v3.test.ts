import { describe, expect, it } from 'vitest';
import { codes, json, readOne, v3Vm } from './fixtures.ts';

describe('API v3', () => {
  it('reads the spec, and from the status what only that knows', () => {
    const found = readOne(v3Vm);
    expect(json(found)).toMatchObject({
      name: 'app01',
      sourceId: 'vm-3',
      cpu: { count: 4, sockets: 2, coresPerSocket: 2 },
      memoryBytes: 1024 * 2 ** 20,
      firmware: 'uefi',
      secureBoot: true,
      tpm: true,
      nics: [{ network: 'servers', connected: false, addresses: ['10.1.2.4', '10.1.2.5'] }],
      tags: { Env: 'prod, eu' },
    });
  });

  it('prefers bytes to MiB, and orders SCSI before PCI', () => {
    expect(json(readOne(v3Vm)).disks).toMatchObject([
      { id: 'scsi.3', sizeBytes: 20 * 2 ** 20, controller: { kind: 'scsi', unit: 3 }, boot: true },
      { id: 'pci.0', sizeBytes: 10485761, controller: { kind: 'virtio', unit: 0 }, boot: false },
    ]);
  });

  it('takes the status where an update was ordered and not done', () => {
    const found = readOne({
      ...v3Vm,
      status: { resources: { memory_size_mib: 512, num_sockets: 2, disk_list: [{ uuid: 'd-1' }] } },
    });
    expect(json(found)).toMatchObject({ memoryBytes: 512 * 2 ** 20, disks: [{ id: 'scsi.3' }] });
    const finding = found.findings.find(({ code }) => code === 'machine.contradiction');
    expect(finding?.message).toContain('memory_size_mib, disk_list');
  });

  it('takes "" and 0 of a bare spec for what is not set', () => {
    const found = readOne({
      name: 'calm',
      categories: { App: 'x' },
      resources: {
        num_sockets: 2,
        num_vcpus_per_socket: 0,
        memory_size_mib: 0,
        boot_config: {
          boot_type: '',
          boot_device: { disk_address: { adapter_type: 'SCSI', device_index: 1 } },
        },
        disk_list: [0, 1].map((device_index) => ({
          disk_size_mib: 0,
          volume_group_reference: null,
          device_properties: { device_type: 'DISK', disk_address: { adapter_type: 'SCSI', device_index } },
        })),
        nic_list: [{ mac_address: '', nic_type: 'DIRECT_NIC', subnet_reference: { name: 'vlan.0' } }],
        gpu_list: [{ vendor: 'NVIDIA', mode: 'PASSTHROUGH_GRAPHICS' }],
        serial_port_list: [
          { index: 0, is_connected: true },
          { index: 1, is_connected: false },
        ],
      },
    });
    expect(json(found)).toMatchObject({
      sourceId: null,
      cpu: { count: null, sockets: 2, coresPerSocket: null },
      memoryBytes: null,
      firmware: null,
      disks: [
        { id: 'scsi.1', sizeBytes: null, boot: true },
        { id: 'scsi.0', sizeBytes: null, boot: false },
      ],
      nics: [{ id: 'nic0', mac: null, network: 'vlan.0' }],
      tags: { App: 'x' },
    });
    expect(codes(found)).toEqual(['nic.special', 'machine.host-devices', 'machine.serial-ports']);
  });

  it('leaves out a volume group, and says so', () => {
    const group = {
      uuid: 'd-2',
      device_properties: { device_type: 'VOLUME_GROUP' },
      volume_group_reference: { uuid: 'vg-1' },
    };
    const found = readOne({
      ...v3Vm,
      spec: { ...v3Vm.spec, resources: { ...v3Vm.spec.resources, disk_list: [group] } },
    });
    expect(found.machine.disks).toEqual([]);
    expect(found.findings.find(({ code }) => code === 'disk.volume-group')?.message).toContain('vg-1');
  });
});
