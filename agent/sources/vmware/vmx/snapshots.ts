/** The VMSD file beside a VMX: the tree of snapshots that were open. */
import path from 'node:path/posix';
import { info } from '../../../../proto/finding.ts';
import type { Finding } from '../../../../proto/gen/ascend/v1/finding.ts';
import type { SourcedMachine } from '../../source.ts';
import type { Settings } from './settings.ts';

interface Snapshot {
  name: string;
  /** Microseconds since 1970. */
  createdAt: bigint | undefined;
  parent: string | undefined;
}

// ESXi allows 32 in a chain and 496 in all.
const MAX_SNAPSHOTS = 1000;
const MAX_SHOWN = 20;

/** One finding that lists the snapshots, the one that the VM is based on last; none where no snapshot is open. */
export function snapshotFindings(vmsd: Settings, file: string): Finding[] {
  const snapshots = snapshotsOf(vmsd);
  if (snapshots.size === 0) return [];
  const chain = chainTo(vmsd.get('snapshot.current'), snapshots);
  const listed = chain.length > 0 ? chain : [...snapshots.values()];
  const shown = listed.slice(-MAX_SHOWN).map(describe).join(', then ');
  const more = listed.length > MAX_SHOWN ? `${listed.length - MAX_SHOWN} older ones, then ` : '';
  const beside = snapshots.size - listed.length;
  const others = beside > 0 ? ` ${beside} more lie on other branches.` : '';
  const message = `The VM had ${snapshots.size} ${snapshots.size === 1 ? 'snapshot' : 'snapshots'} (${file}): ${more}${shown}.${others}`;
  return [
    info(
      'machine.snapshots',
      file,
      message,
      'The newest state is restored; the snapshots themselves are not made again.',
    ),
  ];
}

/** By uid. */
function snapshotsOf(vmsd: Settings): Map<string, Snapshot> {
  const snapshots = new Map<string, Snapshot>();
  for (const key of vmsd.keys()) {
    const prefix = /^(snapshot\d{1,5})\.uid$/.exec(key)?.[1];
    const uid = vmsd.get(key);
    if (prefix === undefined || uid === undefined || snapshots.size >= MAX_SNAPSHOTS) continue;
    snapshots.set(uid, {
      name: vmsd.get(`${prefix}.displayname`)?.slice(0, 100) ?? `snapshot ${uid.slice(0, 20)}`,
      createdAt: timeOf(vmsd.get(`${prefix}.createtimehigh`), vmsd.get(`${prefix}.createtimelow`)),
      parent: vmsd.get(`${prefix}.parent`),
    });
  }
  return snapshots;
}

/** Two signed halves of 32 bits: the low one is negative half of the time. */
function timeOf(high: string | undefined, low: string | undefined): bigint | undefined {
  const half = /^-?\d{1,10}$/;
  if (high === undefined || low === undefined || !half.test(high) || !half.test(low)) return undefined;
  return (BigInt(high) << 32n) | BigInt.asUintN(32, BigInt(low));
}

/** The oldest first. A file that goes round in circles ends where it would begin again. */
function chainTo(uid: string | undefined, snapshots: ReadonlyMap<string, Snapshot>): Snapshot[] {
  const chain = new Set<Snapshot>();
  for (
    let next = snapshots.get(uid ?? '');
    next && !chain.has(next);
    next = snapshots.get(next.parent ?? '')
  ) {
    chain.add(next);
  }
  return [...chain].reverse();
}

// The last moment that a Date can be.
const MAX_DATE_US = 8_640_000_000_000_000_000n;

function describe({ name, createdAt }: Snapshot): string {
  if (createdAt === undefined || createdAt < 0n || createdAt > MAX_DATE_US) return JSON.stringify(name);
  const when = new Date(Number(createdAt / 1000n)).toISOString().slice(0, 16);
  return `${JSON.stringify(name)} of ${when.replace('T', ' ')} UTC`;
}

/** `web01.vmsd` lies beside `web01.vmx`; a renamed one still in the folder of the only machine. */
export function ownerOf(file: string, machines: readonly SourcedMachine[]): SourcedMachine | undefined {
  const inFolder = machines.filter(({ from }) => path.dirname(from) === path.dirname(file));
  const stem = (name: string) => path.basename(name, path.extname(name));
  return (
    inFolder.find(({ from }) => stem(from) === stem(file)) ??
    (inFolder.length === 1 ? inFolder[0] : undefined)
  );
}
