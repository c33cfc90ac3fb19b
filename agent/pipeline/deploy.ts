/** Step 4: the disks go to the target, the machine is defined, started and watched until it proves that it works. */
import type {
  DeployedMachine,
  DiskWritten,
  HealthCheckPassed,
  HealthChecks,
} from '../../proto/gen/ascend/v1/run.ts';
import type { PreparedDisk } from '../disks/prepared.ts';
import type { Journal } from '../state/journal.ts';
import type { Json } from '../state/json.ts';
import type { Placement, TargetContext, TargetSession } from '../targets/target.ts';
import { proveHealth } from './health.ts';
import type { ChosenTarget } from './validate.ts';

export interface DeployHooks {
  onDisk: (disk: PreparedDisk) => void;
  onProgress: (activity: string, doneBytes: bigint) => void;
  onDiskWritten: (written: DiskWritten) => void;
  onActivity: (activity: string) => void;
  onHealth: (passed: HealthCheckPassed) => void;
}

/** Key of the journal under which a session's state is intended before its first effect. */
export const SESSION = 'target.session';

export interface SessionToken {
  kind: string;
  options: Json;
  state: Json;
}

/** The session of this run: a new one, whose names are journaled before it does anything, or the one from before. */
export function openSession(
  { target, options }: ChosenTarget,
  placement: Placement,
  journal: Journal,
): TargetSession {
  const earlier = journal.intended(SESSION) as SessionToken | undefined;
  if (earlier) return target.recover(earlier.state, placement, options);
  const session = target.begin(placement, options);
  const token: SessionToken = { kind: target.kind, options: options as Json, state: session.state };
  journal.intend(SESSION, { ...token });
  return session;
}

export async function writeDisks(
  session: TargetSession,
  disks: readonly PreparedDisk[],
  journal: Journal,
  context: TargetContext,
  hooks: DeployHooks,
): Promise<void> {
  for (const disk of disks) {
    if (journal.recall(`disk.${disk.id}`) !== undefined) continue;
    hooks.onDisk(disk);
    const startedAt = Date.now();
    const proof = await session.writeDisk(disk, { ...context, onProgress: hooks.onProgress });
    journal.record(`disk.${disk.id}`, { ...proof });
    hooks.onDiskWritten({
      diskId: disk.id,
      location: proof.location,
      sizeBytes: disk.sizeBytes,
      writtenBytes: BigInt(proof.writtenBytes),
      durationMs: BigInt(Date.now() - startedAt),
      verified: proof.verified,
    });
  }
}

/** @throws health.not-proven where the machine was started and does not prove that it works */
export async function bringUp(
  session: TargetSession,
  health: HealthChecks | undefined,
  journal: Journal,
  context: TargetContext,
  hooks: DeployHooks,
): Promise<DeployedMachine> {
  hooks.onActivity('define and start the machine');
  const machine = await session.finish(context);
  journal.record('target.machine', { ...machine });
  if (!machine.running) return machine;
  hooks.onActivity('wait for the machine to prove that it works');
  await proveHealth(session.watch, health, context, hooks.onHealth);
  return machine;
}
