/**
 * Which file of a backup is which disk of its machine. Metadata calls a disk by the path it had on the platform, or by
 * an identifier; a backup tool may have converted it and named the copy after the original, or after the identifier.
 * Rules from the surest to the weakest; within one rule two answers are none.
 */
import type { Disk } from '../../proto/gen/ascend/v1/machine.ts';

export interface Match {
  file: string;
  /** Undefined where the metadata names the file; else what was concluded, for a finding. */
  because: string | undefined;
}

export type Matching =
  | { kind: 'matched'; match: Match }
  /** Several files fit equally well. */
  | { kind: 'ambiguous'; files: string[] }
  | { kind: 'missing' };

export interface MatchRequest {
  disks: readonly Disk[];
  /** By disk id: names as the metadata has them. */
  names: ReadonlyMap<string, readonly string[]>;
  /** Folder of the file that describes the machine, relative to the backup; "" for the backup's own. */
  folder: string;
  /** Files that may be the newest layer of a disk. */
  files: readonly string[];
  /** What the user said: disk id to file. */
  chosen: Readonly<Record<string, string>>;
}

export function matchDisks({ disks, names, folder, files, chosen }: MatchRequest): Map<string, Matching> {
  const found = new Map<string, Matching>();
  for (const { id } of disks) {
    const decided = Object.hasOwn(chosen, id) ? chosen[id] : undefined;
    found.set(id, decided === undefined ? matchByName(names.get(id) ?? [], folder, files) : given(decided));
  }
  const free = () => {
    const taken = new Set([...found.values()].map(fileOf));
    return files.filter((file) => !taken.has(file));
  };
  for (const disk of disks) {
    if (found.get(disk.id)?.kind === 'missing') found.set(disk.id, matchById(disk, free()));
  }
  return found;
}

/** Two disks must not be given one file: the later one is told that the first has it. */
export function sharedFiles(matching: ReadonlyMap<string, Matching>): [file: string, ids: string[]][] {
  const byFile = new Map<string, string[]>();
  for (const [id, match] of matching) {
    const file = fileOf(match);
    if (file !== undefined) byFile.set(file, [...(byFile.get(file) ?? []), id]);
  }
  return [...byFile].filter(([, ids]) => ids.length > 1);
}

function fileOf(matching: Matching): string | undefined {
  return matching.kind === 'matched' ? matching.match.file : undefined;
}

function given(file: string): Matching {
  return { kind: 'matched', match: { file, because: undefined } };
}

type Rule = (name: string, folder: string, file: string) => boolean;

const RULES: readonly Rule[] = [
  (name, folder, file) => file === (folder === '' ? name : `${folder}/${name}`),
  (name, folder, file) => folderOf(file) === folder && baseName(file) === baseName(name),
  (name, _folder, file) => baseName(file) === baseName(name),
  (name, _folder, file) => baseName(file).toLowerCase() === baseName(name).toLowerCase(),
  // web01.vmdk, converted: web01.qcow2 or web01.vmdk.qcow2
  (name, folder, file) => folderOf(file) === folder && isConverted(baseName(name), baseName(file)),
  (name, _folder, file) => isConverted(baseName(name), baseName(file)),
  (name, _folder, file) => isIdentifier(baseName(name)) && hasToken(baseName(file), baseName(name)),
];

function matchByName(names: readonly string[], folder: string, files: readonly string[]): Matching {
  for (const rule of RULES) {
    for (const name of names.map(plainName)) {
      const fitting = name === '' ? [] : files.filter((file) => rule(name, folder, file));
      const [file] = fitting;
      if (fitting.length > 1) return { kind: 'ambiguous', files: fitting };
      if (file !== undefined) return given(file);
    }
  }
  return { kind: 'missing' };
}

/** A file called after the disk's own address: `scsi0-0.qcow2` for scsi0:0, `web01-sda1.raw` for /dev/sda1. */
function matchById({ id }: Disk, files: readonly string[]): Matching {
  const address = id.replace(/^\/dev\//, '').replaceAll(/[^A-Za-z0-9]+/g, '-');
  const fitting = files.filter((file) => hasToken(baseName(file).replaceAll(/[_:.]+/g, '-'), address));
  const [file] = fitting;
  if (fitting.length > 1) return { kind: 'ambiguous', files: fitting };
  if (file === undefined) return { kind: 'missing' };
  return { kind: 'matched', match: { file, because: `its name holds the disk's address ${address}` } };
}

/** `[ds1] web01/web01.vmdk`, `C:\VMs\web01.vhdx`, `./web01.vmdk` and URLs as plain paths. */
function plainName(name: string): string {
  return name
    .replace(/^\[[^\]]*\]\s*/, '')
    .replaceAll('\\', '/')
    .replace(/^(\.\/)+/, '');
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

function folderOf(file: string): string {
  return file.slice(0, Math.max(0, file.lastIndexOf('/')));
}

/** Endings of disk files, which a conversion changes. */
const DISK_ENDING = /\.(qcow2?|vmdk|vhdx?|avhdx?|raw|img|bin|vdi)$/i;

export function hasDiskEnding(file: string): boolean {
  return DISK_ENDING.test(file);
}

function stemOf(base: string): string {
  return base.replace(DISK_ENDING, '').toLowerCase();
}

function isConverted(original: string, copy: string): boolean {
  if (!hasDiskEnding(copy)) return false;
  return stemOf(copy) === stemOf(original) || stemOf(copy) === original.toLowerCase();
}

/** Long enough not to be in another name by chance: a UUID, vol-0abc1234. */
function isIdentifier(name: string): boolean {
  return name.length >= 8 && /\d/.test(name) && /^[A-Za-z0-9-]+$/.test(name);
}

function hasToken(base: string, token: string): boolean {
  if (token === '') return false;
  const at = base.toLowerCase().indexOf(token.toLowerCase());
  if (at < 0) return false;
  const isPart = (character: string | undefined) => character !== undefined && /[A-Za-z0-9]/.test(character);
  return !isPart(base[at - 1]) && !isPart(base[at + token.length]);
}
