/** A backup set: any platform's files with a manifest of Ascend. */
import { writeManifest } from '../../agent/repositories/backup-set.ts';
import { put, type Builder } from './builder.ts';
import { DISK_BYTES, makeDelta, makeDisk } from './disk.ts';
import { vmx } from './vmware.ts';

const MONDAY = '5a1f0c2e-0001-4a00-8a00-000000000001';
const TUESDAY = '5a1f0c2e-0002-4a00-8a00-000000000002';

/** The increment of Tuesday, with the full backup of Monday that it builds on. */
export const backupSet: Builder = async (folder) => {
  await put(folder, { 'web01.vmx': vmx('web01.vmdk') });
  await makeDisk(folder, 'scsi0-0.full.qcow2', { format: 'qcow2' });
  await makeDelta(folder, 'scsi0-0.incr.qcow2', 'scsi0-0.full.qcow2', 'qcow2');
  await writeManifest(folder, {
    id: TUESDAY,
    platform: 'vmware',
    machineName: 'web01',
    capturedAt: '2026-05-05T02:00:00Z',
    parent: { id: MONDAY, capturedAt: '2026-05-04T02:00:00Z' },
    metadata: ['web01.vmx'],
    disks: [
      {
        id: 'scsi0:0',
        sizeBytes: DISK_BYTES,
        layers: [
          { file: 'scsi0-0.full.qcow2', backup: MONDAY },
          { file: 'scsi0-0.incr.qcow2', backup: TUESDAY },
        ],
      },
    ],
  });
  return '';
};
