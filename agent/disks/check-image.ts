/** `qemu-img check` of a chain's files: what their tables say of themselves, which headers alone do not show. */
import { AscendError } from '../../proto/errors.ts';
import { block, info, warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Exec } from '../exec.ts';
import type { FilePlace } from '../repositories/files.ts';
import type { Chain, Layer } from './chain.ts';
import { REPLACE } from './disk-findings.ts';

export interface CheckContext {
  exec: Exec;
  signal: AbortSignal;
  /** As of `BackupFiles`. */
  place(path: string): Promise<FilePlace | undefined>;
  /** For each file. */
  timeoutMs?: number;
}

// 16 bits for each cluster of the file: 1 GiB serves 30 TiB in clusters of 64 KiB. A hostile file in clusters of 512
// bytes wants 128 times as much, and is told that it could not be checked.
const MAX_MEMORY_BYTES = 1024 ** 3;
// A healthy disk of 1 TiB has 128 MiB of tables: seconds from a disk, half a minute from a slow share.
const TIMEOUT_MS = 5 * 60 * 1000;
const EXIT = { incomplete: 1, corrupt: 2, leaks: 3 } as const;

/**
 * Only of a usable chain, whose files are known to lead nowhere else. Files that no program can read by themselves
 * (in a bucket) and formats that qemu does not check are passed over.
 * @throws host.tool-missing, run.cancelled
 */
export async function checkImages(chain: Chain, context: CheckContext): Promise<Finding[]> {
  if (!chain.usable) return [];
  const findings: Finding[] = [];
  for (const layer of chain.layers) {
    if (!isCheckable(layer)) continue;
    const place = await context.place(layer.file);
    if (place) findings.push(...(await checkImage(layer, place, context)));
  }
  return findings;
}

/** qemu checks no VHD and no raw disk; a VMDK in several files is opened by the names in it, which are not followed. */
function isCheckable({ header, dataFiles }: Layer): boolean {
  if (header.format === 'qcow2') return true;
  if (header.format === 'vmdk') return dataFiles.length === 0;
  return header.format === 'vhdx' && header.variant !== 'differencing';
}

async function checkImage(layer: Layer, place: FilePlace, context: CheckContext): Promise<Finding[]> {
  const limit = [`--as=${MAX_MEMORY_BYTES}`, '--', 'qemu-img'];
  const args = ['check', '--output', 'json', imageOf(layer, place)];
  try {
    await context.exec('prlimit', [...limit, ...args], {
      signal: context.signal,
      timeoutMs: context.timeoutMs ?? TIMEOUT_MS,
    });
    return [];
  } catch (error) {
    if (error instanceof AscendError && error.code === 'host.tool-missing') throw qemuImgMissing(error);
    if (!(error instanceof AscendError) || error.code !== 'host.command-failed') throw error;
    return resultFindings(layer.file, error);
  }
}

/** prlimit comes with setpriv, without which nothing runs: what it could not start is missing. */
function qemuImgMissing(cause: AscendError): AscendError {
  return new AscendError('host.tool-missing', 'qemu-img is not installed on this conversion host.', {
    context: { program: 'qemu-img' },
    hint: 'Install it: apt-get install qemu-utils',
    cause,
  });
}

/** The format as we read it and no backing file, whatever the file says. */
function imageOf({ header }: Layer, { file, offset, sizeBytes }: FilePlace): string {
  const whole = { driver: 'file', filename: file, locking: 'off' };
  // A member of an archive is a part of a file; a whole file is never cut, because its size may still be read.
  const part = offset === 0 ? whole : { driver: 'raw', offset, size: sizeBytes, file: whole };
  const backing = header.parent ? { backing: null } : {};
  return `json:${JSON.stringify({ driver: header.format, file: part, 'read-only': true, ...backing })}`;
}

function resultFindings(file: string, error: AscendError): Finding[] {
  const { exitCode } = error.context;
  if (exitCode === EXIT.corrupt) {
    const count = countOf(error, 'corruptions');
    const message = `${file} is damaged: qemu-img check finds ${count ?? 'several'} errors in its tables.`;
    return [block('disk.corrupt', file, message, REPLACE)];
  }
  if (exitCode === EXIT.leaks) {
    const count = countOf(error, 'leaks');
    const message = `${file} has ${count ?? 'some'} clusters that nothing uses: they take room and do no harm.`;
    return [info('disk.leaks', file, message, 'Nothing to do.')];
  }
  const remedy = `Run "qemu-img check" on a copy of it to see more. ${REPLACE}`;
  if (exitCode === EXIT.incomplete || wasCutShort(error)) {
    const message = `${file} does not pass qemu-img check: ${firstLineOf(error)}`;
    return [block('disk.corrupt', file, message, remedy)];
  }
  return [warn('disk.unchecked', file, `${file} could not be checked within its time and memory.`, remedy)];
}

/** Only errors are that long: there is a line for each of them. */
function wasCutShort({ cause }: AscendError): boolean {
  return (cause as { isMaxBuffer?: boolean }).isMaxBuffer === true;
}

function countOf({ cause }: AscendError, key: string): number | undefined {
  const { stdout } = cause as { stdout?: unknown };
  if (typeof stdout !== 'string') return undefined;
  try {
    const count = (JSON.parse(stdout) as Record<string, unknown>)[key];
    return typeof count === 'number' ? count : undefined;
  } catch {
    // Cut short: the exit code has said what matters.
    return undefined;
  }
}

function firstLineOf({ cause }: AscendError): string {
  const { stderr } = cause as { stderr?: unknown };
  const line = typeof stderr === 'string' ? (stderr.trim().split('\n', 1)[0] ?? '') : '';
  return line.slice(0, 500);
}
