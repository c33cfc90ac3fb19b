/** Step 1: what is this backup, and is it whole? Reads only; what is wrong becomes findings. */
import { realpath } from 'node:fs/promises';
import { AscendError, asAscendError } from '../../proto/errors.ts';
import { block, warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import { checkChain, type Chain } from '../disks/chain.ts';
import { OpenError, openRegularFile } from '../host/regular-file.ts';
import { readManifest, type Manifest } from '../repositories/backup-set.ts';
import type { MetadataFile, Source } from '../sources/source.ts';

export interface Analysis {
  /** Absolute, links resolved. */
  folder: string;
  manifest: Manifest;
  /** Undefined where a finding says why its metadata cannot be understood. */
  machine: Machine | undefined;
  /** By disk id. */
  chains: ReadonlyMap<string, Chain>;
  findings: Finding[];
}

// The largest honest metadata file is an OVF of some hundred kilobytes.
const MAX_METADATA_BYTES = 4 * 1024 * 1024;
const REPLACE = 'Take the backup again, or copy it again from where it came from.';

/** @throws backup.not-found, backup.invalid where there is no manifest to go by. */
export async function analyse(folder: string, sources: readonly Source[]): Promise<Analysis> {
  const root = await realpath(folder).catch(() => folder);
  const manifest = await readManifest(root);
  const findings = manifestFindings(manifest);
  const chains = new Map<string, Chain>();
  for (const disk of manifest.disks) {
    const chain = await checkChain(root, disk);
    chains.set(disk.id, chain);
    findings.push(...chain.findings);
  }
  const machine = await readMachine(root, manifest, sources, findings);
  return { folder: root, manifest, machine, chains, findings };
}

async function readMachine(
  folder: string,
  manifest: Manifest,
  sources: readonly Source[],
  findings: Finding[],
): Promise<Machine | undefined> {
  try {
    const files = await readMetadata(folder, manifest);
    const reading = sourceOf(sources, manifest, files).read(files);
    findings.push(...reading.findings);
    return withDisks(reading.machine, manifest, findings);
  } catch (thrown) {
    const { code, message, hint = REPLACE } = asAscendError(thrown);
    findings.push(block(code, manifest.metadata.join(', '), message, hint));
    return undefined;
  }
}

async function readMetadata(folder: string, manifest: Manifest): Promise<MetadataFile[]> {
  const files: MetadataFile[] = [];
  for (const name of manifest.metadata) files.push({ path: name, content: await readWhole(folder, name) });
  return files;
}

async function readWhole(folder: string, name: string): Promise<Buffer> {
  try {
    await using handle = await openRegularFile(folder, name);
    const { size } = await handle.stat();
    if (size <= MAX_METADATA_BYTES) return await handle.readFile();
    throw new AscendError(
      'source.invalid',
      `${name} is ${size} bytes long; metadata has ${MAX_METADATA_BYTES} at most.`,
    );
  } catch (cause) {
    if (!(cause instanceof OpenError)) throw cause;
    throw new AscendError('source.invalid', `${name} is of no use: ${cause.problem}.`, {
      hint: REPLACE,
      cause,
    });
  }
}

function sourceOf(sources: readonly Source[], manifest: Manifest, files: readonly MetadataFile[]): Source {
  const named = sources.find(({ kind }) => kind === manifest.platform);
  if (named?.detect(files)) return named;
  const kinds = sources.map(({ kind }) => kind).join(', ');
  throw named
    ? new AscendError('source.invalid', `${manifest.metadata.join(', ')}: not metadata of ${named.title}.`, {
        hint: REPLACE,
      })
    : new AscendError('source.unknown', `This agent does not read backups of ${manifest.platform}.`, {
        hint: `It reads: ${kinds}. A later release of the agent may read more.`,
      });
}

/** Adds what the manifest knows of the disks, and says where the two disagree. */
function withDisks(machine: Machine, manifest: Manifest, findings: Finding[]): Machine {
  for (const { id } of manifest.disks) {
    if (machine.disks.some((disk) => disk.id === id)) continue;
    const message = `The backup holds a disk ${id}, which its metadata does not know.`;
    findings.push(block('disk.not-in-machine', id, message, REPLACE));
  }
  const disks = machine.disks.map((disk) => {
    const backed = manifest.disks.find(({ id }) => id === disk.id);
    if (!backed) {
      findings.push(notBackedUp(disk.id, disk.boot));
      return disk;
    }
    return {
      ...disk,
      sizeBytes: BigInt(backed.sizeBytes),
      file: backed.layers.at(-1)?.file,
      format: 'qcow2',
    };
  });
  return { ...machine, name: machine.name || manifest.machineName, disks };
}

function notBackedUp(id: string, boot: boolean): Finding {
  const code = 'disk.not-in-backup';
  if (boot)
    return block(code, id, `${id}, the disk that the machine starts from, is not in the backup.`, REPLACE);
  const remedy = 'The machine is restored without it. If it is needed, take a backup that includes it.';
  return warn(code, id, `${id}, a data disk, is not in the backup.`, remedy);
}

/** What the manifest says of itself must hold together before its files are looked at. */
function manifestFindings(manifest: Manifest): Finding[] {
  const findings: Finding[] = [];
  const listed = new Set(manifest.files.map(({ path }) => path));
  const named = [
    ...manifest.metadata,
    ...manifest.disks.flatMap(({ layers }) => layers.map(({ file }) => file)),
  ];
  for (const name of named.filter((candidate) => !listed.has(candidate))) {
    findings.push(
      block('backup.file-unlisted', name, `The manifest names ${name}, but has no checksum for it.`, REPLACE),
    );
  }
  for (const { id, layers } of manifest.disks) {
    const own = layers.at(-1)?.backup;
    const below = layers.at(-2)?.backup;
    // One layer of its own: a full backup, or a disk that was added after the parent was taken.
    if (own === manifest.id && (below === undefined || below === manifest.parent?.id)) continue;
    const message = manifest.parent
      ? `The backup builds on backup ${manifest.parent.id}, but disk ${id} has ${below ? `a layer of ${below}` : 'no layer'} below its newest.`
      : `The backup is a full one, but disk ${id} builds on other layers, or on another backup's.`;
    findings.push(block('backup.parent-broken', id, message, REPLACE));
  }
  return findings;
}
