/** Whether every file of a backup is what it should be, byte for byte. Each file is read once, several at a time. */
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { info } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { MANIFEST_NAME } from './backup-set.ts';
import type { Expectation } from './expectations.ts';
import type { BackupFiles, FileEntry } from './files.ts';
import { HashThread } from './hash-thread.ts';
import { proveFile, type Check, type Means, type ProvenFiles } from './prove-file.ts';
import { isSidecar } from './sidecar.ts';

export interface Verifiable {
  files: Pick<BackupFiles, 'open' | 'place'>;
  /** The files that belong to the backup. */
  entries: readonly FileEntry[];
  expectations: readonly Expectation[];
}

export interface IntegrityOptions {
  signal: AbortSignal;
  /** Hears the bytes that were proven since the last call, also those of files that `done` remembers. */
  onBytes: (bytes: number) => void;
}

export interface VerifyOptions extends IntegrityOptions {
  /** How many cores to use; all if absent. */
  parallel?: number;
  /** Lets an interrupted verification go on: files that were proven and have not changed since are not read again. */
  done?: ProvenFiles;
}

export interface Verification {
  /** What is wrong, with severity block, in the order of the paths; then what nothing is known about. */
  findings: Finding[];
  /** Files whose bytes are what was expected. */
  proven: number;
  /** Files that nothing was expected of. */
  unknown: number;
}

// Four threads hash 5 GB/s, more than disks and networks give; each takes 25 MiB of memory.
const MAX_THREADS = 4;
// What the main thread hashes while a thread starts.
const WORTH_A_THREAD = 64 * 1024 * 1024;
// Small files and those of a bucket: waiting for one, the main thread hashes another.
const MAIN_LANES = 4;

/** @throws run.cancelled, and what a bucket throws that does not answer */
export async function verify(backup: Verifiable, options: VerifyOptions): Promise<Verification> {
  const checks = checksOf(backup);
  const problems = new Map<Check, Finding[]>();
  const failure = new AbortController();
  const means = {
    files: backup.files,
    done: options.done,
    onBytes: options.onBytes,
    signal: AbortSignal.any([options.signal, failure.signal]),
  };
  const threads = Math.min(options.parallel ?? availableParallelism(), MAX_THREADS);
  // The largest first, so that the last to be done is short.
  const large = checks.filter(isLarge).sort((a, b) => sizeOf(b) - sizeOf(a));
  const small = checks.filter((check) => !isLarge(check));
  const lanes = [
    ...lanesOf(threads, large, (queue) => threadLane(queue, means, problems)),
    ...lanesOf(MAIN_LANES, small, (queue) => lane(queue, means, problems)),
  ];
  try {
    await Promise.all(lanes);
  } catch (error) {
    // The other lanes end before whoever called closes their files.
    failure.abort();
    await Promise.allSettled(lanes);
    throw error;
  }
  return verdict(backup, checks, problems);
}

function checksOf({ entries, expectations }: Verifiable): Check[] {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const checks = new Map<string, Check>();
  for (const expectation of expectations) {
    const { path } = expectation;
    const check = checks.get(path) ?? { path, entry: byPath.get(path), expected: [] };
    check.expected.push(expectation);
    checks.set(path, check);
  }
  return [...checks.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function sizeOf({ entry }: Check): number {
  return entry?.sizeBytes ?? 0;
}

function isLarge(check: Check): boolean {
  return sizeOf(check) >= WORTH_A_THREAD;
}

/** Lanes take from one queue until it is empty. */
function lanesOf(most: number, checks: Check[], start: (queue: Check[]) => Promise<void>): Promise<void>[] {
  const queue = [...checks];
  return Array.from({ length: Math.min(Math.max(most, 1), checks.length) }, () => start(queue));
}

async function threadLane(queue: Check[], means: Means, problems: Map<Check, Finding[]>): Promise<void> {
  await using thread = new HashThread();
  await lane(queue, { ...means, thread }, problems);
}

async function lane(queue: Check[], means: Means, problems: Map<Check, Finding[]>): Promise<void> {
  for (let check = queue.shift(); check; check = queue.shift()) {
    problems.set(check, await proveFile(check, means));
  }
}

function verdict(
  { entries }: Verifiable,
  checks: readonly Check[],
  problems: ReadonlyMap<Check, Finding[]>,
): Verification {
  const expected = new Set(checks.map(({ path }) => path));
  // Lists of checksums are not in any list themselves.
  const unknown = entries.filter(
    ({ path }) => !expected.has(path) && basename(path) !== MANIFEST_NAME && !isSidecar(path),
  );
  const findings = checks.flatMap((check) => problems.get(check) ?? []);
  return {
    findings: unknown.length === 0 ? findings : [...findings, nothingKnown(unknown)],
    proven: checks.filter((check) => problems.get(check)?.length === 0).length,
    unknown: unknown.length,
  };
}

function nothingKnown(entries: readonly FileEntry[]): Finding {
  const some = entries.slice(0, 3).map(({ path }) => path);
  const names = some.join(', ') + (entries.length > some.length ? ', ...' : '');
  return info(
    'backup.no-checksum',
    some[0] ?? '',
    `There is no checksum to compare ${entries.length} files with (${names}): that they are whole is not proven.`,
    'Lay a file with their SHA-256 beside them (sha256sum FILE > FILE.sha256) when a backup is taken.',
  );
}
