/** A backup as the controller lists it: metadata and headers only, no disk is read. */
import path from 'node:path/posix';
import { asAscendError, type AscendError } from '../../proto/errors.ts';
import { block, warn } from '../../proto/finding.ts';
import { BackupEntry } from '../../proto/gen/ascend/v1/link.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { analyse, type Analysis } from '../pipeline/analyse.ts';
import type { FileEntry } from '../repositories/files.ts';
import type { OpenBackup } from '../repositories/open.ts';
import type { Source } from '../sources/source.ts';

export interface Place {
  repository: string;
  path: string;
  isBackupSet: boolean;
  /** Those of the backup itself. */
  files: readonly FileEntry[];
}

const NO_BACKUP: readonly string[] = ['source.unknown', 'source.no-machine', 'backup.not-found'];
// What a person reads through; the rest is shown by `analyse`.
const MAX_FINDINGS = 100;
// A machine with its findings is some 2 kB. The wire takes a MiB at a time.
const MAX_ENTRY_BYTES = 512 * 1024;
const LAST_YEAR = Date.UTC(9999, 0);
const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * Undefined where no backup is there. What cannot be used is listed with what is wrong with it.
 * @throws what may be better next time: a server that is away, an abort
 */
export async function describeBackup(
  place: Place,
  open: () => Promise<OpenBackup>,
  sources: readonly Source[],
): Promise<BackupEntry | undefined> {
  try {
    await using backup = await open();
    const analysis = await analyse(backup, sources);
    const id = analysis.manifest?.id ?? '';
    return small({ ...base(place, id), ...factsOf(analysis) });
  } catch (thrown) {
    const error = asAscendError(thrown);
    if (error.traits.retry === 'backoff' || error.code === 'run.cancelled') throw error;
    if (!place.isBackupSet && NO_BACKUP.includes(error.code)) return undefined;
    return unusable(place, error);
  }
}

/** `backupId`: what its manifest says; an order is refused where another backup lies there by then. */
function base({ repository, path: folder, files }: Place, backupId = ''): BackupEntry {
  const name = folder === '.' ? repository : path.basename(folder);
  return {
    ref: { repository, path: folder, backupId },
    platform: '',
    machineName: name,
    parentId: '',
    storedBytes: sum(files.map(({ sizeBytes }) => sizeBytes)),
    diskBytes: 0n,
    findings: [],
    filesModifiedAt: newest(files),
  };
}

function factsOf({ manifest, machine, candidates, findings }: Analysis): Partial<BackupEntry> {
  const platforms = new Set(candidates.map(({ platform }) => platform));
  const [only = ''] = platforms.size === 1 ? platforms : [];
  const described = machine && { machineName: machine.name, machine };
  const sizes = machine?.disks.map(({ sizeBytes }) => sizeBytes ?? 0n) ?? [];
  const loose = { platform: machine?.platform ?? only, diskBytes: sum(sizes), ...described };
  if (!manifest) return { ...loose, findings };
  return {
    machineName: manifest.machineName,
    ...described,
    platform: manifest.platform,
    capturedAt: new Date(manifest.capturedAt),
    parentId: manifest.parent?.id ?? '',
    storedBytes: sum(manifest.files.map(({ sizeBytes }) => sizeBytes)),
    diskBytes: sum(manifest.disks.map(({ sizeBytes }) => sizeBytes)),
    findings,
  };
}

function unusable(place: Place, { code, message, hint = '' }: AscendError): BackupEntry {
  return small({ ...base(place), findings: [block(code, place.path, message, hint)] });
}

function small(entry: BackupEntry): BackupEntry {
  // The gravest first, else in their order.
  const findings = entry.findings.toSorted((a, b) => b.severity - a.severity);
  const left = findings.length - MAX_FINDINGS;
  const cut = {
    ...entry,
    findings: left > 0 ? [...findings.slice(0, MAX_FINDINGS), more(entry, left)] : findings,
  };
  if (BackupEntry.encode(cut).finish().length <= MAX_ENTRY_BYTES) return cut;
  return { ...cut, machine: undefined, findings: [tooLarge(entry)] };
}

function more({ machineName }: BackupEntry, left: number): Finding {
  const message = `There are ${left} more findings.`;
  return warn('backup.more-findings', machineName, message, 'See them all: ascend-agent analyse PATH');
}

function tooLarge({ machineName }: BackupEntry): Finding {
  const message = 'The description of this machine is too large for the catalogue.';
  return block('backup.entry-too-large', machineName, message, 'Restore it with ascend-agent restore PATH.');
}

function newest(files: readonly FileEntry[]): Date | undefined {
  const times = files.map(({ modifiedAt }) => modifiedAt.getTime());
  const time = times.reduce((latest, each) => Math.max(latest, each), -Infinity);
  // File systems hold times that no calendar has.
  return time > 0 && time < LAST_YEAR ? new Date(time) : undefined;
}

function sum(bytes: readonly (number | bigint)[]): bigint {
  const total = bytes.reduce<bigint>((all, size) => all + BigInt(size), 0n);
  return total < MAX_UINT64 ? total : MAX_UINT64;
}
