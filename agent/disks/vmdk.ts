/** VMDK: a descriptor with the files that it names, or a sparse file with the descriptor inside. */
import { block } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { DiskFile } from './disk-file.ts';
import { encrypted, unsupported } from './disk-findings.ts';
import type { DataFile, DiskHeader, ParentHint } from './disk-header.ts';
import {
  MAX_DESCRIPTOR_BYTES,
  parseVmdkDescriptor,
  type VmdkDescriptor,
  type VmdkExtent,
} from './vmdk-descriptor.ts';
import { MAX_VMDK_BYTES, readSparseExtent, type SparseExtent } from './vmdk-sparse.ts';

const DATA_KINDS: Readonly<Record<string, DataFile['kind']>> = {
  FLAT: 'flat',
  VMFS: 'flat',
  SPARSE: 'sparse',
  VMFSSPARSE: 'vmfsSparse',
  SESPARSE: 'seSparse',
};
const READABLE_TYPES = new Set([
  ...['monolithicFlat', 'vmfs', 'twoGbMaxExtentFlat'],
  ...['twoGbMaxExtentSparse', 'vmfsSparse', 'seSparse'],
]);
const RAW_DEVICE_TYPES = new Set([
  ...['fullDevice', 'partitionedDevice', 'vmfsRaw', 'vmfsRawDeviceMap', 'vmfsPassthroughRawDeviceMap'],
  ...['vmfsRDM', 'vmfsRDMP'],
]);
const RAW_DEVICE_EXTENTS = new Set(['VMFSRDM', 'VMFSRAW']);

/** A descriptor alone in its file. @throws disk.invalid */
export async function readVmdkText(file: DiskFile): Promise<DiskHeader> {
  if (file.sizeBytes > MAX_DESCRIPTOR_BYTES)
    throw file.wrong(MAX_DESCRIPTOR_BYTES, `a descriptor of ${file.sizeBytes} bytes is too long`);
  const content = await file.read(0, file.sizeBytes, 'the descriptor');
  const descriptor = parseVmdkDescriptor(content, file.name);
  if (descriptor.extents.length === 0) throw file.wrong(0, 'the descriptor names no extent');
  const sizeBytes = descriptor.extents.reduce((sum, extent) => sum + extent.sizeBytes, 0n);
  if (sizeBytes > MAX_VMDK_BYTES) throw file.wrong(0, `virtual size ${sizeBytes} is out of range`);
  return {
    format: 'vmdk',
    variant: descriptor.createType || 'unknown',
    sizeBytes,
    identity: descriptor.cid,
    parent: parentOf(file, descriptor),
    dataFiles: descriptor.extents.flatMap(dataFileOf),
    findings: [...typeFindings(file.name, descriptor), ...descriptorFindings(file.name, descriptor)],
  };
}

/** A file of grains, by its magic. @throws disk.invalid */
export async function readVmdkSparse(file: DiskFile, kind: SparseExtent['kind']): Promise<DiskHeader> {
  const extent = await readSparseExtent(file, kind);
  const variant = extent.compressed ? 'streamOptimized' : kind === 'sparse' ? 'monolithicSparse' : kind;
  const base = { format: 'vmdk' as const, variant, sizeBytes: extent.sizeBytes, dataFiles: [] };
  const descriptor = await readEmbedded(file, extent);
  if (!descriptor) {
    const findings = [...extent.findings, descriptorMissing(file.name)];
    return { ...base, identity: undefined, parent: undefined, findings };
  }
  return {
    ...base,
    identity: descriptor.cid,
    parent: parentOf(file, descriptor),
    findings: [
      ...extent.findings,
      ...(descriptor.extents.length > 1 ? [partOfMany(file.name)] : []),
      ...descriptorFindings(file.name, descriptor),
    ],
  };
}

/** Undefined in a part of a disk, where qemu leaves room for one and VMware not even that. */
async function readEmbedded(
  file: DiskFile,
  { descriptor }: SparseExtent,
): Promise<VmdkDescriptor | undefined> {
  if (!descriptor) return undefined;
  const content = await file.read(descriptor.offset, descriptor.lengthBytes, 'the embedded descriptor');
  return content[0] === 0 ? undefined : parseVmdkDescriptor(content, file.name);
}

function parentOf(file: DiskFile, { parentCid, parentName }: VmdkDescriptor): ParentHint | undefined {
  if (parentCid === undefined && parentName === undefined) return undefined;
  // VMware goes by the id and qemu by the name: they must agree.
  if (parentCid === undefined)
    throw file.wrong(0, 'the descriptor names a parent, but its parentCID says that there is none');
  return { names: parentName === undefined ? [] : [parentName], identity: parentCid, format: 'vmdk' };
}

function dataFileOf({ type, name, sizeBytes, offsetBytes }: VmdkExtent): DataFile[] {
  const kind = Object.hasOwn(DATA_KINDS, type) ? DATA_KINDS[type] : undefined;
  return kind === undefined ? [] : [{ kind, name, sizeBytes, offsetBytes }];
}

function typeFindings(file: string, { createType, extents }: VmdkDescriptor): Finding[] {
  if (RAW_DEVICE_TYPES.has(createType) || extents.some(({ type }) => RAW_DEVICE_EXTENTS.has(type))) {
    const message = `${file} stands for a physical device (${createType}), whose data is not in the backup.`;
    const remedy =
      'Convert the raw device mapping to a virtual disk on the platform, or copy the device, and take the backup again.';
    return [block('disk.raw-device', file, message, remedy)];
  }
  if (!READABLE_TYPES.has(createType)) {
    const message = `${file} is a VMDK of type ${JSON.stringify(createType)}, which Ascend does not read.`;
    return [
      unsupported(file, message, 'Convert it with qemu-img convert or vmkfstools, and bring the result in.'),
    ];
  }
  return extents
    .filter(({ access, type, name }) => access !== 'RW' || !Object.hasOwn(DATA_KINDS, type) || name === '')
    .map(({ access, type }) =>
      unsupported(
        file,
        `${file} has an extent of kind ${access} ${type}, which Ascend does not read.`,
        'Convert it with vmkfstools, and bring the result in.',
      ),
    );
}

function descriptorFindings(file: string, { values }: VmdkDescriptor): Finding[] {
  const keys = [...values.keys()];
  const isEncrypted =
    keys.some((key) => key.startsWith('encryption')) ||
    values.get('ddb.iofilters')?.includes('vmwarevmcrypt');
  if (!isEncrypted) return [];
  const remedy =
    'Decrypt the machine on the platform (a storage policy without encryption), and take the backup again.';
  return [encrypted(file, 'by VMware', remedy)];
}

function partOfMany(file: string): Finding {
  const message = `${file} says that its data lies in several files, which a sparse VMDK does not read.`;
  return unsupported(
    file,
    message,
    'Convert it with vmkfstools or vmware-vdiskmanager, and bring the result in.',
  );
}

function descriptorMissing(file: string): Finding {
  return block(
    'disk.descriptor-missing',
    file,
    `${file} holds data of a VMDK, but not the descriptor that says how it belongs together.`,
    'Name the .vmdk text file that belongs to it as the disk, or copy that into the backup from where it came from.',
  );
}
