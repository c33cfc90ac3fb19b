/** Proves that a disk's chain is whole and refers to nothing but files of its own backup, before qemu opens any of it. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { asAscendError } from '../../proto/errors.ts';
import { block, info } from '../../proto/finding.ts';
import { Severity, type Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { OpenError, openRegularFile } from '../host/regular-file.ts';
import { readQcow2Header, type Qcow2Header } from './qcow2.ts';

export interface ChainSpec {
  id: string;
  sizeBytes: number;
  /** Base first, each path relative to the backup's folder. */
  layers: readonly { file: string }[];
}

export interface Chain {
  diskId: string;
  /** Absolute path of the newest layer: what an overlay is put on. Undefined where a finding blocks. */
  top: string | undefined;
  /** Virtual size as the newest layer's header states it. */
  sizeBytes: bigint | undefined;
  findings: Finding[];
}

const REPLACE = 'Take the backup again, or copy this file again from where it came from.';
const HOSTILE =
  'Do not restore this backup before you know how it came by this file: it may have been tampered with.';

/** Reads every header of one disk's chain. Never throws for what the backup holds: that becomes findings. */
export async function checkChain(folder: string, disk: ChainSpec): Promise<Chain> {
  const findings: Finding[] = [];
  const root = await realpath(folder);
  let top: { path: string; header: Qcow2Header } | undefined;
  let previous: string | undefined;
  for (const { file } of disk.layers) {
    top = await checkLayer(root, file, previous, findings);
    previous = file;
  }
  if (top && top.header.sizeBytes !== BigInt(disk.sizeBytes)) {
    findings.push(
      block(
        'disk.size-mismatch',
        previous ?? disk.id,
        `The manifest says ${disk.sizeBytes} bytes for disk ${disk.id}, the disk itself ${top.header.sizeBytes}.`,
        REPLACE,
      ),
    );
  }
  const usable = findings.every((finding) => finding.severity !== Severity.BLOCK);
  return { diskId: disk.id, top: usable ? top?.path : undefined, sizeBytes: top?.header.sizeBytes, findings };
}

async function checkLayer(
  folder: string,
  file: string,
  previous: string | undefined,
  findings: Finding[],
): Promise<{ path: string; header: Qcow2Header } | undefined> {
  try {
    await using handle = await openRegularFile(folder, file);
    const header = await readQcow2Header(handle, file);
    findings.push(...headerFindings(file, header), ...backingFindings(file, header, previous));
    return { path: path.join(folder, file), header };
  } catch (cause) {
    findings.push(cause instanceof OpenError ? openFinding(file, cause) : readFinding(file, cause));
    return undefined;
  }
}

function openFinding(file: string, { problem }: OpenError): Finding {
  switch (problem) {
    case 'missing':
      return block('disk.missing', file, `${file} is missing from the backup.`, REPLACE);
    case 'symlink':
      return block('disk.symlink', file, `${file} is a symbolic link, or lies behind one.`, HOSTILE);
    case 'not-a-file':
      return block('disk.not-a-file', file, `${file} is not a regular file.`, HOSTILE);
    case 'unreadable':
      return block(
        'disk.unreadable',
        file,
        `${file} cannot be opened.`,
        'Give the agent the right to read it.',
      );
  }
}

function readFinding(file: string, cause: unknown): Finding {
  const { code, message, hint = REPLACE } = asAscendError(cause);
  return block(code === 'disk.invalid' ? 'disk.invalid' : 'disk.unreadable', file, message, hint);
}

function headerFindings(file: string, header: Qcow2Header): Finding[] {
  const findings: Finding[] = [];
  if (header.externalDataFile) {
    findings.push(
      block(
        'disk.external-data-file',
        file,
        `${file} keeps its data in another file, which a backup may not.`,
        HOSTILE,
      ),
    );
  }
  if (header.encrypted) {
    findings.push(
      block(
        'disk.encrypted',
        file,
        `${file} is encrypted.`,
        'Decrypt it with qemu-img convert and take the result into the backup.',
      ),
    );
  }
  if (header.corrupt) {
    findings.push(block('disk.corrupt', file, `${file} is marked as corrupt by qemu.`, REPLACE));
  }
  if (header.internalSnapshots > 0) {
    const count = header.internalSnapshots;
    const message = `${file} holds ${count} internal snapshot${count === 1 ? '' : 's'}; the newest state is restored.`;
    findings.push(info('disk.internal-snapshots', file, message, 'Nothing to do.'));
  }
  return findings;
}

function backingFindings(file: string, header: Qcow2Header, previous: string | undefined): Finding[] {
  const expected = previous && path.posix.relative(path.posix.dirname(file), previous);
  const actual = header.backingFile;
  if (
    actual === expected &&
    (actual === undefined || header.backingFormat === undefined || header.backingFormat === 'qcow2')
  ) {
    return [];
  }
  const shown = JSON.stringify(actual ?? null);
  if (actual !== undefined && leavesBackup(file, actual)) {
    return [
      block(
        'disk.backing-outside-backup',
        file,
        `${file} names ${shown} as its backing file, which is outside the backup.`,
        HOSTILE,
      ),
    ];
  }
  if (actual === expected) {
    return [
      block(
        'disk.backing-format',
        file,
        `${file} calls its backing file ${JSON.stringify(header.backingFormat)}, not qcow2.`,
        HOSTILE,
      ),
    ];
  }
  return [
    block(
      'disk.chain-broken',
      file,
      expected === undefined
        ? `${file} is the base of its disk in the manifest, but names ${shown} as its backing file.`
        : `${file} should build on ${expected}, but names ${shown}.`,
      REPLACE,
    ),
  ];
}

/** qemu takes `protocol:rest` and absolute names as they are, and everything else relative to the file itself. */
function leavesBackup(file: string, backing: string): boolean {
  if (path.posix.isAbsolute(backing) || /^[^/]*:/.test(backing)) return true;
  return path.posix.join(path.posix.dirname(file), backing).startsWith('..');
}
