import { describe, expect, it } from 'vitest';
import { codes, documentOf, json, readAll, readOne } from './fixtures.ts';

describe('lists of protected and unprotected VMs', () => {
  const summary = {
    uuid: 'vm-1',
    vm_name: 'old01',
    num_vcpus: 4,
    memory_capacity_in_bytes: 4294967296,
    guest_operating_system: 'Microsoft Windows Server 2012 (64-bit)',
    nutanix_virtual_disks: ['/ctr/iso/setup.ISO', '/ctr/.acropolis/vmdisk/0a1b'],
    disk_capacity_in_bytes: 42949672960,
    virtual_nic_ids: ['0005::vm-1:50:6b:8d:00:00:07'],
    ip_addresses: ['10.4.82.17/22'],
    hypervisor_type: 'kKvm',
  };

  it('takes what they say, and that it is little', () => {
    const found = readOne({ entities: [summary] });
    expect(json(found)).toMatchObject({
      name: 'old01',
      guest: { family: 'windows', name: 'Microsoft Windows Server 2012 (64-bit)', arch: 'x86_64' },
      cpu: { count: 4, sockets: null },
      memoryBytes: 4294967296,
      firmware: null,
      disks: [{ id: '0a1b', sizeBytes: 42949672960, controller: null }],
      nics: [{ mac: '50:6b:8d:00:00:07', addresses: ['10.4.82.17/22'] }],
    });
    expect(codes(found)).toEqual(['machine.summary-only']);
  });

  it('does not divide the capacity of all disks among several', () => {
    const two = { ...summary, nutanix_virtual_disks: ['/ctr/a', '/ctr/b'] };
    expect(json(readOne({ entities: [two] })).disks).toMatchObject([
      { sizeBytes: null },
      { sizeBytes: null },
    ]);
  });

  it('says that a VM of ESXi did not run on AHV', () => {
    const found = readOne({ entities: [{ ...summary, hypervisor_type: 'kVMware' }] });
    expect(found.findings.find(({ code }) => code === 'machine.other-hypervisor')?.message).toContain(
      'VMware',
    );
  });

  it('keeps VMs apart whose identifiers were made unreadable', () => {
    const list = { entities: [summary, { ...summary, vm_name: 'old02' }, summary] };
    expect(readAll(documentOf(list)).machines).toHaveLength(3);
  });
});
