/** Machines and the disks of their NAS backups. */
import { warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import type { SourcedMachine } from '../source.ts';
import type { Candidate } from './candidate.ts';
import { Facts } from '../facts.ts';
import { disksOf, machineOf, referToFiles, unfinished } from './nas-disks.ts';
import { folderOf, type NasHistory, type NasPoint } from './nas-layout.ts';

export function joinNas(known: readonly Candidate[], { newest }: NasHistory): SourcedMachine[] {
  const free = new Set(newest);
  const byFolder = new Map(newest.map((point) => [point.folder, point]));
  const byInstance = new Map(newest.map((point) => [point.instance, point]));
  const joined = known.map(({ sourced, instance }) => {
    const named = instance === undefined ? undefined : byInstance.get(instance);
    const point = byFolder.get(folderOf(sourced.from)) ?? named ?? onlyOne(sourced, known, newest);
    if (!point) return sourced;
    free.delete(point);
    return join(sourced, point);
  });
  return [...joined, ...[...free].map((point) => join(machineOf(point), point))];
}

/** One description above one backup. */
function onlyOne(
  sourced: SourcedMachine,
  known: readonly Candidate[],
  newest: readonly NasPoint[],
): NasPoint | undefined {
  const [only, second] = newest;
  if (known.length > 1 || second !== undefined || only === undefined) return undefined;
  const above = folderOf(sourced.from);
  return above === '' || only.folder.startsWith(`${above}/`) ? only : undefined;
}

/** What the backup itself answers: it has the disks, and each of them whole. */
const ANSWERED = new Set(['machine.disks-unlisted', 'disk.differencing']);

function join(sourced: SourcedMachine, point: NasPoint): SourcedMachine {
  const { disks } = sourced.machine;
  const whole = disks.length === 0 ? withDisks(sourced, point) : referToFiles(sourced, point);
  const open = whole.findings.filter(({ code }) => !ANSWERED.has(code));
  return { ...whole, findings: [...open, ...unfinished(point)] };
}

function withDisks(sourced: SourcedMachine, point: NasPoint): SourcedMachine {
  const facts = Facts.about(sourced);
  return facts.of({ ...sourced.machine, disks: disksOf(point, facts) });
}

/** A folder with several points of one machine: the newest is read, and said to be. */
export function passedOver({ several }: NasHistory): Finding[] {
  return several.map((folders) => {
    const taken = folders.at(-1) ?? '';
    const message = `There are ${folders.length} backups of one machine: ${folders.join(', ')}. The newest, ${taken}, is read.`;
    return warn('backup.several-points', taken, message, 'Give the folder of another one to read that.');
  });
}
