/** A backup as a platform or another tool wrote it: metadata and disks side by side, and no manifest. */
import { AscendError } from '../../proto/errors.ts';
import { warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Evidence, Source, SourcedMachine } from '../sources/source.ts';
import { hasDiskEnding } from './match-disks.ts';
import type { RecognisedDocument, Survey } from './survey.ts';

export interface LooseReading {
  machines: SourcedMachine[];
  findings: Finding[];
}

/** @throws source.invalid, source.unknown, source.no-machine: each says what the files are. */
export function readLoose(found: Survey, config: string | undefined, location: string): LooseReading {
  const describing = found.documents.filter(({ recognition }) => recognition.role === 'machine');
  const readers = new Set([
    ...describing.map(({ source }) => source),
    ...(describing.length === 0 ? found.layouts.map(({ source }) => source) : []),
  ]);
  if (readers.size === 0) throw refusal(found, location);
  const reading: LooseReading = { machines: [], findings: found.broken.map(brokenBeside) };
  for (const source of readers) {
    const { machines, findings } = source.read(evidenceFor(source, found), { config });
    reading.machines.push(...machines);
    reading.findings.push(...findings);
  }
  if (reading.machines.length === 0) throw nothingIn(found.documents, reading.findings, location);
  return reading;
}

function evidenceFor(source: Source, { documents, entries, folderName }: Survey): Evidence {
  const own = documents.filter(
    (candidate) => candidate.source === source && candidate.recognition.role !== 'other',
  );
  return {
    documents: own.map(({ document }) => document),
    paths: entries.map(({ path }) => path),
    ...(folderName !== '' && { folderName }),
  };
}

function brokenBeside({ path, problem }: Survey['broken'][number]): Finding {
  return warn('metadata.unreadable', path, problem.message, problem.hint ?? 'Export the metadata again.');
}

/** Why there is no machine here, from the most telling to the least. */
function refusal(found: Survey, location: string): AscendError {
  const [broken] = found.broken;
  if (found.documents.length > 0) return nothingIn(found.documents, [], location);
  if (broken) return broken.problem;
  const tooLarge = found.findings.find(({ code }) => code === 'metadata.too-large');
  if (tooLarge) return new AscendError('source.invalid', tooLarge.message, { hint: tooLarge.remedy });
  const disks = found.entries.map(({ path }) => path).filter(hasDiskEnding);
  if (disks.length > 0) return onlyDisks(disks, location);
  const seen = found.findings.find(
    ({ code }) => code === 'metadata.unreadable' || code === 'metadata.unknown',
  );
  const message = `${location} holds nothing that Ascend knows as a backup.${seen ? ` ${seen.message}` : ''}`;
  return new AscendError('source.unknown', message, {
    context: { location },
    hint: 'Give a backup set, an OVA, the metadata of a machine (VMX, OVF, domain XML, VMCX, JSON), or a folder that holds one.',
  });
}

function onlyDisks(disks: readonly string[], location: string): AscendError {
  const shown = disks.slice(0, 5).join(', ') + (disks.length > 5 ? ` and ${disks.length - 5} more` : '');
  return new AscendError(
    'source.no-machine',
    `${location} holds disks, but nothing that describes their machine: ${shown}.`,
    {
      context: { location },
      hint: "Put the machine's metadata beside them, or make a backup set: ascend-agent backup create --machine FILE --disk FILE --out DIR",
    },
  );
}

function nothingIn(
  documents: readonly RecognisedDocument[],
  findings: readonly Finding[],
  location: string,
): AscendError {
  const what = documents
    .slice(0, 5)
    .map(({ document, recognition }) => `${document.path} is ${recognition.what}`);
  const more = documents.length > 5 ? ` (and ${documents.length - 5} more files)` : '';
  const why = findings.map(({ message }) => ` ${message}`).join('');
  return new AscendError(
    'source.no-machine',
    `No machine is described here: ${what.join('; ')}${more}.${why}`,
    {
      context: { location },
      hint:
        findings[0]?.remedy ??
        'Put the metadata that describes the machine itself beside it, and give the folder.',
    },
  );
}
