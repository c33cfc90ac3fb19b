/** The machines that a set of Hyper-V's files describes together. */
import { warn } from '../../../proto/finding.ts';
import { contradiction, type Plain } from '../contradictions.ts';
import type { Evidence, Reading } from '../source.ts';
import { vmOfBatch } from './batch.ts';
import { vmOfConfiguration } from './configuration/configuration.ts';
import { fill, learnAdapters, learnDrives } from './devices.ts';
import { contentOf, type Content } from './documents.ts';
import { machineOf } from './machine.ts';
import { Machines } from './parts.ts';
import { vmOfGetVm } from './powershell/vm.ts';
import { vmOfScvmm } from './scvmm.ts';
import { guidOf } from './identifiers.ts';
import { fact, type Fact } from '../origins.ts';
import type { VirtualMachine } from './virtual-machine.ts';

/** Where several files describe one machine, the one that says most is believed. */
const BELIEVED_FIRST = ['configuration', 'powershell', 'scvmm', 'batch'];

/** @throws source.invalid with file and place. */
export function read({ documents, paths }: Evidence): Reading {
  const contents = documents
    .map((document) => ({ file: document.path, content: contentOf(document) }))
    .filter((entry): entry is { file: string; content: Content } => entry.content !== undefined)
    .sort((a, b) => rank(a.content) - rank(b.content));
  const vms = mergeSame(contents.flatMap(({ file, content }) => vmsOf(content, file)));
  new Machines(vms).add(
    contents.flatMap(({ file, content }) =>
      content.kind === 'powershell' ? content.records.map((record) => ({ ...record, file })) : [],
    ),
  );
  noteCheckpoints(contents, vms);
  noteSavedStates(paths, vms);
  return { machines: vms.map(machineOf), findings: [] };
}

/** A decoded configuration is a copy of one: it comes after those it was made from. */
function rank(content: Content): number {
  const decoded = content.kind === 'configuration' && content.what.includes('decoded');
  return BELIEVED_FIRST.indexOf(content.kind) * 2 + (decoded ? 1 : 0);
}

function vmsOf(content: Content, file: string): VirtualMachine[] {
  switch (content.kind) {
    case 'configuration': {
      if (content.isCheckpoint) return [];
      const vm = vmOfConfiguration(content.root, file);
      if (content.pendingChanges > 0) vm.findings.push(pendingChanges(file));
      return [vm];
    }
    case 'powershell':
      return content.records.filter(({ kind }) => kind === 'vm').map(({ node }) => vmOfGetVm(node, file));
    case 'scvmm':
      return content.records.map((record) => vmOfScvmm(record, file));
    case 'batch':
      return content.records.map(([name, record]) => vmOfBatch(name, record, file));
    case 'other':
      return [];
  }
}

function pendingChanges(file: string) {
  const message = `${file} was copied while Hyper-V changed it: its newest changes are in its log only and are not read.`;
  return warn(
    'machine.changes-pending',
    file,
    message,
    'Compare the machine with the VM, or export it again.',
  );
}

/** By id; a file without ids, by the name that no other machine has. */
function mergeSame(described: readonly VirtualMachine[]): VirtualMachine[] {
  const merged: VirtualMachine[] = [];
  const byId = new Map<string, VirtualMachine>();
  const byName = new Map<string, VirtualMachine>();
  for (const vm of described) {
    const name = vm.name?.value.toLowerCase();
    const known = vm.id ? byId.get(vm.id.value) : byName.get(name ?? '');
    if (known) {
      learn(known, vm);
      continue;
    }
    merged.push(vm);
    if (vm.id) byId.set(vm.id.value, vm);
    if (name !== undefined && !byName.has(name)) byName.set(name, vm);
  }
  return merged;
}

function learn(into: VirtualMachine, from: VirtualMachine): void {
  const compare = (what: string, taken: Fact<Plain> | undefined, other: Fact<Plain> | undefined) => {
    const found = taken && other && contradiction(what, taken, other);
    if (found) into.findings.push(found);
  };
  compare('the number of processors', into.cpuCount, from.cpuCount);
  compare('the memory in bytes', into.memoryBytes, from.memoryBytes);
  compare('the generation', into.generation, from.generation);
  compare('Secure Boot', into.secureBoot, from.secureBoot);
  learnDrives(into, from.drives, from.from);
  learnAdapters(into, from.adapters);
  into.findings.push(...from.findings);
  fill(into, from);
}

function noteCheckpoints(
  contents: readonly { file: string; content: Content }[],
  vms: VirtualMachine[],
): void {
  for (const { file, content } of contents) {
    if (content.kind !== 'configuration' || !content.isCheckpoint) continue;
    const { id } = vmOfConfiguration(content.root, file);
    const of = vms.length === 1 ? vms : vms.filter((vm) => id && vm.id?.value === id.value);
    for (const vm of of)
      if (vm.hasCheckpoints?.value !== true) vm.hasCheckpoints = fact(true, file, 'properties');
  }
}

/** Up to 2012 R2 the state of a VM's devices lies in a file with its id; later, one file holds this and more. */
function noteSavedStates(paths: readonly string[], vms: readonly VirtualMachine[]): void {
  const byId = new Map(vms.map((vm) => [vm.id?.value, vm]));
  for (const path of paths) {
    if (!/\.vsv$/i.test(path)) continue;
    const vm = byId.get(guidOf(/([^/]*)\.vsv$/i.exec(path.slice(-64))?.[1]) ?? '');
    if (vm) vm.state ??= fact('saved', path, 'its name');
  }
}
