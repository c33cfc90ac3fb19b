/** Step 3: the guest is made ready for the target, in overlays over the untouched backup. */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import { allocatedBytes, createOverlay, type ImageContext } from '../disks/image.ts';
import type { PreparedDisk } from '../disks/prepared.ts';
import type { ServedDisks } from '../disks/serve.ts';
import type { Fix } from '../guests/fix.ts';
import { GuestSession } from '../guests/guest.ts';
import { planRepair, repair, type GuestPlan } from '../guests/index.ts';
import type { GuestRequirements, Supplies } from '../guests/requirements.ts';
import { readVolumeKeys } from '../guests/volume-keys.ts';
import type { ProbeAcceleration } from '../host/acceleration.ts';
import { refuseBlocked } from './validate.ts';

export interface ConvertContext extends ImageContext {
  acceleration: ProbeAcceleration;
  /** For overlays, in a folder of their own; made here, removed by the caller. */
  workDir: string;
  /** What the user supplies for the guest. */
  supplies?: Supplies;
}

export interface ConvertHooks {
  onActivity: (activity: string) => void;
  onFinding: (finding: Finding) => void;
  onFix: (fix: Fix) => void;
  /** Looks at the guest as it is now, while it is open. */
  examine?: (session: GuestSession, plan: GuestPlan) => Promise<void>;
}

/** @throws run.blocked where a finding about the guest stops the restore. */
export async function convert(
  machine: Machine,
  served: ServedDisks,
  wants: GuestRequirements,
  context: ConvertContext,
  hooks: ConvertHooks,
): Promise<PreparedDisk[]> {
  const overlays = await makeOverlays(machine, served, context);
  hooks.onActivity('open the guest');
  {
    await using session = await openGuest([...overlays.values()], false, context);
    const plan = await planRepair(session, withSupplies(wants, context));
    plan.findings.forEach(hooks.onFinding);
    refuseBlocked(plan.findings);
    hooks.onActivity('fix the guest');
    await repair(session, plan, hooks.onFix);
    await hooks.examine?.(session, plan);
  }
  return prepared(machine, overlays, context);
}

async function makeOverlays(
  machine: Machine,
  served: ServedDisks,
  context: ConvertContext,
): Promise<Map<string, string>> {
  const folder = overlayFolder(context);
  // Half-fixed overlays of an interrupted attempt are worth nothing: making them takes milliseconds.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const overlays = overlayPaths(machine, context);
  for (const [id, overlay] of overlays) await createOverlay(served.backingOf(id), overlay, context);
  return overlays;
}

/** Apart from the socket that the disks are served on. */
function overlayFolder({ workDir }: ConvertContext): string {
  return path.join(workDir, 'overlays');
}

function overlayPaths(machine: Machine, context: ConvertContext): Map<string, string> {
  const folder = overlayFolder(context);
  return new Map(machine.disks.map(({ id }, index) => [id, path.join(folder, `disk${index}.qcow2`)]));
}

async function prepared(
  machine: Machine,
  overlays: ReadonlyMap<string, string>,
  context: ImageContext,
): Promise<PreparedDisk[]> {
  const disks: PreparedDisk[] = [];
  for (const { id, boot, sizeBytes } of machine.disks) {
    const overlay = overlays.get(id) ?? '';
    disks.push({
      id,
      boot,
      path: overlay,
      sizeBytes: sizeBytes ?? 0n,
      allocatedBytes: await allocatedBytes({ name: overlay, format: 'qcow2' }, context),
    });
  }
  return disks;
}

/** Overlays that an earlier, interrupted attempt at this run has finished. What they are over is served again by now. */
export async function findPrepared(machine: Machine, context: ConvertContext): Promise<PreparedDisk[]> {
  return prepared(machine, overlayPaths(machine, context), context);
}

/** What would be done to the guest: one launch, nothing written. */
export async function previewRepair(
  machine: Machine,
  served: ServedDisks,
  wants: GuestRequirements,
  context: ConvertContext,
): Promise<GuestPlan> {
  const overlays = await makeOverlays(machine, served, context);
  await using session = await openGuest([...overlays.values()], true, context);
  return await planRepair(session, withSupplies(wants, context));
}

function withSupplies(wants: GuestRequirements, { supplies }: ConvertContext): GuestRequirements {
  return { ...wants, supplies: { ...wants.supplies, ...supplies } };
}

async function openGuest(disks: string[], readOnly: boolean, context: ConvertContext): Promise<GuestSession> {
  const { acceleration, signal } = context;
  const keys = await readVolumeKeys(context.supplies?.luksKeys ?? []);
  return GuestSession.open({ disks, readOnly, keys, acceleration, signal, tempDir: overlayFolder(context) });
}
