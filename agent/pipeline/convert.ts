/** Step 3: the guest is made ready for the target, in overlays over the untouched backup. */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import { allocatedBytes, createOverlay, type ImageContext } from '../disks/image.ts';
import type { PreparedDisk } from '../disks/prepared.ts';
import type { Chain } from '../disks/chain.ts';
import type { Fix } from '../guests/fix.ts';
import { GuestSession } from '../guests/guest.ts';
import { planRepair, repair, type GuestPlan } from '../guests/index.ts';
import type { GuestRequirements } from '../guests/requirements.ts';
import type { ProbeAcceleration } from '../host/acceleration.ts';
import { refuseBlocked } from './validate.ts';

export interface ConvertContext extends ImageContext {
  acceleration: ProbeAcceleration;
  /** For overlays; made here, removed by the caller. */
  workDir: string;
}

export interface ConvertHooks {
  onActivity: (activity: string) => void;
  onFinding: (finding: Finding) => void;
  onFix: (fix: Fix) => void;
}

/** @throws run.blocked where a finding about the guest stops the restore. */
export async function convert(
  machine: Machine,
  chains: ReadonlyMap<string, Chain>,
  wants: GuestRequirements,
  context: ConvertContext,
  hooks: ConvertHooks,
): Promise<PreparedDisk[]> {
  // Half-fixed overlays of an interrupted attempt are worth nothing: making them takes milliseconds.
  await rm(context.workDir, { recursive: true, force: true });
  await mkdir(context.workDir, { recursive: true, mode: 0o700 });
  const overlays = await makeOverlays(machine, chains, context);
  hooks.onActivity('open the guest');
  {
    await using session = await openGuest([...overlays.values()], false, context);
    const plan = await planRepair(session, wants);
    plan.findings.forEach(hooks.onFinding);
    refuseBlocked(plan.findings);
    hooks.onActivity('fix the guest');
    await repair(session, plan, hooks.onFix);
  }
  return prepared(machine, overlays, context);
}

async function makeOverlays(
  machine: Machine,
  chains: ReadonlyMap<string, Chain>,
  context: ConvertContext,
): Promise<Map<string, string>> {
  const overlays = new Map<string, string>();
  for (const [index, { id }] of machine.disks.entries()) {
    const overlay = path.join(context.workDir, `disk${index}.qcow2`);
    await createOverlay(chains.get(id)?.top ?? '', overlay, context);
    overlays.set(id, overlay);
  }
  return overlays;
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
      allocatedBytes: await allocatedBytes(overlay, context),
    });
  }
  return disks;
}

/** Overlays that an earlier, interrupted attempt at this run has finished. */
export async function findPrepared(machine: Machine, context: ConvertContext): Promise<PreparedDisk[]> {
  const overlays = new Map(
    machine.disks.map(({ id }, index) => [id, path.join(context.workDir, `disk${index}.qcow2`)]),
  );
  return prepared(machine, overlays, context);
}

/** What would be done to the guest: one launch, nothing written. */
export async function previewRepair(
  machine: Machine,
  chains: ReadonlyMap<string, Chain>,
  wants: GuestRequirements,
  context: ConvertContext,
): Promise<GuestPlan> {
  await mkdir(context.workDir, { recursive: true, mode: 0o700 });
  try {
    const disks = machine.disks.map(({ id }) => chains.get(id)?.top ?? '');
    await using session = await openGuest(disks, true, context);
    return await planRepair(session, wants);
  } finally {
    await rm(context.workDir, { recursive: true, force: true });
  }
}

function openGuest(disks: string[], readOnly: boolean, context: ConvertContext): Promise<GuestSession> {
  const { acceleration, signal, workDir } = context;
  return GuestSession.open({ disks, readOnly, acceleration, signal, tempDir: workDir });
}
