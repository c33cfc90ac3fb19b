/** The contract of a guest fixer: a family of guests that Ascend can make boot elsewhere. */
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { GuestFact } from './description.ts';
import type { GuestSession } from './guest.ts';
import type { FirmwareChange } from './linux/firmware/changes.ts';
import type { ContentProof } from './proof.ts';
import type { GuestRequirements, Supplies } from './requirements.ts';
import type { RegistryEdit } from './windows/registry/edits.ts';

/** One idempotent change to a guest, said in full before it is made. */
export interface Fix {
  /** Stable, e.g. "linux.fstab". */
  name: string;
  /** For people: what it does and why. */
  summary: string;
  changes: Change[];
}

/** Paths are the guest's, but for those of whole disks and partitions. */
export type Change =
  | { kind: 'write'; path: string; content: string }
  | { kind: 'upload'; path: string; content: Buffer }
  | { kind: 'symlink'; path: string; to: string }
  | { kind: 'remove'; path: string }
  /** `from` stays. */
  | { kind: 'copy'; from: string; path: string }
  /** `path` is the hive. */
  | { kind: 'registry'; path: string; edits: readonly RegistryEdit[] }
  | DriverSegment
  | FirmwareChange
  | ProgramRun;

/** Drivers appended to an initramfs as one more archive; nothing in it is rebuilt and no code of the guest runs. */
export interface DriverSegment {
  kind: 'driver-segment';
  path: string;
  /** Where the segment starts: the length of the initramfs without one that an earlier restore appended. */
  offsetBytes: number;
  /** Copied from the guest into the initramfs: guest path -> path in the initramfs; unpacked where that lacks its ending. */
  files: ReadonlyMap<string, string>;
  /** Made by us: path in the initramfs -> content. */
  texts: ReadonlyMap<string, string | Buffer>;
  /** Directories that the initramfs lacks, parents first. */
  directories: readonly string[];
  compress: boolean;
}

/** A program of the guest's own, run in the appliance, where nothing else will do. */
export interface ProgramRun {
  kind: 'run';
  /** What it makes anew. */
  path: string;
  /** From the guest's root. */
  program: string;
  args: readonly string[];
  limitMs: number;
  /** Room that it takes: a path of the file system -> bytes. Looked at first, because a run takes minutes. */
  room: ReadonlyMap<string, number>;
}

export interface FixPlan {
  fixes: Fix[];
  /** What a fix cannot mend; `block` stops the restore before a byte is copied. */
  findings: Finding[];
}

export interface GuestFixer<Facts = unknown> {
  readonly family: string;
  /** Everything that `plan` needs; undefined where this is no guest of the family. File systems stay mounted. */
  inspect(session: GuestSession, supplies: Supplies): Promise<Facts | undefined>;
  /** The facts as they are now, in a guest that `inspect` has mounted. */
  reinspect(session: GuestSession, earlier: Facts): Promise<Facts>;
  /** Pure. What was found, for people; undefined where the guest could not be read. */
  describe?(facts: Facts): { name: string; facts: GuestFact[] } | undefined;
  /** Pure. Nothing left to do gives no fixes: that is also how a finished repair is proven. */
  plan(facts: Facts, wants: GuestRequirements): FixPlan;
  /** Pure. IPv4 addresses that it will have on its own; for fixers whose guests keep them in no text file. */
  addresses?(facts: Facts, wants: GuestRequirements): string[];
  /** Pure. What the content proves about the target's devices, for what cannot be booted on them. */
  prove?(facts: Facts, wants: GuestRequirements): ContentProof[];
}

export function runsPrograms({ changes }: Fix): boolean {
  return changes.some(({ kind }) => kind === 'run');
}

export function changedFiles(fix: Fix): string[] {
  return fix.changes.map((change) => change.path);
}
