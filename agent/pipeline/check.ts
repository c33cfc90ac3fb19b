/** The preview of a restore: every finding and every fix, with nothing changed anywhere. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import type { RestoreOptions } from '../../proto/gen/ascend/v1/run.ts';
import { serveDisks } from '../disks/serve.ts';
import type { Exec } from '../exec.ts';
import type { GuestDescription } from '../guests/description.ts';
import type { Fix } from '../guests/fix.ts';
import type { Supplies } from '../guests/requirements.ts';
import type { ProbeAcceleration } from '../host/acceleration.ts';
import type { OpenBackup } from '../repositories/open.ts';
import type { Source } from '../sources/source.ts';
import { analyse, type Analysis, type Selection } from './analyse.ts';
import { previewRepair } from './convert.ts';
import { placementOf, validate, type ChosenDestination, type ChosenTarget } from './validate.ts';
import { wantsOf } from './wants.ts';

export interface CheckContext {
  exec: Exec;
  acceleration: ProbeAcceleration;
  sources: readonly Source[];
  signal: AbortSignal;
  workDir: string;
  /** What the user supplies for the guest. */
  supplies?: Supplies;
}

export interface Preview {
  machine: Machine | undefined;
  /** What was found in its disks; undefined where nothing was looked into, or nothing is known of it. */
  guest: GuestDescription | undefined;
  findings: Finding[];
  fixes: Fix[];
  estimate: { copyBytes: bigint; seconds: number } | undefined;
}

/** `live`: the target is asked too; otherwise it is only about what a kind of target needs. */
export type CheckRequest = CheckedBackup &
  (
    { live: true; chosen: ChosenTarget; rehearsalOnly?: boolean } | { live: false; chosen: ChosenDestination }
  );

interface CheckedBackup {
  /** Names the scratch folder. */
  id: string;
  backup: OpenBackup;
  selection: Selection | undefined;
  options: RestoreOptions | undefined;
}

export async function check(request: CheckRequest, context: CheckContext): Promise<Preview> {
  const { id, backup, selection, chosen, options } = request;
  const analysis = await analyse(backup, context.sources, selection);
  const { machine } = analysis;
  const findings = [...analysis.findings];
  if (!machine || !isWhole(analysis))
    return { machine, guest: undefined, findings, fixes: [], estimate: undefined };
  const workDir = path.join(context.workDir, id);
  try {
    await using served = await serveDisks(analysis.chains, backup.files, path.join(workDir, 'disks'));
    const placement = await placementOf(id, machine, served, options, context);
    if (request.live) findings.push(...(await validate(placement, request.chosen, request, context)));
    const wants = wantsOf(placement.machine, chosen, options);
    const plan = await served.reading(() =>
      previewRepair(placement.machine, served, wants, { ...context, workDir }),
    );
    findings.push(...plan.findings);
    const { guest, fixes } = plan;
    return { machine, guest, findings, fixes, estimate: estimateOf(placement.copyBytes) };
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

function isWhole({ chains, machine }: Analysis): boolean {
  const disks = machine?.disks.filter(({ id }) => chains.has(id)) ?? [];
  return disks.length > 0 && [...chains.values()].every(({ usable }) => usable);
}

// A guest is opened and fixed in some 20 s without hardware virtualisation; each byte is hashed, copied and read
// back, together at some 250 MB/s on two cores and local storage.
const GUEST_SECONDS = 20;
const BYTES_PER_SECOND = 250_000_000;

function estimateOf(copyBytes: bigint): Preview['estimate'] {
  return { copyBytes, seconds: GUEST_SECONDS + Math.ceil(Number(copyBytes) / BYTES_PER_SECOND) };
}
