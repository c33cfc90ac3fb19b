/** The disks of a machine whose backup has no manifest: each found among the files, and its chain resolved. */
import { block, info, warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Disk, Machine } from '../../proto/gen/ascend/v1/machine.ts';
import { resolveChain, type Chain } from '../disks/chain.ts';
import type { OpenBackup } from '../repositories/open.ts';
import type { SourcedMachine } from '../sources/source.ts';
import { hasDiskEnding, matchDisks, sharedFiles, type Matching } from './match-disks.ts';
import type { Survey } from './survey.ts';

export interface FoundDisks {
  machine: Machine;
  chains: Map<string, Chain>;
  findings: Finding[];
}

export async function findDisks(
  { machine, from, diskReferences, origins }: SourcedMachine,
  found: Survey,
  paths: readonly string[],
  { files }: OpenBackup,
  chosen: Readonly<Record<string, string>>,
): Promise<FoundDisks> {
  const resolve = (diskId: string, file: string) =>
    resolveChain({ open: (path) => files.open(path), paths }, { diskId, file });
  const names = new Map([...diskReferences].map(([id, reference]) => [id, reference.names]));
  const folder = from.slice(0, Math.max(0, from.lastIndexOf('/')));
  const candidates = found.diskFiles;
  const matching = matchDisks({ disks: machine.disks, names, folder, files: candidates, chosen });
  const findings: Finding[] = [
    ...unknownDisks(machine, chosen),
    ...undescribedDisks(machine, from, candidates),
  ];
  findings.push(...sharedFiles(matching).map(([file, ids]) => sharedDisk(file, ids)));
  const chains = new Map<string, Chain>();
  for (const [id, match] of matching) {
    if (match.kind === 'matched') chains.set(id, await resolve(id, match.match.file));
  }
  const missing = machine.disks.filter(({ id }) => matching.get(id)?.kind === 'missing');
  const free = missing.length === 0 ? [] : await freeDisks(candidates, chains, resolve);
  for (const [id, chain] of onlyPossible(missing, free)) {
    const file = chain.layers.at(-1)?.file ?? '';
    matching.set(id, { kind: 'matched', match: { file, because: 'no other file can be this disk' } });
    chains.set(id, { ...chain, diskId: id });
  }
  const disks: Disk[] = [];
  for (const disk of machine.disks) {
    const match = matching.get(disk.id) ?? { kind: 'missing' };
    // A disk that the metadata names no file for is the source's to explain.
    if (match.kind !== 'missing' || names.has(disk.id)) {
      findings.push(...matchFindings(disk, match, names.get(disk.id) ?? [], free));
    }
    const chain = chains.get(disk.id);
    if (chain) findings.push(...chain.findings, ...sizeFindings(disk, chain));
    const top = chain?.layers.at(-1);
    if (chain?.sizeBytes !== undefined) {
      origins.note(`disks.${disk.id}.sizeBytes`, chain.sizeBytes, top?.file ?? '', 'header');
    }
    disks.push({
      ...disk,
      sizeBytes: chain?.sizeBytes ?? disk.sizeBytes,
      file: top?.file,
      format: top?.header.format,
    });
  }
  return { machine: { ...machine, disks }, chains, findings };
}

// Every one is opened: more free files than this are no backup of one machine.
const MAX_FREE = 64;

/** Disk files that no disk has yet, by their headers; layers and data files of others are not free. */
async function freeDisks(
  candidates: readonly string[],
  chains: ReadonlyMap<string, Chain>,
  resolve: (id: string, file: string) => Promise<Chain>,
): Promise<Chain[]> {
  const used = new Set([...chains.values()].flatMap(filesOf));
  const free: Chain[] = [];
  for (const file of candidates.filter((path) => hasDiskEnding(path) && !used.has(path)).slice(0, MAX_FREE)) {
    const chain = await resolve(file, file);
    if (chain.layers.length > 0) free.push(chain);
  }
  const below = new Set(free.flatMap((chain) => filesOf(chain).filter((file) => file !== chain.diskId)));
  return free.filter(({ diskId }) => !below.has(diskId));
}

function filesOf({ layers }: Chain): string[] {
  return layers.flatMap(({ file, dataFiles }) => [file, ...dataFiles.map(({ path }) => path)]);
}

/**
 * By elimination, never by order: a disk and a file that are each the only one of their size, or the last ones left
 * where the metadata knows no size.
 */
function onlyPossible(missing: readonly Disk[], free: readonly Chain[]): [id: string, chain: Chain][] {
  const [disk] = missing;
  const [chain] = free;
  if (missing.length === 1 && free.length === 1 && disk && chain && disk.sizeBytes === undefined) {
    return [[disk.id, chain]];
  }
  return missing.flatMap((candidate): [string, Chain][] => {
    const twins = missing.filter(({ sizeBytes }) => sizeBytes === candidate.sizeBytes);
    const fitting = free.filter(({ sizeBytes }) => sizeBytes === candidate.sizeBytes);
    const [only] = fitting;
    const known = missing.every(({ sizeBytes }) => sizeBytes !== undefined);
    return known && twins.length === 1 && fitting.length === 1 && only ? [[candidate.id, only]] : [];
  });
}

function matchFindings(
  disk: Disk,
  match: Matching,
  names: readonly string[],
  free: readonly Chain[],
): Finding[] {
  const { id } = disk;
  if (match.kind === 'ambiguous') return [ambiguousDisk(id, match.files)];
  if (match.kind === 'missing')
    return [
      missingDisk(
        disk,
        names,
        free.map(({ diskId }) => diskId),
      ),
    ];
  const { file, because } = match.match;
  if (because === undefined) return [];
  const message = `${file} is taken for ${id}: ${because}.`;
  return [info('disk.matched', id, message, `If it is another one, say so with --disk ${id}=FILE.`)];
}

function missingDisk({ id, boot }: Disk, names: readonly string[], free: readonly string[]): Finding {
  const called = names.length > 0 ? ` (${names.slice(0, 3).join(', ')})` : '';
  const offer =
    free.length > 0
      ? `If it is ${free.slice(0, 5).join(' or ')}, say so with --disk ${id}=FILE.`
      : 'Put its file beside the metadata.';
  if (boot) {
    const message = `${id}, the disk that the machine starts from, is not in the backup${called}.`;
    return block('disk.not-in-backup', id, message, offer);
  }
  const message = `${id}, a data disk, is not in the backup${called}.`;
  return warn('disk.not-in-backup', id, message, `The machine is restored without it. ${offer}`);
}

function ambiguousDisk(id: string, files: readonly string[]): Finding {
  const message = `${files.length} files may be ${id}: ${files.slice(0, 10).join(', ')}.`;
  return block('disk.ambiguous', id, message, `Say which one with --disk ${id}=FILE.`);
}

function sharedDisk(file: string, ids: readonly string[]): Finding {
  const message = `${ids.join(' and ')} would both be ${file}.`;
  return block('disk.ambiguous', file, message, 'Say which is which with --disk ID=FILE.');
}

function unknownDisks({ disks }: Machine, chosen: Readonly<Record<string, string>>): Finding[] {
  const known = new Set(disks.map(({ id }) => id));
  const have = disks.map(({ id }) => id).join(', ') || 'none';
  return Object.keys(chosen)
    .filter((id) => !known.has(id))
    .map((id) =>
      block('disk.not-in-machine', id, `The machine has no disk ${id}.`, `Its disks are: ${have}.`),
    );
}

/** A description that was cut off before its disks looks like one of a machine without any. */
function undescribedDisks({ disks }: Machine, from: string, candidates: readonly string[]): Finding[] {
  const files = candidates.filter(hasDiskEnding);
  if (disks.length > 0 || files.length === 0) return [];
  const shown = files.slice(0, 5).join(', ') + (files.length > 5 ? ` and ${files.length - 5} more` : '');
  const message = `${from} gives the machine no disk, but disks lie here: ${shown}.`;
  return [
    warn(
      'machine.no-disks-described',
      from,
      message,
      'Look whether the file is whole; export the metadata again.',
    ),
  ];
}

/** The header is what counts; metadata that says otherwise may belong to another disk, or to an earlier size. */
function sizeFindings(disk: Disk, { sizeBytes, layers }: Chain): Finding[] {
  if (disk.sizeBytes === undefined || sizeBytes === undefined || disk.sizeBytes === sizeBytes) return [];
  const file = layers.at(-1)?.file ?? disk.id;
  const message = `The metadata says ${disk.sizeBytes} bytes for ${disk.id}, ${file} itself ${sizeBytes}.`;
  return [warn('disk.size-differs', disk.id, message, 'Make sure that this is the disk that you mean.')];
}
