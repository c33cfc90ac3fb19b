/** Step 1: what is this backup, and is it whole? Reads only; what is wrong becomes findings. */
import { AscendError } from '../../proto/errors.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import type { Chain } from '../disks/chain.ts';
import {
  MANIFEST_NAME,
  MAX_MANIFEST_BYTES,
  parseManifest,
  type Manifest,
} from '../repositories/backup-set.ts';
import type { FileEntry } from '../repositories/files.ts';
import type { OpenBackup } from '../repositories/open.ts';
import { absentFacts } from '../sources/absent.ts';
import { Origins } from '../sources/origins.ts';
import type { Source } from '../sources/source.ts';
import { boundedFindings } from './bounded-findings.ts';
import { readBackupSet } from './backup-set.ts';
import { candidateOf, chooseMachine, type Candidate } from './choose-machine.ts';
import { readLoose } from './loose.ts';
import { findDisks } from './loose-disks.ts';
import { inScope, readWhole, survey, type Survey } from './survey.ts';

/** What the user decided where a backup leaves a choice. */
export interface Selection {
  /** Name or identifier of the machine. */
  vm?: string | undefined;
  /** Deployment configuration of an OVF. */
  config?: string | undefined;
  /** Disk id to file. */
  disks?: Readonly<Record<string, string>>;
}

export interface Analysis {
  /** For people: a folder, an archive or a bucket. */
  location: string;
  /** Undefined for a backup that was not written as a backup set. */
  manifest: Manifest | undefined;
  /** Where the manifest lies among the files. */
  manifestPath: string | undefined;
  /** Undefined where a finding says why: its metadata cannot be understood, or the choice among several is open. */
  machine: Machine | undefined;
  /** Where each fact of the machine came from. */
  origins: Origins;
  /** Every machine that is described here. */
  candidates: Candidate[];
  /** By disk id. */
  chains: ReadonlyMap<string, Chain>;
  /** Every file of the backup, those of increments in folders beside it included. */
  files: FileEntry[];
  findings: Finding[];
}

/**
 * @throws backup.not-found, backup.invalid where there is no manifest to go by; source.* where nothing here describes a
 * machine; not-found where none is called `selection.vm`
 */
export async function analyse(
  backup: OpenBackup,
  sources: readonly Source[],
  selection: Selection = {},
): Promise<Analysis> {
  const { files, scope } = backup;
  const listing = await files.list();
  const manifest = listing.files.find(({ path }) => path === inScope(scope, MANIFEST_NAME));
  const base = { location: locationOf(backup), files: listing.files };
  if (manifest) {
    if (manifest.sizeBytes > MAX_MANIFEST_BYTES) throw manifestTooLarge(base.location, manifest);
    const text = (await readWhole(files, manifest)).toString('utf8');
    const read = await readBackupSet(parseManifest(text, base.location), backup, listing, sources, selection);
    return bounded({ ...base, manifestPath: manifest.path, ...read });
  }
  const found = await survey(backup, listing, sources);
  const nested = found.entries.filter(({ path }) => path.endsWith(`/${MANIFEST_NAME}`));
  if (nested.length > 0) throw backupSetsBelow(base.location, nested);
  const loose = await analyseLoose(found, backup, listing.files, selection);
  return bounded({
    ...base,
    manifestPath: undefined,
    files: filesOf(found, loose.chains, listing.files),
    ...loose,
  });
}

function bounded(analysis: Analysis): Analysis {
  return { ...analysis, findings: boundedFindings(analysis.findings) };
}

async function analyseLoose(
  found: Survey,
  backup: OpenBackup,
  files: readonly FileEntry[],
  selection: Selection,
): Promise<Omit<Analysis, 'location' | 'files' | 'manifestPath'>> {
  const location = locationOf(backup);
  const { machines, findings } = readLoose(found, selection.config, location);
  findings.unshift(...found.findings);
  const candidates = machines.map(candidateOf);
  const { chosen, findings: open } = chooseMachine(machines, selection.vm, location);
  findings.push(...open);
  if (!chosen) {
    return {
      manifest: undefined,
      machine: undefined,
      origins: new Origins(),
      candidates,
      chains: new Map(),
      findings,
    };
  }
  findings.push(...chosen.findings);
  const paths = files.map(({ path }) => path);
  const {
    machine,
    chains,
    findings: ofDisks,
  } = await findDisks(chosen, found, paths, backup, selection.disks ?? {});
  findings.push(...ofDisks, ...absentFacts(machine, chosen.from));
  return { manifest: undefined, machine, origins: chosen.origins, candidates, chains, findings };
}

/** What was asked for, and the layers of its disks wherever they lie. */
function filesOf(
  { entries }: Survey,
  chains: ReadonlyMap<string, Chain>,
  all: readonly FileEntry[],
): FileEntry[] {
  const own = new Set(entries.map(({ path }) => path));
  for (const { layers } of chains.values()) {
    for (const { file, dataFiles } of layers)
      for (const path of [file, ...dataFiles.map((data) => data.path)]) own.add(path);
  }
  return all.filter(({ path }) => own.has(path));
}

function locationOf({ files, scope }: OpenBackup): string {
  return scope === '' ? files.location : `${files.location}/${scope}`;
}

function manifestTooLarge(location: string, { path, sizeBytes }: FileEntry): AscendError {
  const message = `${location}: ${path} is ${sizeBytes} bytes long; a manifest has ${MAX_MANIFEST_BYTES} at most.`;
  return new AscendError('backup.invalid', message, {
    context: { location, file: path },
    hint: 'Copy the backup again from where it came from.',
  });
}

function backupSetsBelow(location: string, nested: readonly FileEntry[]): AscendError {
  const folders = nested.map(({ path }) => path.slice(0, -MANIFEST_NAME.length - 1));
  const shown =
    folders.slice(0, 10).join(', ') + (folders.length > 10 ? ` and ${folders.length - 10} more` : '');
  return new AscendError(
    'source.no-machine',
    `${location} is no backup, but holds ${folders.length}: ${shown}.`,
    {
      context: { location },
      hint: `Give the path of one of them, e.g. ${location}/${folders[0] ?? ''}`,
    },
  );
}
