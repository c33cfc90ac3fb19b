/** Where a disk of a libvirt domain is plugged in. */
import type { DiskController } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { XmlElement } from '../../../documents/xml.ts';
import { numberOf, wholeOf } from '../../quantities.ts';

const KINDS = new Set(['ide', 'sata', 'scsi', 'nvme', 'virtio', 'xen']);

/** By what the target is called, where the bus is not written. Source: libvirt's domain format, `target`. */
const BUS_OF_PREFIX: ReadonlyMap<string, string> = new Map([
  ['vd', 'virtio'],
  ['hd', 'ide'],
  ['sd', 'scsi'],
  ['xvd', 'xen'],
]);

/** `models`: of `modelsOf`. Undefined for buses that no disk is restored to, e.g. USB. */
export function controllerOf(
  disk: XmlElement,
  models: ReadonlyMap<string, string>,
): DiskController | undefined {
  const target = disk.child('target');
  const prefix = /^(x?[a-z]d)[a-z]+$/.exec(target?.attribute('dev') ?? '')?.[1] ?? '';
  const kind = target?.attribute('bus') ?? BUS_OF_PREFIX.get(prefix) ?? '';
  if (!KINDS.has(kind)) return undefined;
  const address = disk.child('address');
  if (address?.attribute('type') !== 'drive') return { kind };
  const index = numberOf(wholeOf(address.attribute('controller')));
  const channel = numberOf(wholeOf(address.attribute('bus')));
  return {
    kind,
    model: models.get(`${kind} ${index}`),
    bus: kind === 'ide' ? ideChannel(index, channel) : index,
    unit: numberOf(wholeOf(address.attribute('unit'))),
  };
}

/** An IDE controller has two channels of two drives; other platforms count the channels. */
function ideChannel(controller: number | undefined, channel: number | undefined): number | undefined {
  return controller === undefined || controller > 1000 ? undefined : controller * 2 + (channel ?? 0);
}

/** By type and index, e.g. "scsi 0"; "auto" leaves it to libvirt. */
export function modelsOf(domain: XmlElement): ReadonlyMap<string, string> {
  const models = new Map<string, string>();
  for (const controller of domain.child('devices')?.childrenNamed('controller') ?? []) {
    const key = `${controller.attribute('type')} ${numberOf(wholeOf(controller.attribute('index')))}`;
    const model = controller.attribute('model');
    if (model !== undefined && model !== 'auto' && !models.has(key)) models.set(key, model);
  }
  return models;
}
