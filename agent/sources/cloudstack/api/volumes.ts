/** Volumes as CloudStack's API lists them. Source: CloudStack, VolumeResponse. */
import type { Disk, DiskController } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { JsonNode } from '../../../documents/json.ts';
import type { Facts } from '../../facts.ts';
import { Ids } from '../ids.ts';
import { bytesOf } from '../../quantities.ts';

/** A volume, and the file that lists it. */
export interface Volume {
  node: JsonNode;
  path: string;
}

/** The root first, then by the number of the device. `details`: the machine's own. */
export function disksOf(
  volumes: readonly Volume[],
  details: JsonNode,
  hypervisor: string,
  shared: Facts,
): Disk[] {
  const ids = new Ids();
  return volumes
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .map((volume, index) => {
      const facts = shared.in(volume.path);
      const id = ids.take(volume.node.get('id').text(), /^[\w-]{1,64}$/, 'volume', index);
      const detail = details.get(isRoot(volume) ? 'rootDiskController' : 'dataDiskController');
      const controller = controllerOf(detail.text(), hypervisor);
      facts.refer(id, ...namesOf(volume));
      return {
        id,
        ...describe(id, volume, facts),
        controller: shared.note(`disks.${id}.controller`, controller, detail.where),
        boot: facts.note(`disks.${id}.boot`, index === 0, volume.node.get('deviceid').where),
      };
    });
}

/** What a volume adds to a disk that its domain XML lists. */
export function describe(id: string, { node }: Volume, facts: Facts): { label?: string; sizeBytes?: bigint } {
  return {
    label: facts.note(`disks.${id}.label`, node.get('name').text(), node.get('name').where),
    sizeBytes: facts.note(`disks.${id}.sizeBytes`, bytesOf(node.get('size').whole()), node.get('size').where),
  };
}

/** On its storage, a volume is called by its path, which is its id unless it was migrated or imported. */
export function namesOf({ node }: Volume): string[] {
  return ['path', 'id', 'name'].flatMap((key) => node.get(key).text() ?? []);
}

function placeOf(volume: Volume): number {
  return isRoot(volume) ? -1 : Number(volume.node.get('deviceid').whole() ?? 1000n);
}

function isRoot({ node }: Volume): boolean {
  return node.get('type').text() === 'ROOT';
}

/** Values of rootDiskController and dataDiskController; "osdefault" leaves it to CloudStack's table. */
const CONTROLLERS: ReadonlyMap<string, DiskController> = new Map([
  ...['virtio', 'ide', 'sata', 'nvme', 'xen'].map((kind): [string, DiskController] => [kind, { kind }]),
  ['scsi', { kind: 'scsi' }],
  ...['pvscsi', 'lsilogic', 'lsisas1068', 'buslogic'].map((model): [string, DiskController] => [
    model,
    { kind: 'scsi', model },
  ]),
]);

function controllerOf(detail: string | undefined, hypervisor: string): DiskController | undefined {
  const controller = CONTROLLERS.get(detail?.toLowerCase() ?? '');
  // On KVM, CloudStack plugs SCSI disks into virtio-scsi (LibvirtVMDef, SCSIDef).
  const isVirtio = controller?.kind === 'scsi' && hypervisor.toUpperCase() === 'KVM';
  return isVirtio ? { kind: 'scsi', model: 'virtio-scsi' } : controller;
}
