/** The disks of a VMX file, the boot disk first. */
import { info, warn } from '../../../../proto/finding.ts';
import type { Disk, DiskController } from '../../../../proto/gen/ascend/v1/machine.ts';
import { inBootOrder } from '../boot-order.ts';
import type { Facts } from '../../facts.ts';
import type { Settings } from './settings.ts';

export function disksOf(vmx: Settings, facts: Facts): Disk[] {
  const found: Disk[] = [];
  for (const key of vmx.keys()) {
    const address = /^(ide|scsi|sata|nvme)(\d{1,2}):(\d{1,3})\.filename$/.exec(key);
    if (!address) continue;
    const [, kind = '', bus = '', unit = ''] = address;
    const id = `${kind}${Number(bus)}:${Number(unit)}`;
    if (`${id}.filename` !== key || !isDisk(vmx, id, facts)) continue;
    const controller = controllerOf(vmx, facts, id, [kind, Number(bus), Number(unit)]);
    found.push({ id, label: labelOf(vmx, facts, id), controller, boot: false });
  }
  const order = (vmx.get('bios.hddorder') ?? '').split(',').map((id) => id.trim().toLowerCase());
  return inBootOrder(found, { ids: order, key: 'bios.hddOrder' }, facts);
}

// Where a device has nothing in it.
const EMPTY = new Set(['', 'emptybackingstring', 'auto detect']);

function isDisk(vmx: Settings, id: string, facts: Facts): boolean {
  if (vmx.flag(`${id}.present`) !== true) return false;
  const type = vmx.get(`${id}.devicetype`)?.toLowerCase() ?? 'disk';
  const file = vmx.get(`${id}.filename`) ?? '';
  if (type === 'rawdisk') {
    const message = `${id} (${file}) is a physical disk or LUN that the VM used directly: a backup of the VM's files does not hold its content.`;
    facts.findings.push(
      warn(
        'disk.raw-device',
        id,
        message,
        'See that a copy of its content is in the backup, as a file of that name.',
      ),
    );
  }
  return (
    (['disk', 'rawdisk'].includes(type) || type.endsWith('harddisk')) && !EMPTY.has(file.trim().toLowerCase())
  );
}

function controllerOf(
  vmx: Settings,
  facts: Facts,
  id: string,
  [kind, bus, unit]: [kind: string, bus: number, unit: number],
): DiskController {
  const key = `${kind}${bus}.virtualDev`;
  const model = vmx.get(key)?.toLowerCase();
  facts.note(`disks.${id}.controller`, kind, model === undefined ? `${id}.fileName` : key);
  return { kind, model, bus, unit };
}

/** The newest layer: a delta is called `name-000001.vmdk`, and names its parent itself. */
function labelOf(vmx: Settings, facts: Facts, id: string): string | undefined {
  const file = facts.note(`disks.${id}.label`, vmx.get(`${id}.filename`), `${id}.fileName`);
  if (file === undefined) return undefined;
  facts.diskReferences.set(id, { names: [file] });
  if (/-\d{6}\.vmdk$/i.test(file)) {
    const message = `A snapshot was open on ${id} (${file}) when the backup was taken; its newest state is restored.`;
    facts.findings.push(info('disk.snapshot-open', id, message, 'Nothing to do.'));
  }
  return file;
}
