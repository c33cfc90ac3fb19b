/** The step of a restore between convert and deploy, where a person has asked for it: the target is touched only after it. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { AscendError } from '../../proto/errors.ts';
import { warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import type { HealthCheckPassed } from '../../proto/gen/ascend/v1/run.ts';
import type { PreparedDisk } from '../disks/prepared.ts';
import { openSigner } from '../rehearsal/evidence/signer.ts';
import type { Journal } from '../state/journal.ts';
import type { StoredRun } from '../state/runs.ts';
import { rehearse, type GuestContents, type Rehearsal, type RehearsalContext } from './rehearse.ts';
import type { ChosenTarget } from './validate.ts';
import { wantsOf } from './wants.ts';

/** Key of the journal under which the convert step leaves what a rehearsal wants to know of it. */
export const CONVERTED = 'guest.converted';
export const NO_CONTENTS: GuestContents = { proofs: [], addresses: [] };
const REHEARSED = 'rehearse.done';

export interface ConvertedGuest {
  fixes: { name: string; summary: string; files: string[] }[];
  contents: GuestContents;
}

interface RunRehearsal {
  run: StoredRun;
  machine: Machine;
  disks: readonly PreparedDisk[];
  chosen: ChosenTarget;
}

type Context = Omit<RehearsalContext, 'signer' | 'onActivity'> & { stateDir: string; journal: Journal };

interface Hooks {
  onActivity: (activity: string) => void;
  onFinding: (finding: Finding) => void;
  onPassed: (value: HealthCheckPassed) => void;
}

/** @throws rehearsal.failed; a rehearsal that proves nothing either way is a finding */
export async function rehearseRun(request: RunRehearsal, context: Context, hooks: Hooks): Promise<void> {
  const { run, machine, disks, chosen } = request;
  const { journal, stateDir } = context;
  if (journal.recall(REHEARSED) !== undefined) return;
  const evidenceDir = path.join(stateDir, 'evidence', run.id);
  // What an interrupted attempt has left proves nothing.
  await rm(evidenceDir, { recursive: true, force: true });
  const { fixes, contents } = (journal.recall(CONVERTED) ?? {
    fixes: [],
    contents: NO_CONTENTS,
  }) as unknown as ConvertedGuest;
  const rehearsal = await rehearse(
    {
      machine,
      location: run.order.backup?.path ?? '',
      chosen,
      wants: wantsOf(machine, chosen, run.order.options?.addresses),
      disks,
      contents,
      wishes: { hostname: undefined, ping: false, ports: [] },
      timeoutSeconds: undefined,
      evidenceDir,
      fixes,
      findings: [],
      startedAt: new Date(),
    },
    { ...context, signer: await openSigner(stateDir), onActivity: hooks.onActivity },
  );
  rehearsal.findings.forEach(hooks.onFinding);
  judge(rehearsal, machine.name, hooks);
  journal.record(REHEARSED, true);
}

/** @throws rehearsal.failed */
export function judge(
  { verdict, statement, evidenceDir }: Pick<Rehearsal, 'verdict' | 'statement' | 'evidenceDir'>,
  name: string,
  hooks: Pick<Hooks, 'onFinding' | 'onPassed'>,
): void {
  const { outcome, message, remedy } = verdict;
  if (outcome === 'failed') {
    throw new AscendError('rehearsal.failed', `The rehearsal failed: ${message}`, {
      context: { evidence: evidenceDir },
      hint: `${remedy} Evidence: ${evidenceDir}`,
    });
  }
  if (outcome === 'unproven') {
    const text = `The rehearsal proved nothing: ${message} The restore goes on.`;
    hooks.onFinding(warn('rehearsal.unproven', name, text, `${remedy} Evidence: ${evidenceDir}`));
  } else {
    hooks.onPassed({ check: 'rehearsal', subject: statement, observed: message });
  }
}
