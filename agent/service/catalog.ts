/** Keeps the catalogue as the repositories are: looks through them, and analyses what is new or has changed. */
import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { boundaryAmong } from '../pipeline/open.ts';
import { entriesBelow, entryAt } from '../repositories/below.ts';
import { findCandidates, type Candidate } from '../repositories/candidates.ts';
import type { FileEntry } from '../repositories/files.ts';
import type { BoundaryOf } from '../repositories/open.ts';
import { openRepository, type OpenRepository, type Repository } from '../repositories/repository.ts';
import type { Source } from '../sources/source.ts';
import type { Catalog, Observation } from '../state/catalog.ts';
import { describeBackup } from './backup-entry.ts';

export interface CatalogWork {
  repositories: readonly Repository[];
  sources: readonly Source[];
  catalog: Catalog;
  /** Of the agent: another release may understand more, so it looks at everything anew. */
  version: string;
  signal: AbortSignal;
  /** A repository, or a backup of it, could not be looked at: what is known of it stays. */
  onFailure: (repository: Repository, failure: unknown) => void;
}

/** A candidate that is new or has changed. */
interface News extends Candidate {
  signature: string;
  files: readonly FileEntry[];
}

// Analysis waits for a disk or a server most of the time, and holds up to 64 MB of metadata in memory.
const PARALLEL = 4;
// What is analysed is written down this often: each time waits for the disk.
const BATCH = 64;
// So many signatures take some 10 ms.
const SIGNATURES_AT_ONCE = 500;

/** @throws when the signal aborts */
export async function scanRepositories(work: CatalogWork): Promise<void> {
  const { repositories, catalog, signal, onFailure } = work;
  const names = new Set(repositories.map(({ name }) => name));
  for (const name of catalog.repositories()) {
    if (!names.has(name)) catalog.forget(name, [...catalog.known(name).keys()]);
  }
  for (const repository of repositories) {
    try {
      await scanRepository(repository, work);
    } catch (failure) {
      signal.throwIfAborted();
      onFailure(repository, failure);
    }
  }
  catalog.complete();
}

async function scanRepository(repository: Repository, work: CatalogWork): Promise<void> {
  const { catalog, signal } = work;
  await using open = await openRepository(repository, signal);
  const boundaryOf = boundaryAmong(work.sources);
  const { files, unreadable } = await open.walk();
  const isLayout = (paths: readonly string[]) =>
    work.sources.some((source) => source.recogniseLayout?.(paths) !== undefined);
  const candidates = findCandidates(files, isLayout);
  const gone = catalog.known(repository.name);
  const news: News[] = [];
  for (const [index, candidate] of candidates.entries()) {
    if (index % SIGNATURES_AT_ONCE === 0) await breathe(undefined, { signal });
    const signature = signatureOf(candidate, files, boundaryOf, work.version);
    if (gone.get(candidate.path) !== signature) {
      news.push({ ...candidate, signature, files: filesOf(candidate, files) });
    }
    gone.delete(candidate.path);
  }
  const isKnownGone = (path: string) => !unreadable.some((folder) => `${path}/`.startsWith(`${folder}/`));
  catalog.forget(repository.name, [...gone.keys()].filter(isKnownGone));
  for (let from = 0; from < news.length; from += BATCH) {
    catalog.record(await observe(news.slice(from, from + BATCH), repository, open, work));
  }
}

async function observe(
  news: News[],
  repository: Repository,
  open: OpenRepository,
  work: CatalogWork,
): Promise<Observation[]> {
  const { sources, signal, onFailure } = work;
  const observed: Observation[] = [];
  const waiting = [...news];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      signal.throwIfAborted();
      const place = { repository: repository.name, path: next.path };
      const { signature, files, isBackupSet } = next;
      try {
        const openIt = () => open.open(place.path, boundaryAmong(sources));
        const entry = await describeBackup({ ...place, files, isBackupSet }, openIt, sources);
        observed.push({ ...place, signature, entry });
      } catch (failure) {
        signal.throwIfAborted();
        onFailure(repository, failure);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return observed;
}

/** Changes when anything changes that the analysis of this candidate may look at. */
function signatureOf(
  { path }: Candidate,
  files: readonly FileEntry[],
  boundaryOf: BoundaryOf,
  version: string,
): string {
  const wider = boundaryOf(`/${path}`)?.slice(1);
  const read = filesOf({ path: wider === undefined ? path : wider || '.' }, files);
  const hash = createHash('sha256').update(version);
  for (const file of read) hash.update(`\n${file.path}\t${file.sizeBytes}\t${file.version}`);
  return hash.digest('base64url');
}

/** Of a folder, or an archive by itself. */
function filesOf({ path }: Pick<Candidate, 'path'>, files: readonly FileEntry[]): readonly FileEntry[] {
  if (path === '.') return files;
  const archive = entryAt(files, path);
  return archive ? [archive] : entriesBelow(files, path);
}
