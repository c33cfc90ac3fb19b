/**
 * The files that one disk is made of, found and proven to be the right ones inside the backup, before any program
 * opens one of them.
 */
import { block } from '../../proto/finding.ts';
import { Severity, type Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { locateDataFiles } from './data-files.ts';
import { HOSTILE, REPLACE } from './disk-findings.ts';
import type { DataFile, DiskHeader } from './disk-header.ts';
import { openFinding } from './open-finding.ts';
import { findParent, formatNamed, proveParent } from './parent.ts';
import type { RangeReader } from './range-reader.ts';
import { readDiskHeader } from './read-disk-header.ts';

/** A backup's files as far as disks need them; `BackupFiles` of the repositories has both. */
export interface ChainFiles {
  /** @throws OpenError of host/regular-file.ts */
  open(path: string): Promise<RangeReader>;
  /** Every file of the backup. */
  paths: readonly string[];
}

export interface ChainSpec {
  diskId: string;
  /** Path of the newest layer. */
  file: string;
  /** All layers where a manifest lists them, base first; the last is `file`. */
  layers?: readonly string[] | undefined;
  /** Virtual size where a manifest states it. */
  sizeBytes?: bigint | undefined;
}

export interface Layer {
  /** Path in the backup. */
  file: string;
  header: DiskHeader;
  /** The header's data files, each with its path in the backup. */
  dataFiles: LocatedDataFile[];
}

export interface LocatedDataFile extends DataFile {
  path: string;
}

export interface Chain {
  diskId: string;
  /** Base first. Where the chain is not usable: those that could be read. */
  layers: Layer[];
  /** Nothing blocks: every layer is there, refers to files of this backup alone, and is the one that its child means. */
  usable: boolean;
  /** Virtual size as the newest layer's header states it. */
  sizeBytes: bigint | undefined;
  findings: Finding[];
}

// VMware allows 32 snapshots, QCOW2 any number; no chain that anybody restores is longer.
const MAX_LAYERS = 256;

/** Reads every header of one disk's chain. Never throws for what the backup holds: that becomes findings. */
export async function resolveChain(files: ChainFiles, spec: ChainSpec): Promise<Chain> {
  const findings: Finding[] = [];
  const layers = await readLayers(files, spec, findings);
  const top = layers.at(-1)?.file === spec.file ? layers.at(-1) : undefined;
  if (top && spec.sizeBytes !== undefined && top.header.sizeBytes !== spec.sizeBytes)
    findings.push(sizeMismatch(spec, spec.sizeBytes, top.header.sizeBytes));
  const usable = findings.every(({ severity }) => severity !== Severity.BLOCK);
  return { diskId: spec.diskId, layers, usable, sizeBytes: top?.header.sizeBytes, findings };
}

/** From the newest down: where a manifest lists the layers, all that it lists; else as far as each names the next. */
async function readLayers(files: ChainFiles, spec: ChainSpec, findings: Finding[]): Promise<Layer[]> {
  const listed = spec.layers && [...spec.layers].reverse();
  const paths = listed ? [...new Set([...files.paths, ...listed])] : files.paths;
  const layers: Layer[] = [];
  const seen = new Set<string>();
  let above: Layer | undefined;
  let file: string | undefined = spec.file;
  while (file !== undefined) {
    if (seen.has(file) || seen.size === MAX_LAYERS) {
      findings.push(seen.has(file) ? loop(file) : tooLong(spec));
      break;
    }
    seen.add(file);
    const layer: Layer | undefined = await readLayer(files, file, above, findings);
    if (layer) layers.unshift(layer);
    if (layer && above) findings.push(...proveParent(above, layer));
    const expected = listed?.[seen.size];
    const parent = layer && findParent(layer, paths, listed && { expected }, findings);
    // What a layer says of its parent measures only the one that it means.
    above = parent === undefined ? undefined : layer;
    file = listed ? expected : parent;
  }
  return layers;
}

async function readLayer(
  files: ChainFiles,
  file: string,
  above: Layer | undefined,
  findings: Finding[],
): Promise<Layer | undefined> {
  try {
    await using reader = await files.open(file);
    const header = await readDiskHeader(reader, file, formatNamed(above?.header.parent?.format));
    findings.push(...header.findings);
    return { file, header, dataFiles: await locateDataFiles(files, file, header.dataFiles, findings) };
  } catch (cause) {
    findings.push(openFinding(file, cause, above?.file));
    return undefined;
  }
}

function sizeMismatch({ diskId, file }: ChainSpec, expected: bigint, actual: bigint): Finding {
  const message = `The manifest says ${expected} bytes for disk ${diskId}, the disk itself ${actual}.`;
  return block('disk.size-mismatch', file, message, REPLACE);
}

function loop(file: string): Finding {
  return block('disk.chain-loop', file, `${file} builds on itself, by way of the files below it.`, HOSTILE);
}

function tooLong({ file }: ChainSpec): Finding {
  const message = `${file} builds on more than ${MAX_LAYERS} files, one on another.`;
  return block('disk.chain-too-long', file, message, 'Consolidate the snapshots and take the backup again.');
}
