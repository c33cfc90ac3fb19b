import { describe, expect, it } from 'vitest';
import { codes, documentOf, json, readAll, readOne, v2Vm } from './fixtures.ts';

describe('API v2', () => {
  it('reads hardware, and the disk that it boots from first', () => {
    const found = readOne(v2Vm);
    expect(json(found)).toMatchObject({
      name: 'db01',
      platform: 'nutanix',
      sourceId: v2Vm.uuid,
      cpu: { count: 6, sockets: 2, coresPerSocket: 3 },
      memoryBytes: 2048 * 2 ** 20,
      firmware: 'uefi',
      secureBoot: false,
      tpm: null,
      notes: 'nightly',
      disks: [
        {
          id: 'sata.1',
          label: 'sata.1',
          sizeBytes: 1073741824,
          controller: { kind: 'sata', unit: 1 },
          boot: true,
        },
        {
          id: 'scsi.0',
          label: 'scsi.0',
          sizeBytes: 21474836480,
          controller: { kind: 'scsi', unit: 0 },
          boot: false,
        },
      ],
      nics: [
        {
          id: 'nic-1',
          mac: '50:6b:8d:00:00:01',
          model: 'e1000',
          network: 'net-1',
          connected: true,
          addresses: ['10.1.2.3'],
        },
      ],
    });
    expect(codes(found)).toEqual([]);
  });

  it('calls a disk by its path first, then by its identifiers', () => {
    expect(readOne(v2Vm).diskReferences.get('scsi.0')?.names).toEqual([
      '/default/.acropolis/vmdisk/1c0ffee0-0000-4000-8000-000000000001',
      '1c0ffee0-0000-4000-8000-000000000001',
      '1c0ffee0-0000-4000-8000-000000000002',
    ]);
  });

  it('says how to export disks and NICs where they were left out', () => {
    const found = readOne({ ...v2Vm, vm_disk_info: undefined, vm_nics: undefined });
    expect(
      found.findings.map(({ code, remedy }) => [code, /include_vm_(disk|nic)_config=true/.exec(remedy)?.[0]]),
    ).toEqual([
      ['machine.disks-unlisted', 'include_vm_disk_config=true'],
      ['machine.nics-unlisted', 'include_vm_nic_config=true'],
    ]);
  });

  it('says so where Secure Boot is on and UEFI is not', () => {
    expect(codes(readOne({ ...v2Vm, boot: { uefi_boot: false, secure_boot: true } }))).toContain(
      'machine.firmware-contradiction',
    );
  });

  it('takes a list of VMs', () => {
    const list = {
      metadata: { grand_total_entities: 2 },
      entities: [v2Vm, { ...v2Vm, uuid: 'x', name: 'db02' }],
    };
    expect(readAll(documentOf(list)).machines.map(({ machine }) => machine.name)).toEqual(['db01', 'db02']);
  });
});
