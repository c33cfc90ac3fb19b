/** The registry of guest fixers, and the repair that runs them. */
import { AscendError } from '../../proto/errors.ts';
import { Severity, type Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { applyFix } from './apply.ts';
import type { GuestDescription } from './description.ts';
import type { Fix, FixPlan, GuestFixer } from './fix.ts';
import type { GuestSession } from './guest.ts';
import { linux } from './linux/index.ts';
import type { ContentProof } from './proof.ts';
import type { GuestRequirements } from './requirements.ts';
import { windows } from './windows/index.ts';
import { OpenHives } from './windows/registry/open-hives.ts';

/** In the order in which they look at a guest: a volume of Windows is told by its type, before anything is mounted. */
export const fixers: readonly GuestFixer[] = [windows, linux];

export interface GuestPlan extends FixPlan {
  /** What was found; undefined for an unknown guest, and for one that cannot be read. */
  guest: GuestDescription | undefined;
  /** IPv4 addresses that it is to have for good, where the fixer reads them. */
  addresses: readonly string[];
  /** What is left to do by now; undefined for an unknown guest. */
  again: (() => Promise<FixPlan>) | undefined;
  /** What the content of the guest proves, as it was when it was last looked at. */
  prove: () => ContentProof[];
}

/** What a guest needs before it can run on a target; nothing is changed. An unknown guest is a finding. */
export async function planRepair(session: GuestSession, wants: GuestRequirements): Promise<GuestPlan> {
  for (const fixer of fixers) {
    const facts = await fixer.inspect(session, wants.supplies);
    if (facts === undefined) continue;
    // A repair ends with a look at what is there: the proof goes by that, and every initramfs is read once less.
    let latest: unknown = facts;
    const again = async () => fixer.plan((latest = await fixer.reinspect(session, facts)), wants);
    const prove = () => fixer.prove?.(latest, wants) ?? [];
    const found = fixer.describe?.(facts);
    const guest = found && { family: fixer.family, ...found };
    const addresses = fixer.addresses?.(facts, wants) ?? [];
    return { guest, addresses, again, prove, ...fixer.plan(facts, wants) };
  }
  const findings = [unknownGuest()];
  return { guest: undefined, addresses: [], again: undefined, prove: () => [], fixes: [], findings };
}

/**
 * Applies a plan, then plans again on what is there now: only when nothing is left to do is the repair proven.
 * @throws guest.fix-failed
 */
export async function repair(
  session: GuestSession,
  plan: GuestPlan,
  onFix: (fix: Fix) => void,
): Promise<void> {
  using hives = new OpenHives(session);
  for (const fix of plan.fixes) {
    await applyFix(session, fix, { hives, disks: session, programs: session });
    onFix(fix);
  }
  await hives.save();
  if (plan.fixes.length === 0 || plan.again === undefined) return;
  await forgetWhatWasRead(session, plan.fixes);
  const { fixes: left } = await plan.again();
  if (left.length === 0) return;
  const names = left.map((fix) => fix.name).join(', ');
  throw new AscendError(
    'guest.fix-failed',
    `The guest was repaired, but does not read back that way: ${names}.`,
    {
      hint: 'The backup is untouched. Report this with the log of the run.',
    },
  );
}

/**
 * So that what is read next comes from the disks. After a program of the guest has run, only what was read of a disk
 * beside its file systems is forgotten; files lie in memory as `sync` has written them. Without KVM a read into a page
 * that held a program costs QEMU up to seconds (it is busy while the guest is idle; most likely it drops what it has
 * translated of that program): all of it read anew took 27 to 41 s, this takes 2 s.
 */
async function forgetWhatWasRead(session: GuestSession, done: readonly Fix[]): Promise<void> {
  await session.call('sync');
  if (!done.some(({ changes }) => changes.some(({ kind }) => kind === 'run'))) {
    await session.call('drop-caches', '3');
    return;
  }
  for (const disk of await session.disks()) await session.call('blockdev-flushbufs', disk);
}

function unknownGuest(): Finding {
  return {
    code: 'guest.unknown',
    severity: Severity.BLOCK,
    subject: 'guest',
    message: 'No disk holds an operating system that this agent knows how to prepare for another platform.',
    remedy:
      'Check that the disk with the root file system is in the backup, first in the boot order, and not encrypted.',
  };
}
