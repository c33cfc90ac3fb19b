/** Wraps loose disks and metadata into a backup set, so that anything that can be read can be brought in. */
import { randomUUID } from 'node:crypto';
import { mkdir, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { AscendError } from '../../proto/errors.ts';
import { Severity, type Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { resolveChain, type Chain } from '../disks/chain.ts';
import { storeManifest, type Manifest } from '../repositories/backup-set.ts';
import { copyHashed, type CopyHooks } from '../repositories/copy-file.ts';
import type { BackupFiles, FileEntry } from '../repositories/files.ts';
import { openFolder } from '../repositories/folder-files.ts';
import type { Source, SourcedMachine } from '../sources/source.ts';
import { chooseMachine } from './choose-machine.ts';
import { readLoose } from './loose.ts';
import { matchDisks } from './match-disks.ts';
import { MAX_METADATA_BYTES, readWhole, recogniseAll } from './survey.ts';

export interface CreateRequest {
  /** Files that describe the machine; the main one first. */
  machine: readonly string[];
  /** FILE, or ID=FILE where the file's name does not say which disk it is. */
  disks: readonly string[];
  vm: string | undefined;
  config: string | undefined;
  /** New or empty folder. */
  out: string;
}

export interface CreateHooks extends CopyHooks {
  /** Everything is known to fit; so many bytes are copied now. */
  onStart: (totalBytes: number) => void;
}

/** A file by its folder, as chains are resolved within one. */
interface Given extends Folder {
  name: string;
}

interface Folder {
  files: BackupFiles;
  listed: readonly FileEntry[];
}

interface Plan {
  machine: SourcedMachine;
  /** By disk id, in the machine's order. */
  chains: [id: string, chain: Chain, files: BackupFiles][];
  /** Path in the set to where it is copied from. */
  copies: Map<string, { files: BackupFiles; entry: FileEntry }>;
}

/**
 * The folder is a whole backup set when this returns, and gone if it throws.
 * @throws usage.invalid, already-exists, source.*, disk.invalid, run.cancelled
 */
export async function createBackup(
  request: CreateRequest,
  sources: readonly Source[],
  hooks: CreateHooks,
): Promise<{ manifest: Manifest; findings: Finding[] }> {
  const plan = await planBackup(request, sources);
  const entries = [...plan.copies];
  hooks.onStart(entries.reduce((sum, [, { entry }]) => sum + entry.sizeBytes, 0));
  try {
    const hashed: Manifest['files'] = [];
    for (const [name, { files, entry }] of entries) {
      const to = path.join(request.out, name);
      await mkdir(path.dirname(to), { recursive: true });
      await using reader = await files.open(entry.path);
      hashed.push({ path: name, sizeBytes: entry.sizeBytes, sha256: await copyHashed(reader, to, hooks) });
    }
    const manifest = await storeManifest(request.out, manifestOf(plan, request, hashed));
    return { manifest, findings: plan.chains.flatMap(([, { findings }]) => findings) };
  } catch (error) {
    await rm(request.out, { recursive: true, force: true });
    throw error;
  }
}

async function planBackup(request: CreateRequest, sources: readonly Source[]): Promise<Plan> {
  const folders = new Folders();
  const metadata = await Promise.all(request.machine.map((file) => folders.given(file)));
  const machine = await readMachine(metadata, request, sources);
  const copies: Plan['copies'] = new Map();
  for (const each of metadata) copies.set(each.name, { files: each.files, entry: entryOf(each) });
  const chains: Plan['chains'] = [];
  for (const [id, { files, listed, name }] of await assign(request.disks, machine, folders)) {
    const paths = listed.map(({ path: file }) => file);
    const chain = await resolveChain({ open: (file) => files.open(file), paths }, { diskId: id, file: name });
    refuseUnusable(chain);
    chains.push([id, chain, files]);
    for (const file of filesOf(chain)) {
      const entry = listed.find(({ path: candidate }) => candidate === file);
      if (entry) addCopy(copies, file, { files, entry });
    }
  }
  return { machine, chains, copies };
}

/** Each folder is opened and listed once, however many files are taken from it. */
class Folders {
  readonly #open = new Map<string, Promise<Folder>>();

  /** @throws usage.invalid */
  async given(file: string): Promise<Given> {
    const absolute = await realpath(file).catch((cause: unknown) => {
      throw new AscendError('usage.invalid', `There is no file ${file}.`, { context: { file }, cause });
    });
    const folder = path.dirname(absolute);
    const opened = this.#open.get(folder) ?? openListed(folder);
    this.#open.set(folder, opened);
    return { ...(await opened), name: path.basename(absolute) };
  }
}

async function openListed(folder: string): Promise<Folder> {
  const files = await openFolder(folder);
  return { files, listed: (await files.list()).files };
}

function entryOf({ files, listed, name }: Given): FileEntry {
  const entry = listed.find(({ path: file }) => file === name);
  if (entry) return entry;
  throw new AscendError('usage.invalid', `${name} in ${files.location} is not a regular file.`);
}

async function readMachine(
  metadata: readonly Given[],
  { vm, config }: CreateRequest,
  sources: readonly Source[],
): Promise<SourcedMachine> {
  const opened = await Promise.all(
    metadata.map(async (each) => {
      const entry = entryOf(each);
      refuseLarge(entry, each.files);
      return { entry, content: await readWhole(each.files, entry) };
    }),
  );
  const location = metadata.map(({ name }) => name).join(', ');
  const { machines } = readLoose(recogniseAll(opened, sources), config, location);
  const { chosen, findings } = chooseMachine(machines, vm, location);
  if (chosen) return chosen;
  const [open] = findings;
  throw new AscendError('usage.invalid', open?.message ?? '', { hint: open?.remedy ?? '' });
}

function refuseLarge({ path: name, sizeBytes }: FileEntry, { location }: BackupFiles): void {
  if (sizeBytes <= MAX_METADATA_BYTES) return;
  const message = `${name} in ${location} is ${sizeBytes} bytes long; metadata has ${MAX_METADATA_BYTES} at most.`;
  throw new AscendError('usage.invalid', message, {
    hint: 'Give the file that describes the machine after --machine, and its disks after --disk.',
  });
}

/** Which disk each given file is. @throws usage.invalid with what would decide it */
async function assign(
  disks: readonly string[],
  { machine, diskReferences, from }: SourcedMachine,
  folders: Folders,
): Promise<[string, Given][]> {
  const ids = machine.disks.map(({ id }) => id);
  const named = new Map<string, string>();
  const free: string[] = [];
  for (const text of disks) {
    const id = ids.find((candidate) => text.startsWith(`${candidate}=`));
    if (id === undefined) free.push(text);
    else named.set(id, text.slice(id.length + 1));
  }
  const byBase = new Map(free.map((file) => [path.basename(file), file]));
  const open = machine.disks.filter(({ id }) => !named.has(id));
  const names = new Map([...diskReferences].map(([id, reference]) => [id, reference.names]));
  const folder = from.slice(0, Math.max(0, from.lastIndexOf('/')));
  const matching = matchDisks({ disks: open, names, folder, files: [...byBase.keys()], chosen: {} });
  for (const [id, match] of matching) {
    if (match.kind === 'matched') named.set(id, byBase.get(match.match.file) ?? '');
  }
  const left = free.filter((file) => ![...named.values()].includes(file));
  const missing = ids.filter((id) => !named.has(id));
  if (left.length === 1 && missing.length === 1) named.set(missing[0] ?? '', left[0] ?? '');
  else if (left.length > 0) throw undecided(left, missing);
  const ordered = ids.filter((id) => named.has(id));
  return Promise.all(
    ordered.map(async (id): Promise<[string, Given]> => [id, await folders.given(named.get(id) ?? '')]),
  );
}

function undecided(files: readonly string[], ids: readonly string[]): AscendError {
  return new AscendError('usage.invalid', `Which disk is ${files.join(', ')}? Its name does not say.`, {
    hint: `Say so with --disk ID=FILE; the machine's disks that have no file yet: ${ids.join(', ') || 'none'}.`,
  });
}

function refuseUnusable({ usable, findings }: Chain): void {
  if (usable) return;
  const blocking = findings.filter(({ severity }) => severity === Severity.BLOCK);
  throw new AscendError('disk.invalid', blocking.map(({ message }) => message).join(' '), {
    hint: blocking[0]?.remedy ?? 'Use another copy of the disk.',
  });
}

function filesOf({ layers }: Chain): string[] {
  return layers.flatMap(({ file, dataFiles }) => [file, ...dataFiles.map((data) => data.path)]);
}

function addCopy(copies: Plan['copies'], name: string, copy: { files: BackupFiles; entry: FileEntry }): void {
  const earlier = copies.get(name);
  if (earlier && earlier.files.location !== copy.files.location) {
    throw new AscendError('usage.invalid', `Two different files are called ${name}.`, {
      hint: 'Rename one of them, or put both into folders below one.',
    });
  }
  copies.set(name, copy);
}

function manifestOf(
  { machine, chains, copies }: Plan,
  request: CreateRequest,
  files: Manifest['files'],
): Omit<Manifest, 'format' | 'formatVersion'> {
  const id = randomUUID();
  const layers = chains.flatMap(([, chain]) => chain.layers.map(({ file }) => file));
  const written = layers.map((file) => copies.get(file)?.entry.modifiedAt.getTime() ?? 0);
  const metadata = request.machine.map((file) => path.basename(file));
  return {
    id,
    platform: machine.machine.platform,
    machineName: machine.machine.name || path.parse(metadata[0] ?? 'machine').name,
    // The newest of the disks was written last: the machine's state is no older.
    capturedAt: new Date(Math.max(...written, 0)).toISOString(),
    parent: null,
    metadata,
    disks: chains.map(([diskId, chain]) => ({
      id: diskId,
      sizeBytes: Number(chain.sizeBytes ?? 0n),
      layers: chain.layers.map(({ file }) => ({ file, backup: id })),
    })),
    files,
  };
}
