import { describe, expect, it } from 'vitest';
import { codes, json, readOne, snakeCased, v4Vm } from './fixtures.ts';

describe('API v4', () => {
  it.each([
    ['the REST API', v4Vm],
    ['the SDKs', snakeCased(v4Vm)],
    ['a list', { $objectType: 'vmm.v4.ahv.config.ListVmsApiResponse', data: [v4Vm] }],
    ['one answer', { $objectType: 'vmm.v4.ahv.config.GetVmApiResponse', data: v4Vm }],
    ['an Ansible answer', { changed: false, response: snakeCased(v4Vm) }],
  ])('reads the spelling of %s', (_, value) => {
    const found = readOne(value);
    expect(json(found)).toMatchObject({
      name: 'web01',
      sourceId: 'vm-4',
      guest: { family: 'linux', name: 'CentOS Linux-7.9', arch: 'x86_64' },
      cpu: { count: 8, sockets: 2, coresPerSocket: 2 },
      memoryBytes: 2147483648,
      firmware: 'uefi',
      secureBoot: true,
      tpm: true,
      disks: [
        { id: 'scsi.1', sizeBytes: 1073741824, boot: true },
        { id: 'scsi.0', sizeBytes: 10737418240, boot: false },
      ],
      nics: [
        { id: 'nic-a', mac: '50:6b:8d:00:00:03', network: 'net-1', addresses: ['10.1.2.6', '172.16.0.9'] },
      ],
    });
    expect(found.diskReferences.get('scsi.0')?.names).toEqual(['disk-a', 'vmdisk-a']);
    expect(codes(found)).toEqual(['nic.vlan-trunk', 'machine.categories-unnamed', 'disk.volume-group']);
  });

  it('reads the newer forms of a NIC', () => {
    const nic = {
      ext_id: 'nic-b',
      backing_info: null,
      nic_backing_info: { mac_address: '50:6b:8d:00:00:04', is_connected: false },
      network_info: null,
      nic_network_info: {
        subnet: { ext_id: 'net-1' },
        ipv6_info: { learned_ipv6_addresses: [{ value: 'fd00::5', prefix_length: 64 }] },
      },
    };
    expect(json(readOne({ ...(snakeCased(v4Vm) as object), nics: [nic] })).nics).toMatchObject([
      {
        id: 'nic-b',
        mac: '50:6b:8d:00:00:04',
        connected: false,
        network: 'net-1',
        addresses: ['fd00::5/64'],
      },
    ]);
  });

  it.each([
    ['BIOS by the type', { $objectType: 'vmm.v4.ahv.config.LegacyBoot' }, 'bios', false],
    ['BIOS by the members that the SDKs write', { boot_device: null, boot_order: ['DISK'] }, 'bios', false],
    [
      'UEFI by a member of its own',
      { is_secure_boot_enabled: null, boot_device: null, boot_order: null },
      'uefi',
      null,
    ],
    ['neither where nothing tells', { bootOrder: ['DISK'] }, null, null],
  ])('knows %s', (_, bootConfig, firmware, secureBoot) => {
    expect(json(readOne({ ...v4Vm, bootConfig }))).toMatchObject({ firmware, secureBoot });
  });

  it('makes tags of categories that lie beside it', () => {
    const categories = {
      data: [
        { extId: 'cat-1', key: 'Env', value: 'prod' },
        { extId: 'cat-2', key: '__proto__', value: 'x' },
      ],
    };
    const { machine, findings } = readOne(v4Vm, categories);
    expect(Object.entries(machine.tags)).toEqual([
      ['Env', 'prod'],
      ['__proto__', 'x'],
    ]);
    expect(findings.map(({ code }) => code)).not.toContain('machine.categories-unnamed');
  });
});
