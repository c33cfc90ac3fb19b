/** A backup with a manifest: it says which files are metadata, which are layers of which disk, and what each must hash to. */
import { AscendError, asAscendError } from '../../proto/errors.ts';
import { block, warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import { resolveChain, type Chain } from '../disks/chain.ts';
import { Allowance } from '../documents/allowance.ts';
import { openDocument, type Document } from '../documents/document.ts';
import { OpenError } from '../host/regular-file.ts';
import { MANIFEST_NAME, type Manifest } from '../repositories/backup-set.ts';
import type { BackupFiles, Listing } from '../repositories/files.ts';
import type { OpenBackup } from '../repositories/open.ts';
import { absentFacts } from '../sources/absent.ts';
import { Origins } from '../sources/origins.ts';
import type { Source, SourcedMachine } from '../sources/source.ts';
import type { Analysis, Selection } from './analyse.ts';
import { candidateOf, chooseMachine } from './choose-machine.ts';
import { inScope, MAX_METADATA_BYTES } from './survey.ts';

const REPLACE = 'Take the backup again, or copy it again from where it came from.';

export async function readBackupSet(
  manifest: Manifest,
  backup: OpenBackup,
  listing: Listing,
  sources: readonly Source[],
  selection: Selection,
): Promise<Omit<Analysis, 'location' | 'files' | 'manifestPath'>> {
  const findings = manifestFindings(manifest);
  const chains = await readChains(manifest, backup, listing, findings);
  try {
    const documents = await readMetadata(manifest, backup);
    const source = sourceOf(sources, manifest, documents);
    const paths = listing.files.map(({ path }) => path);
    const reading = source.read({ documents: ownOf(source, documents), paths }, { config: selection.config });
    findings.push(...reading.findings);
    const candidates = reading.machines.map(candidateOf);
    const { chosen, findings: open } = chooseMachine(
      reading.machines,
      vmOf(reading.machines, manifest, selection),
      manifest.machineName,
    );
    findings.push(...open);
    if (!chosen)
      return { manifest, machine: undefined, origins: new Origins(), candidates, chains, findings };
    const machine = withDisks(chosen, manifest, chains, findings);
    findings.push(...chosen.findings, ...absentFacts(machine, chosen.from));
    return { manifest, machine, origins: chosen.origins, candidates, chains, findings };
  } catch (thrown) {
    const { code, message, hint = REPLACE } = asAscendError(thrown);
    findings.push(block(code, manifest.metadata.join(', '), message, hint));
    return { manifest, machine: undefined, origins: new Origins(), candidates: [], chains, findings };
  }
}

/** A set is the backup of one machine; metadata that describes several is read for the one that the manifest names. */
function vmOf(
  machines: readonly SourcedMachine[],
  manifest: Manifest,
  { vm }: Selection,
): string | undefined {
  if (vm !== undefined || machines.length < 2) return vm;
  return machines.some(({ machine }) => machine.name === manifest.machineName)
    ? manifest.machineName
    : undefined;
}

async function readChains(
  { disks }: Manifest,
  { files, scope }: OpenBackup,
  listing: Listing,
  findings: Finding[],
): Promise<Map<string, Chain>> {
  const chains = new Map<string, Chain>();
  const paths = listing.files.map(({ path }) => path);
  for (const { id, layers, sizeBytes } of disks) {
    const names = layers.map(({ file }) => inScope(scope, file));
    const spec = { diskId: id, file: names.at(-1) ?? '', layers: names, sizeBytes: BigInt(sizeBytes) };
    const chain = await resolveChain({ open: (path) => files.open(path), paths }, spec);
    chains.set(id, chain);
    findings.push(...chain.findings);
  }
  return chains;
}

async function readMetadata({ metadata }: Manifest, { files, scope }: OpenBackup): Promise<Document[]> {
  const documents: Document[] = [];
  const allowance = new Allowance();
  for (const name of metadata)
    documents.push(openDocument(name, await readWhole(files, inScope(scope, name)), allowance));
  return documents;
}

async function readWhole(files: BackupFiles, name: string): Promise<Buffer> {
  try {
    await using reader = await files.open(name);
    const { sizeBytes } = reader;
    if (sizeBytes <= MAX_METADATA_BYTES) return await reader.read(0, sizeBytes);
    throw new AscendError(
      'source.invalid',
      `${name} is ${sizeBytes} bytes long; metadata has ${MAX_METADATA_BYTES} at most.`,
    );
  } catch (cause) {
    if (!(cause instanceof OpenError)) throw cause;
    throw new AscendError('source.invalid', `${name} is of no use: ${cause.problem}.`, {
      hint: REPLACE,
      cause,
    });
  }
}

function sourceOf(
  sources: readonly Source[],
  { platform, metadata }: Manifest,
  documents: readonly Document[],
): Source {
  const broken = documents.map(({ body }) => body).find((body) => body.kind === 'broken');
  if (broken) throw broken.problem;
  const named = sources.find(({ kind }) => kind === platform);
  if (named && (ownOf(named, documents).length > 0 || named.recogniseLayout?.(metadata))) return named;
  const kinds = sources.map(({ kind }) => kind).join(', ');
  throw named
    ? new AscendError('source.invalid', `${metadata.join(', ')}: not metadata of ${named.title}.`, {
        hint: REPLACE,
      })
    : new AscendError('source.unknown', `This agent does not read backups of ${platform}.`, {
        hint: `It reads: ${kinds}. A later release of the agent may read more.`,
      });
}

function ownOf(source: Source, documents: readonly Document[]): Document[] {
  return documents.filter((document) => {
    const role = source.recognise(document)?.role;
    return role === 'machine' || role === 'part';
  });
}

/** Adds what the manifest and the headers know of the disks, and says where they disagree with the metadata. */
function withDisks(
  { machine, origins }: SourcedMachine,
  manifest: Manifest,
  chains: ReadonlyMap<string, Chain>,
  findings: Finding[],
): Machine {
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
    const file = backed.layers.at(-1)?.file;
    const top = chains.get(disk.id)?.layers.at(-1);
    const sizeBytes = BigInt(backed.sizeBytes);
    origins.note(`disks.${disk.id}.sizeBytes`, sizeBytes, MANIFEST_NAME, `disks.${disk.id}.sizeBytes`);
    return { ...disk, sizeBytes, file, format: top?.file === file ? top?.header.format : undefined };
  });
  if (machine.name !== '') return { ...machine, disks };
  origins.note('name', manifest.machineName, MANIFEST_NAME, 'machineName');
  return { ...machine, name: manifest.machineName, disks };
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
    // No layer below: a full backup, or a disk that was added since. One of its own: a chain that was wrapped as it lay.
    if (own === manifest.id && [undefined, manifest.id, manifest.parent?.id].includes(below)) continue;
    const message = manifest.parent
      ? `The backup builds on backup ${manifest.parent.id}, but disk ${id} has ${below ? `a layer of ${below}` : 'no layer'} below its newest.`
      : `The backup is a full one, but disk ${id} builds on other layers, or on another backup's.`;
    findings.push(block('backup.parent-broken', id, message, REPLACE));
  }
  return findings;
}
