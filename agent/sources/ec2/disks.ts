/** The EBS volumes of an instance, and what of its storage no backup of volumes can hold. */
import { block, info, warn } from '../../../proto/finding.ts';
import type { Disk, DiskController } from '../../../proto/gen/ascend/v1/machine.ts';
import type { DiskReference } from '../source.ts';
import type { Answer } from './answer.ts';
import type { Fact } from '../origins.ts';
import { fact, textFact } from './fact.ts';
import { listed, stated, statedOrImage, type Instance } from './instance.ts';
import { tagOf } from './tags.ts';

const GIB = 1n << 30n;
// A thousand times what EBS allows, and far from what uint64 bytes hold.
const MOST_GIB = 1n << 26n;

export interface Disks {
  disks: Disk[];
  references: Map<string, DiskReference>;
}

/** The root first, the others as listed. Their order of devices is the guest's to decide. */
export function disksOf(instance: Instance): Disks {
  const mappings = ebsMappings(instance);
  const root = rootOf(instance, mappings);
  const bootFirst = [...mappings].sort(([a], [b]) => Number(b === root) - Number(a === root));
  const references = new Map<string, DiskReference>();
  const disks = bootFirst.map(([id, mapping]): Disk => {
    references.set(id, { names: namesOf(instance, id, mapping) });
    return diskOf(instance, id, mapping, id === root);
  });
  reportUnmapped(instance, mappings);
  return { disks, references };
}

/** By the name of the device, which EC2 keeps unique in an instance. */
function ebsMappings(instance: Instance): Map<string, Answer> {
  const byDevice = new Map<string, Answer>();
  for (const mapping of listed(stated(instance, 'BlockDeviceMappings'))) {
    const id = mapping.get('DeviceName').text() ?? mapping.get('Ebs', 'VolumeId').text();
    if (id === undefined || !mapping.get('Ebs').exists) continue;
    if (!byDevice.has(id)) byDevice.set(id, mapping);
    else {
      const message = `${instance.id} lists the device ${id} twice; the first is used.`;
      const remedy = 'Check which volume the instance had there.';
      instance.findings.push(warn('disk.address-twice', id, message, remedy));
    }
  }
  return byDevice;
}

function rootOf(instance: Instance, mappings: ReadonlyMap<string, Answer>): string | undefined {
  const name = statedOrImage(instance, 'RootDeviceName');
  const device = name.text();
  const [first] = mappings.keys();
  const root = device === undefined && mappings.size === 1 ? first : device;
  if (mappings.size === 0) return undefined;
  if (root !== undefined && mappings.has(root)) {
    const place = name.exists ? name : stated(instance, 'BlockDeviceMappings');
    instance.origins.keep(`disks.${root}.boot`, fact(true, place));
    return root;
  }
  if (isInstanceStore(instance)) return undefined;
  const volumes = [...mappings.keys()].slice(0, 20).join(', ');
  const message = device
    ? `${instance.id} boots from ${device}, which is not among its volumes: ${volumes}.`
    : `Which of its volumes ${instance.id} boots from is not stated: ${volumes}.`;
  const remedy = 'Add the output of aws ec2 describe-instances that names the root device and its volume.';
  instance.findings.push(warn('disk.boot-unknown', instance.id, message, remedy));
  return undefined;
}

function diskOf(instance: Instance, id: string, mapping: Answer, boot: boolean): Disk {
  const { origins, inventory } = instance;
  const volume = inventory.volume(volumeIdOf(mapping));
  const label = tagOf(volume, 'Name') ?? textFact(mapping.get('Ebs', 'VolumeId'));
  reportEncrypted(instance, id, mapping);
  return {
    id,
    label: origins.keep(`disks.${id}.label`, label),
    sizeBytes: origins.keep(`disks.${id}.sizeBytes`, sizeOf(instance, mapping)),
    controller: origins.keep(`disks.${id}.controller`, controllerOf(instance)),
    boot,
  };
}

/** The volume's, else its largest snapshot's: an EBS volume can grow and never shrink. */
function sizeOf({ inventory }: Instance, mapping: Answer): Fact<bigint> | undefined {
  const volume = inventory.volume(volumeIdOf(mapping));
  const sizes = inventory
    .snapshotsOf(volumeIdOf(mapping))
    .flatMap((snapshot) => bytesOf(snapshot.get('VolumeSize')) ?? [])
    .sort((one, other) => Number(other.value - one.value));
  return (volume && bytesOf(volume.get('Size'))) ?? sizes[0];
}

function bytesOf(answer: Answer): Fact<bigint> | undefined {
  const gib = answer.whole();
  return gib !== undefined && gib > 0n && gib <= MOST_GIB ? fact(gib * GIB, answer) : undefined;
}

/** What the guest sees: NVMe on Nitro and on bare metal, Xen's block device before. All arm64 types are Nitro. */
function controllerOf(instance: Instance): Fact<DiskController> | undefined {
  const { type } = instance;
  if (type?.hypervisor) return fact({ kind: type.hypervisor === 'xen' ? 'xen' : 'nvme' }, type.place);
  const architecture = statedOrImage(instance, 'Architecture');
  return architecture.text() === 'arm64' ? fact({ kind: 'nvme' }, architecture) : undefined;
}

/** Files are named after the volume, a snapshot of it, or the device. */
function namesOf({ id, inventory }: Instance, device: string, mapping: Answer): string[] {
  const volume = volumeIdOf(mapping);
  const snapshots = inventory
    .snapshotsOf(volume)
    .flatMap((snapshot) => snapshot.get('SnapshotId').text() ?? []);
  const short = device.replace(/^\/dev\//, '');
  return [...new Set([...(volume ? [volume] : []), ...snapshots, `${id}-${short}`, device, short])];
}

function volumeIdOf(mapping: Answer): string | undefined {
  return mapping.get('Ebs', 'VolumeId').text();
}

function reportEncrypted({ id: owner, inventory, findings }: Instance, id: string, mapping: Answer): void {
  const volumeId = volumeIdOf(mapping);
  const volume = inventory.volume(volumeId);
  const states = [mapping.get('Ebs'), ...(volume ? [volume] : []), ...inventory.snapshotsOf(volumeId)];
  if (!states.some((state) => state.get('Encrypted').flag() === true)) return;
  const message = `EBS encrypts the volume of ${id} of ${owner}; a backup of its content is not encrypted by that.`;
  findings.push(
    info('disk.encrypted-at-source', id, message, 'Encrypt the disk at the target where you need to.'),
  );
}

/** A volume that says it is attached, where the instance does not: the two answers are of different times. */
function reportUnmapped({ id, inventory, findings }: Instance, mappings: ReadonlyMap<string, Answer>): void {
  const mapped = new Set([...mappings.values()].map(volumeIdOf));
  for (const attachment of inventory.attachmentsOf(id)) {
    const volume = attachment.get('VolumeId').text() ?? 'a volume';
    if (mapped.has(volume)) continue;
    const device = attachment.get('Device').text() ?? 'a device';
    const message = `${attachment.file} attaches ${volume} to ${id} as ${device}; the instance does not list it.`;
    const remedy = 'Describe the instance and its volumes at the same time; the volume is left out.';
    findings.push(warn('disk.contradiction', volume, message, remedy));
  }
}

function isInstanceStore(instance: Instance): boolean {
  return statedOrImage(instance, 'RootDeviceType').text() === 'instance-store';
}

/** Instance-store disks lie in the host: EC2 takes no snapshot of them, and stopping the instance empties them. */
export function reportInstanceStore(instance: Instance): void {
  const { id, type, findings } = instance;
  if (isInstanceStore(instance)) {
    const message = `The root of ${id} is on instance store, of which there is no snapshot.`;
    const remedy = 'Move the root to an EBS volume and back the instance up again.';
    findings.push(block('disk.root-on-instance-store', id, message, remedy));
  }
  const remedy = 'Restore what was on it from a backup made inside the guest.';
  const devices = type?.instanceStoreDisks === 0 ? [] : ephemeralDevices(instance);
  for (const device of devices) {
    const message = `${device} of ${id} is an instance-store disk: its data is not in the backup.`;
    findings.push(warn('disk.instance-store', device, message, remedy));
  }
  const count = type?.instanceStoreDisks ?? 0;
  if (count <= devices.length) return;
  const message = `${type?.name ?? ''} has ${count} instance-store disk${count > 1 ? 's' : ''}: anything that ${id} kept there is not in the backup.`;
  findings.push(warn('disk.instance-store', id, message, remedy));
}

function ephemeralDevices(instance: Instance): string[] {
  const own = listed(stated(instance, 'BlockDeviceMappings'));
  const all = [...own, ...(instance.image ? listed(instance.image.get('BlockDeviceMappings')) : [])];
  const ephemeral = all.filter((mapping) => /^ephemeral\d+$/.test(mapping.get('VirtualName').text() ?? ''));
  return [...new Set(ephemeral.flatMap((mapping) => mapping.get('DeviceName').text() ?? []))];
}
