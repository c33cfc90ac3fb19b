/** Whether one file is what it should be. */
import { AscendError } from '../../proto/errors.ts';
import { block, warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { OpenError } from '../host/regular-file.ts';
import type { Expectation } from './expectations.ts';
import type { BackupFiles, FileEntry } from './files.ts';
import type { HashThread } from './hash-thread.ts';
import { digestsOf, type Algorithm, type Digests, type HashOptions } from './hash.ts';

/** One file and all that is expected of it. */
export interface Check {
  path: string;
  /** Absent where the file is not among those of the backup. */
  entry: FileEntry | undefined;
  expected: Expectation[];
}

/**
 * Files that were proven before. A file counts as a whole: Node cannot save the state of a half-made SHA-256, so that a
 * file whose reading was interrupted is read from its start again.
 */
export interface ProvenFiles {
  recall(key: string): string | undefined;
  record(key: string, digest: string): void;
}

export interface Means extends HashOptions {
  files: Pick<BackupFiles, 'open' | 'place'>;
  done?: ProvenFiles | undefined;
  /** Hashes where the file is large and a local one. */
  thread?: HashThread | undefined;
}

// A bucket answers after 10 to 100 ms, however much it was asked for.
const REMOTE_BLOCK_BYTES = 4 * 1024 * 1024;

/** What is wrong with it; nothing if the file is proven. @throws run.cancelled */
export async function proveFile(check: Check, means: Means): Promise<Finding[]> {
  const { path, entry, expected } = check;
  const wrongSize = entry && sizeProblem(entry, expected);
  if (wrongSize) return [wrongSize];
  if (entry && expected.every((one) => means.done?.recall(keyOf(entry, one)) === one.digest)) {
    means.onBytes?.(entry.sizeBytes);
    return [];
  }
  try {
    const digests = await hash(path, new Set(expected.map(({ algorithm }) => algorithm)), means);
    const wrong = expected.filter(({ algorithm, digest }) => digests.get(algorithm) !== digest);
    for (const one of expected)
      if (entry && !wrong.includes(one)) means.done?.record(keyOf(entry, one), one.digest);
    return wrong.map(differs);
  } catch (error) {
    return [unusable(path, expected, error)];
  }
}

/** The version in it changes with the content, so that only the same bytes are ever recalled. */
function keyOf({ path, version }: FileEntry, { algorithm }: Expectation): string {
  return `${algorithm}:${path}@${version}`;
}

async function hash(path: string, algorithms: Set<Algorithm>, means: Means): Promise<Digests> {
  const { files, thread, signal, onBytes } = means;
  const hooks = { ...(signal && { signal }), ...(onBytes && { onBytes }) };
  const place = await files.place(path);
  if (place && thread) return await thread.digests({ place, algorithms: [...algorithms] }, hooks);
  await using reader = await files.open(path);
  const options = place ? hooks : { ...hooks, blockBytes: REMOTE_BLOCK_BYTES };
  return await digestsOf((offset, length) => reader.read(offset, length), algorithms, options);
}

const AGAIN =
  'Copy this file again from where the backup came from; if it is the same there, use an earlier backup.';

function sizeProblem({ path, sizeBytes }: FileEntry, expected: readonly Expectation[]): Finding | undefined {
  const other = expected.find((one) => one.sizeBytes !== undefined && one.sizeBytes !== sizeBytes);
  if (!other) return undefined;
  const message = `${path} is ${sizeBytes} bytes long; ${sourceOf(other)} says ${other.sizeBytes}.`;
  return block('backup.file-size', path, message, AGAIN);
}

function differs(expectation: Expectation): Finding {
  const { path, algorithm, from } = expectation;
  const name = algorithm.toUpperCase().replace('SHA', 'SHA-');
  return block(
    'backup.checksum',
    path,
    `${path} is not the file that was backed up: its ${name} is not the one in ${sourceOf(expectation)}.`,
    from === undefined ? AGAIN : `${AGAIN} If it was changed on purpose, take its line out of ${from}.`,
  );
}

/** One file that cannot be read leaves the others to be proven; anything else ends the verification. */
function unusable(path: string, expected: readonly Expectation[], error: unknown): Finding {
  if (error instanceof AscendError) throw error;
  const { code, errno } = error as NodeJS.ErrnoException;
  const isSystem = typeof errno === 'number' && code !== undefined;
  if (!(error instanceof OpenError) && !isSystem) throw error;
  const problem = error instanceof OpenError ? error.problem : `reading it failed with ${code}`;
  const message = `${path} is of no use: ${problem}.`;
  const [first] = expected;
  // A list of checksums may name what was never part of the backup; a manifest does not.
  if (
    problem === 'missing' &&
    first?.from !== undefined &&
    expected.every(({ from }) => from !== undefined)
  ) {
    return warn('backup.file-missing', path, `${first.from} lists ${path}, which is not there.`, AGAIN);
  }
  return block('backup.file-unusable', path, message, AGAIN);
}

function sourceOf({ from }: Expectation): string {
  return from ?? 'the manifest';
}
