/** What virsh printed beside a domain XML verifies it; without one, it describes the machine in part. */
import { warn } from '../../../proto/finding.ts';
import type { SourcedMachine } from '../source.ts';
import { contradict, type Candidate } from './candidate.ts';
import { folderOf } from './nas-layout.ts';
import { countOf, wholeOf } from '../quantities.ts';
import { disksIn, machineOf, memoryOf, uuidOf, type Overview, type Table } from './virsh/machine.ts';
import type { Printed } from './virsh/printed.ts';

/** `known`: machines of domain XMLs. */
export function joinVirsh(known: readonly Candidate[], printed: readonly Printed[]): Candidate[] {
  const overviews = printed.filter((one): one is Overview => one.kind === 'dominfo');
  const tables = Map.groupBy(
    printed.filter((one): one is Table => one.kind !== 'dominfo'),
    ({ path }) => folderOf(path),
  );
  const beside = Map.groupBy(known, ({ sourced }) => folderOf(sourced.from));
  for (const [folder, [only, second]] of beside) {
    if (only && !second) verifyDisks(only.sourced, tables.get(folder) ?? []);
  }
  const find = byName(known);
  const added = overviews.flatMap((overview): Candidate[] => {
    const same = find(overview);
    if (same) verify(same.sourced, overview);
    if (same) return [];
    const own = tables.get(folderOf(overview.path)) ?? [];
    return [{ sourced: machineOf(overview, own), instance: overview.fields.get('name') }];
  });
  return [...known, ...added];
}

/** By UUID, and by the instance's name. */
function byName(known: readonly Candidate[]): (overview: Overview) => Candidate | undefined {
  const ofUuid = new Map(known.map((candidate) => [candidate.sourced.machine.sourceId, candidate]));
  const ofName = new Map(known.map((candidate) => [candidate.instance, candidate]));
  ofUuid.delete(undefined);
  ofName.delete(undefined);
  return (overview) => ofUuid.get(uuidOf(overview)) ?? ofName.get(overview.fields.get('name'));
}

function verify(sourced: SourcedMachine, overview: Overview): void {
  const { machine } = sourced;
  const printed = countOf(wholeOf(overview.fields.get('cpu(s)')));
  contradict(sourced, 'the number of processors', machine.cpu?.count, printed, overview.path);
  contradict(sourced, 'the memory in bytes', machine.memoryBytes, memoryOf(overview), overview.path);
}

function verifyDisks({ machine, from, findings }: SourcedMachine, tables: readonly Table[]): void {
  const beside = tables.find(({ kind }) => kind === 'domblklist');
  if (!beside) return;
  const ids = new Set(machine.disks.map(({ id }) => id));
  const missing = disksIn(beside).filter(({ target }) => !ids.has(target));
  if (missing.length === 0) return;
  const message = `${beside.path} lists disks that ${from} does not have: ${missing.map(({ target }) => target).join(', ')}.`;
  const remedy =
    'A disk was attached while the backup was taken, or the files are of two backups: check which.';
  findings.push(warn('disk.contradiction', beside.path, message, remedy));
}
