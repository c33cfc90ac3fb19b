/** Source VMware. What it reads, what was proven, and against what: README.md. */
import path from 'node:path/posix';
import type { Document } from '../../documents/document.ts';
import type { Choice, Evidence, Reading, Recognition, Source, SourcedMachine } from '../source.ts';
import { mergeDescriptions } from './merge.ts';
import { readOvf, recogniseOvf } from './ovf/read.ts';
import { recogniseVim } from './vim/find.ts';
import { readVim } from './vim/read.ts';
import { machineOf } from './vmx/machine.ts';
import { isVmsd, isVmx } from './vmx/recognise.ts';
import { parseSettings } from './vmx/settings.ts';
import { snapshotFindings } from './vmx/snapshots.ts';

export const vmware: Source = { kind: 'vmware', title: 'VMware', recognise, read };

function recognise(document: Document): Recognition | undefined {
  if (isVmx(document)) return { what: 'a VMX file', role: 'machine' };
  if (isVmsd(document)) return { what: "a VMSD file (the list of a VM's snapshots)", role: 'part' };
  return recogniseOvf(document) ?? recogniseVim(document);
}

/** A VMX is what VMware itself starts the VM from; the API shows that; an OVF is made for another place. */
function read({ documents }: Evidence, choice: Choice): Reading {
  const vmx = documents.filter(isVmx).map(readVmx);
  const ovf = documents.filter((document) => recogniseOvf(document)?.role === 'machine');
  const ovfReadings = ovf.map((document) => readOvf(document, choice));
  const vim = documents.filter((document) => !ovf.includes(document)).flatMap(readVim);
  const machines = mergeDescriptions([vmx, vim, ovfReadings.flatMap((reading) => reading.machines)]);
  const findings = ovfReadings.flatMap((reading) => reading.findings);
  for (const document of documents.filter(isVmsd)) {
    const snapshots = snapshotFindings(parseSettings(document.content, document.path), document.path);
    (ownerOf(document, machines)?.findings ?? findings).push(...snapshots);
  }
  return { machines, findings };
}

function readVmx({ content, path: file }: Document): SourcedMachine {
  return machineOf(parseSettings(content, file), file);
}

/** `web01.vmsd` lies beside `web01.vmx`; a renamed one still in the folder of the only machine. */
function ownerOf({ path: file }: Document, machines: readonly SourcedMachine[]): SourcedMachine | undefined {
  const inFolder = machines.filter(({ from }) => path.dirname(from) === path.dirname(file));
  const stem = (name: string) => path.basename(name, path.extname(name));
  return (
    inFolder.find(({ from }) => stem(from) === stem(file)) ??
    (inFolder.length === 1 ? inFolder[0] : undefined)
  );
}
