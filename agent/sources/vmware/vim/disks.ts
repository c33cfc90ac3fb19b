/** The disks of a configuration of the vSphere API, the boot disk first. */
import { info, warn } from '../../../../proto/finding.ts';
import type { Disk } from '../../../../proto/gen/ascend/v1/machine.ts';
import { inBootOrder } from '../boot-order.ts';
import type { Facts } from '../../facts.ts';
import type { Controller, Devices } from './devices.ts';
import { smallNumber, type VimNode } from './node.ts';

export function disksOf(config: VimNode, devices: Devices, facts: Facts): Disk[] {
  const { controllers } = devices;
  const idByKey = new Map<string, string>();
  const disks = new Map<string, Disk>();
  for (const device of devices.disks) {
    const disk = diskOf(device, controllers.get(smallNumber(device.get('controllerKey')) ?? -1), facts);
    idByKey.set(device.get('key').text() ?? '', disk.id);
    disks.set(disk.id, disk);
  }
  const order = config.get('bootOptions').list('bootOrder');
  const ids = order.flatMap((entry) => idByKey.get(entry.get('deviceKey').text() ?? '') ?? []);
  return inBootOrder([...disks.values()], { ids, key: 'config.bootOptions.bootOrder' }, facts);
}

function diskOf(device: VimNode, controller: Controller | undefined, facts: Facts): Disk {
  const unit = smallNumber(device.get('unitNumber'));
  const id = idOf(device, controller, unit);
  if (controller) facts.note(`disks.${id}.controller`, controller.kind, device.get('controllerKey').where);
  describeBacking(id, device.get('backing'), facts);
  const label = device.get('deviceInfo', 'label');
  return {
    id,
    label: facts.note(`disks.${id}.label`, label.text(), label.where),
    sizeBytes: sizeOf(id, device, facts),
    controller: controller && { ...controller, unit },
    boot: false,
  };
}

function idOf(device: VimNode, controller: Controller | undefined, unit: number | undefined): string {
  if (controller && unit !== undefined) return `${controller.kind}${controller.bus}:${unit}`;
  return `disk:${device.get('key').text() ?? device.where}`;
}

/** Before vSphere 5.5, in KiB only. */
function sizeOf(id: string, device: VimNode, facts: Facts): bigint | undefined {
  const [bytes, kibibytes] = [device.get('capacityInBytes'), device.get('capacityInKB')];
  const size = bytes.whole() ?? (kibibytes.whole() ?? 0n) * 1024n;
  const valid = size > 0n && size < 2n ** 63n ? size : undefined;
  return facts.note(`disks.${id}.sizeBytes`, valid, (bytes.exists ? bytes : kibibytes).where);
}

function describeBacking(id: string, backing: VimNode, facts: Facts): void {
  const file = backing.get('fileName').text();
  if (file !== undefined) facts.diskReferences.set(id, { names: [file] });
  const name = file ?? backing.get('deviceName').text() ?? 'no file';
  if (/RawDisk|Partitioned/.test(backing.type ?? '')) {
    const message = `${id} (${name}) is a physical disk or LUN that the VM used directly: a backup of the VM's files does not hold its content.`;
    const remedy = 'See that a copy of its content is in the backup, as a file of that name.';
    facts.findings.push(warn('disk.raw-device', id, message, remedy));
  }
  if (!backing.get('parent').exists) return;
  const message = `A snapshot was open on ${id} (${name}) when the VM was described; its newest state is restored.`;
  facts.findings.push(info('disk.snapshot-open', id, message, 'Nothing to do.'));
}
