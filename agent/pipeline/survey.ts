/** What lies in a backup: which files describe machines, which hold disks, and which cannot be understood. */
import path from 'node:path';
import type { AscendError } from '../../proto/errors.ts';
import { asAscendError } from '../../proto/errors.ts';
import { info, warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { Allowance } from '../documents/allowance.ts';
import { openDocument, type Document } from '../documents/document.ts';
import type { OpenBackup } from '../repositories/open.ts';
import type { BackupFiles, FileEntry, Listing } from '../repositories/files.ts';
import type { Recognition, Source } from '../sources/source.ts';
import { hasDiskEnding } from './match-disks.ts';

export interface Survey {
  /** Files within the scope of what was asked for. */
  entries: FileEntry[];
  /** Of the folder that all paths are relative to; "" where there is none. */
  folderName: string;
  documents: RecognisedDocument[];
  /** Begin like metadata and cannot be parsed. */
  broken: { path: string; problem: AscendError }[];
  /** The names of the files alone show a backup of this source. */
  layouts: { source: Source; recognition: Recognition }[];
  findings: Finding[];
  /** Files that may hold a disk: of the same folder where one file was asked for. */
  diskFiles: string[];
}

export interface RecognisedDocument {
  document: Document;
  source: Source;
  recognition: Recognition;
}

// DescribeInstances of a thousand instances is some 4 MB; an OVF some hundred kilobytes.
export const MAX_METADATA_BYTES = 8 * 1024 * 1024;
// One backup has a few; a folder of exported metadata some hundred. Together they must stay small in memory.
const MAX_DOCUMENTS = 1000;
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
const NO_DISK =
  /\.(mf|cert|sha\d*|sha\d*sums?|md5|log|nvram|vmxf|vmsd|vmsn|vmem|vmss|vswp|vsv|vmrs|lck|iso|txt)$|(^|\/)SHA\d*SUMS$/i;
const METADATA_ENDING = /\.(vmx|ovf|xml|json|vmcx|vmsd)$/i;

export async function survey(
  { files, scope }: OpenBackup,
  listing: Listing,
  sources: readonly Source[],
): Promise<Survey> {
  const entries = listing.files.filter(({ path }) => isWithin(path, scope));
  const isFile = entries.length === 1 && entries[0]?.path === scope;
  const result: Survey = {
    entries,
    folderName: path.posix.basename(files.location),
    documents: [],
    broken: [],
    layouts: [],
    // What else lies in its folder is no concern of a file.
    findings: isFile ? [] : [...listing.findings],
    diskFiles: [],
  };
  const allowance = new Allowance();
  let bytes = 0;
  let count = 0;
  for (const entry of namedFirst(entries)) {
    if (!mayBeMetadata(entry, entry.path === scope, result.findings)) continue;
    if (++count > MAX_DOCUMENTS || (bytes += entry.sizeBytes) > MAX_DOCUMENT_BYTES) {
      result.findings.push(tooMuch(files.location));
      break;
    }
    recognise(openDocument(entry.path, await readWhole(files, entry), allowance), sources, result);
  }
  const paths = entries.map(({ path }) => path);
  for (const source of sources) {
    const recognition = source.recogniseLayout?.(paths);
    if (recognition) result.layouts.push({ source, recognition });
  }
  const around = isFile ? listing.files.filter(({ path }) => !METADATA_ENDING.test(path)) : entries;
  const read = new Set(result.documents.map(({ document }) => document.path));
  result.diskFiles = around.map(({ path }) => path).filter((path) => !read.has(path) && !NO_DISK.test(path));
  return result;
}

/** The same for files that were named one by one: their names say nothing. */
export function recogniseAll(
  opened: readonly { entry: FileEntry; content: Buffer }[],
  sources: readonly Source[],
): Survey {
  const entries = opened.map(({ entry }) => entry);
  const result: Survey = {
    entries,
    folderName: '',
    documents: [],
    broken: [],
    layouts: [],
    findings: [],
    diskFiles: [],
  };
  const allowance = new Allowance();
  for (const { entry, content } of opened) {
    recognise(openDocument(entry.path, content, allowance), sources, result);
  }
  return result;
}

export function inScope(scope: string, name: string): string {
  return scope === '' ? name : `${scope}/${name}`;
}

function isWithin(path: string, scope: string): boolean {
  return scope === '' || path === scope || path.startsWith(`${scope}/`);
}

/** What is called like metadata is not to be missed for all that lies beside it. */
function namedFirst(entries: readonly FileEntry[]): FileEntry[] {
  const isNamed = ({ path }: FileEntry) => METADATA_ENDING.test(path);
  return [...entries.filter(isNamed), ...entries.filter((entry) => !isNamed(entry))];
}

function mayBeMetadata({ path, sizeBytes }: FileEntry, asked: boolean, findings: Finding[]): boolean {
  if (hasDiskEnding(path) && !asked) return false;
  if (sizeBytes <= MAX_METADATA_BYTES) return true;
  if (METADATA_ENDING.test(path)) findings.push(tooLarge(path, sizeBytes));
  return false;
}

export async function readWhole(files: BackupFiles, { path, sizeBytes }: FileEntry): Promise<Buffer> {
  await using reader = await files.open(path);
  return await reader.read(0, sizeBytes);
}

function recognise(document: Document, sources: readonly Source[], result: Survey): void {
  if (document.body.kind === 'broken') {
    result.broken.push({ path: document.path, problem: asAscendError(document.body.problem) });
    return;
  }
  const found = sources.flatMap((source) => {
    const recognition = source.recognise(document);
    return recognition ? [{ document, source, recognition }] : [];
  });
  // Lists of volumes look alike on several platforms: what describes a machine outweighs what adds to one.
  const weightiest = (['machine', 'part', 'other'] as const).flatMap((role) =>
    found.filter(({ recognition }) => recognition.role === role),
  );
  const [first] = weightiest;
  if (first) result.documents.push(first);
  else if (METADATA_ENDING.test(document.path)) result.findings.push(notUnderstood(document));
}

function tooLarge(path: string, sizeBytes: number): Finding {
  const message = `${path} is ${sizeBytes} bytes long; metadata has ${MAX_METADATA_BYTES} at most, so it was not read.`;
  return warn('metadata.too-large', path, message, 'Export the metadata of this one machine.');
}

/** Neither JSON nor XML: empty, overwritten, or something else under that name. */
function notUnderstood({ path, content, body }: Document): Finding {
  if (body.kind !== 'other') {
    return info('metadata.unknown', path, `${path} is nothing that Ascend knows.`, 'Nothing to do.');
  }
  const what = content.length === 0 ? 'is empty' : 'holds nothing of that kind';
  const message = `${path} is called like metadata, and ${what}.`;
  return warn('metadata.unreadable', path, message, 'Export it again, if it belongs to this backup.');
}

function tooMuch(location: string): Finding {
  const message = `${location} holds more metadata than one backup has; what came later was not read.`;
  return warn('metadata.too-much', location, message, 'Give the folder of one backup, or one metadata file.');
}
