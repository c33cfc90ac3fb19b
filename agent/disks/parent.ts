/** The layer that a disk's newest file builds on: found inside the backup, and proven to be the one that is meant. */
import { block } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Layer } from './chain.ts';
import { HOSTILE, REPLACE } from './disk-findings.ts';
import type { DiskFormat, ParentHint } from './disk-header.ts';
import { locateByHints, locateExactly, type Place } from './locate.ts';

/** qemu's names of formats. */
const FORMATS: Readonly<Record<string, DiskFormat>> = {
  qcow2: 'qcow2',
  raw: 'raw',
  vmdk: 'vmdk',
  vpc: 'vhd',
  vhd: 'vhd',
  vhdx: 'vhdx',
};

export function formatNamed(name: string | undefined): DiskFormat | undefined {
  return name !== undefined && Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
}

/**
 * The parent's path in the backup, which need not exist; undefined for a base and where a finding blocks.
 * `listed`: what a manifest lists below this layer, `expected` undefined for the base.
 */
export function findParent(
  { file, header }: Layer,
  paths: readonly string[],
  listed: { expected: string | undefined } | undefined,
  findings: Finding[],
): string | undefined {
  const { parent } = header;
  const place = parent && locate(file, header.format, parent, paths, listed?.expected);
  if (place?.kind === 'outside') findings.push(outside(file, header.format, place.name));
  else if (listed && (place?.kind === 'at' ? place.path : undefined) !== listed.expected)
    findings.push(notAsListed(file, listed.expected, parent));
  else if (place?.kind === 'ambiguous') findings.push(ambiguous(file, place.paths));
  else if (place?.kind === 'unnamed') findings.push(unnamed(file));
  else return place?.path;
  return undefined;
}

function locate(
  file: string,
  format: DiskFormat,
  { names }: ParentHint,
  paths: readonly string[],
  expected: string | undefined,
): Place {
  // A QCOW2 file records no identity, so its name must lead there by itself.
  const [name] = names;
  if (format === 'qcow2' && name !== undefined) return locateExactly(file, name);
  return locateByHints(file, names, paths, expected);
}

/** What a child says of its parent, held against the parent. */
export function proveParent(child: Layer, parent: Layer): Finding[] {
  const hint = child.header.parent;
  const stated = hint?.format;
  const { format } = parent.header;
  if (stated === undefined && format !== 'qcow2') {
    const message = `${child.file} does not say that its backing file ${parent.file} is ${format}.`;
    return [block('disk.backing-format', child.file, message, HOSTILE)];
  }
  if (stated !== undefined && formatNamed(stated) !== format) {
    const message = `${child.file} calls its backing file ${JSON.stringify(stated)}, not ${format}.`;
    return [block('disk.backing-format', child.file, message, HOSTILE)];
  }
  if (hint?.identity === undefined || hint.identity === parent.header.identity) return [];
  const message = `${child.file} builds on ${parent.file} with the id ${hint.identity}, but that has ${parent.header.identity ?? 'none'}: it is another disk, or was changed since.`;
  return [block('disk.parent-changed', child.file, message, REPLACE)];
}

function outside(file: string, format: DiskFormat, name: string): Finding {
  const shown = JSON.stringify(name);
  return format === 'qcow2'
    ? block(
        'disk.backing-outside-backup',
        file,
        `${file} names ${shown} as its backing file, which is outside the backup.`,
        HOSTILE,
      )
    : block(
        'disk.backing-outside-backup',
        file,
        `${file} builds on ${shown}, and no file of that name is in the backup.`,
        `Add the file if the backup lacks it. If nothing is known of it: ${HOSTILE}`,
      );
}

function notAsListed(file: string, expected: string | undefined, parent: ParentHint | undefined): Finding {
  const shown = JSON.stringify(parent?.names[0] ?? null);
  const message =
    expected === undefined
      ? `${file} is the base of its disk in the manifest, but names ${shown} as its backing file.`
      : `${file} should build on ${expected}, but names ${shown}.`;
  return block('disk.chain-broken', file, message, REPLACE);
}

function ambiguous(file: string, paths: readonly string[]): Finding {
  const message = `${file} builds on a file of which the backup has several: ${paths.slice(0, 10).join(', ')}.`;
  const remedy = 'Leave only the right one in the backup, best in the same folder.';
  return block('disk.parent-ambiguous', file, message, remedy);
}

function unnamed(file: string): Finding {
  const message = `${file} builds on another file, but does not say which.`;
  return block('disk.chain-broken', file, message, REPLACE);
}
