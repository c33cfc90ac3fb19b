/** Source VMware. What it reads, what was proven, and against what: README.md. */
import { AscendError } from '../../../proto/errors.ts';
import { warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import type { Document } from '../../documents/document.ts';
import type { Choice, Evidence, Reading, Recognition, Source, SourcedMachine } from '../source.ts';
import { mergeDescriptions } from './merge.ts';
import { readOvf, recogniseOvf } from './ovf/read.ts';
import { recogniseVim } from './vim/find.ts';
import { readVim } from './vim/read.ts';
import { machineOf } from './vmx/machine.ts';
import { isVmsd, isVmx } from './vmx/recognise.ts';
import { parseSettings } from './vmx/settings.ts';
import { ownerOf, snapshotFindings } from './vmx/snapshots.ts';

export const vmware: Source = { kind: 'vmware', title: 'VMware', recognise, read };

function recognise(document: Document): Recognition | undefined {
  if (isVmx(document)) return { what: 'a VMX file', role: 'machine' };
  if (isVmsd(document)) return { what: "a VMSD file (the list of a VM's snapshots)", role: 'part' };
  return recogniseOvf(document) ?? recogniseVim(document);
}

/** A VMX is what VMware itself starts the VM from; the API shows that; an OVF is made for another place. */
function read({ documents }: Evidence, choice: Choice): Reading {
  const ovf = documents.filter((document) => recogniseOvf(document)?.role === 'machine');
  const ovfReadings = ovf.map((document) => readOvf(document, choice));
  const vmx = documents.filter(isVmx).map((document) => attempt(() => readVmx(document)));
  const read = vmx.filter((result): result is SourcedMachine => !(result instanceof AscendError));
  const vim = documents.filter((document) => !ovf.includes(document)).flatMap(readVim);
  const machines = mergeDescriptions([read, vim, ovfReadings.flatMap((reading) => reading.machines)]);
  const failed = vmx.filter((result) => result instanceof AscendError);
  if (machines.length === 0 && failed[0]) throw failed[0];
  const findings = [...failed.map(unreadable), ...ovfReadings.flatMap((reading) => reading.findings)];
  for (const document of documents.filter(isVmsd)) {
    (ownerOf(document.path, machines)?.findings ?? findings).push(...readVmsd(document));
  }
  return { machines, findings };
}

function readVmx({ content, path }: Document): SourcedMachine {
  return machineOf(parseSettings(content, path), path);
}

function readVmsd({ content, path }: Document): Finding[] {
  const result = attempt(() => snapshotFindings(parseSettings(content, path), path));
  return result instanceof AscendError ? [unreadable(result)] : result;
}

/** One file that cannot be read does not stand in the way of the others: it is for the caller to say so. */
function attempt<T>(action: () => T): T | AscendError {
  try {
    return action();
  } catch (error) {
    if (error instanceof AscendError) return error;
    throw error;
  }
}

function unreadable({ message, context, hint }: AscendError): Finding {
  const file = typeof context.file === 'string' ? context.file : '';
  return warn(
    'metadata.unreadable',
    file,
    message,
    hint ?? 'Copy the file again from where the backup came from.',
  );
}
