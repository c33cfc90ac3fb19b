/** VHDX: fixed, dynamic and differencing. Source: [MS-VHDX] 2.6.2 (metadata items). */
import { block } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { DiskFile } from './disk-file.ts';
import { truncated, unsupported } from './disk-findings.ts';
import type { DiskHeader, ParentHint } from './disk-header.ts';
import { readGuid } from './guid.ts';
import {
  NO_GUID,
  openVhdxItems,
  readVhdxHeader,
  readVhdxRegions,
  type VhdxItems,
  type VhdxRegions,
} from './vhdx-structure.ts';

/** What the block allocation table needs to be read. */
export interface VhdxGeometry {
  sizeBytes: bigint;
  blockBytes: number;
  logicalSectorBytes: number;
  kind: 'fixed' | 'dynamic' | 'differencing';
}

const ITEM = {
  fileParameters: 'caa16737-fa36-4d43-b3b6-33f0aa44e76b',
  virtualDiskSize: '2fa54224-cd1b-4876-b211-5dbed83bf4b8',
  page83: 'beca12ab-b2e6-4523-93ef-c309e000c746',
  logicalSectorSize: '8141bf1d-a96f-4709-ba47-f233a8faab5f',
  physicalSectorSize: 'cda348c7-445d-4471-9cc9-e9885251c556',
  parentLocator: 'a8d35f2d-b30b-454d-abf7-d3d84834ab0c',
} as const;
export const KNOWN_ITEMS: ReadonlySet<string> = new Set(Object.values(ITEM));
const VHDX_PARENT_LOCATOR = 'b04aefb7-d19e-4a81-b789-25b8e9445913';
const LEAVE_BLOCKS_ALLOCATED = 1;
const HAS_PARENT = 2;
const MIB = 1024 * 1024;
const MAX_SIZE_BYTES = 64n * 1024n ** 4n; // the format's own limit

/** @throws disk.invalid */
export async function readVhdx(file: DiskFile): Promise<DiskHeader> {
  const header = await readVhdxHeader(file);
  const regions = await readVhdxRegions(file);
  const items = await openVhdxItems(file, regions.metadata, KNOWN_ITEMS);
  const geometry = await readVhdxGeometry(file, items, regions);
  return {
    format: 'vhdx',
    variant: geometry.kind,
    sizeBytes: geometry.sizeBytes,
    identity: header.dataWriteGuid,
    parent: geometry.kind === 'differencing' ? await readParent(file, items, regions) : undefined,
    dataFiles: [],
    findings: [...logFindings(file.name, header.logGuid), ...geometryFindings(file, geometry)],
  };
}

/** @throws disk.invalid */
export async function readVhdxGeometry(
  file: DiskFile,
  items: VhdxItems,
  { metadata, table }: VhdxRegions,
): Promise<VhdxGeometry> {
  const at = metadata.offset;
  const parameters = await items.read(ITEM.fileParameters, 8, 'the file parameters');
  const blockBytes = parameters.readUInt32LE(0);
  const isPowerOfTwo = (blockBytes & (blockBytes - 1)) === 0;
  if (!isPowerOfTwo || blockBytes < MIB || blockBytes > 256 * MIB)
    throw file.wrong(at, `blocks of ${blockBytes} bytes are out of range`);
  const sectors = await items.read(ITEM.logicalSectorSize, 4, 'the logical sector size');
  const logicalSectorBytes = sectors.readUInt32LE(0);
  if (logicalSectorBytes !== 512 && logicalSectorBytes !== 4096)
    throw file.wrong(at, `sectors of ${logicalSectorBytes} bytes are not known`);
  const sizeBytes = (await items.read(ITEM.virtualDiskSize, 8, 'the virtual disk size')).readBigUInt64LE(0);
  if (sizeBytes === 0n || sizeBytes % BigInt(logicalSectorBytes) !== 0n || sizeBytes > MAX_SIZE_BYTES)
    throw file.wrong(at, `virtual size ${sizeBytes} is out of range`);
  const flags = parameters.readUInt32LE(4);
  const kind = flags & HAS_PARENT ? 'differencing' : flags & LEAVE_BLOCKS_ALLOCATED ? 'fixed' : 'dynamic';
  const geometry: VhdxGeometry = { sizeBytes, blockBytes, logicalSectorBytes, kind };
  const needed = 8n * tableEntries(geometry);
  if (needed > BigInt(table.lengthBytes))
    throw file.wrong(table.offset, `a block table of ${table.lengthBytes} bytes is too small for the disk`);
  return geometry;
}

/** [MS-VHDX] 2.5: after each chunk's payload blocks comes one entry for its sector bitmap. */
function tableEntries({ sizeBytes, blockBytes, logicalSectorBytes, kind }: VhdxGeometry): bigint {
  const chunkRatio = (2n ** 23n * BigInt(logicalSectorBytes)) / BigInt(blockBytes);
  const blocks = ceilDivide(sizeBytes, BigInt(blockBytes));
  return kind === 'differencing'
    ? ceilDivide(blocks, chunkRatio) * (chunkRatio + 1n)
    : blocks + (blocks - 1n) / chunkRatio;
}

function ceilDivide(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

/** [MS-VHDX] 2.6.2.6: a table of keys and values, both UTF-16. */
async function readParent(file: DiskFile, items: VhdxItems, { metadata }: VhdxRegions): Promise<ParentHint> {
  const bytes = await items.read(ITEM.parentLocator, 20, 'the parent locator');
  const at = metadata.offset;
  if (readGuid(bytes, 0) !== VHDX_PARENT_LOCATOR)
    throw file.wrong(at, `a parent locator of type ${readGuid(bytes, 0)} is not known`);
  const count = bytes.readUInt16LE(18);
  if (20 + count * 12 > bytes.length) throw file.wrong(at, `a parent locator of ${count} entries is cut off`);
  const values = new Map<string, string>();
  for (let entry = 20; entry < 20 + count * 12; entry += 12) {
    const text = (offset: number, length: number) => {
      if (offset + length > bytes.length) throw file.wrong(at, 'an entry of the parent locator is cut off');
      return bytes.toString('utf16le', offset, offset + length);
    };
    const key = text(bytes.readUInt32LE(entry), bytes.readUInt16LE(entry + 8));
    values.set(key, text(bytes.readUInt32LE(entry + 4), bytes.readUInt16LE(entry + 10)));
  }
  const linkage = values.get('parent_linkage');
  if (linkage === undefined) throw file.wrong(at, 'the parent locator does not say which parent is meant');
  const names = ['relative_path', 'absolute_win32_path', 'volume_path'].map((key) => values.get(key));
  return {
    names: names.filter((name) => name !== undefined).filter(Boolean),
    identity: linkage.replace(/[{}]/g, '').toLowerCase(),
    format: 'vhdx',
  };
}

function logFindings(file: string, logGuid: string): Finding[] {
  if (logGuid === NO_GUID) return [];
  // qemu opens such a file for writing alone (block/vhdx-log.c), and a backup is never written.
  return [
    block(
      'disk.dirty-log',
      file,
      `${file} was not closed: its log holds changes that are not in its blocks yet.`,
      `Make a copy, run "qemu-img check -f vhdx -r all" on it, and restore from the copy; or export the machine again.`,
    ),
  ];
}

function geometryFindings(file: DiskFile, { kind, sizeBytes, logicalSectorBytes }: VhdxGeometry): Finding[] {
  const findings: Finding[] = [];
  if (kind === 'fixed' && BigInt(file.sizeBytes) < sizeBytes) {
    const message = `${file.name} is a fixed VHDX of ${sizeBytes} bytes, but the file has only ${file.sizeBytes}.`;
    findings.push(truncated(file.name, message));
  }
  if (logicalSectorBytes !== 512) {
    const message = `${file.name} has sectors of ${logicalSectorBytes} bytes; only disks with sectors of 512 bytes can be restored.`;
    const remedy = 'Copy its data to a disk with sectors of 512 bytes, and take the backup again.';
    findings.push(unsupported(file.name, message, remedy));
  }
  return findings;
}
