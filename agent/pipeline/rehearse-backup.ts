/** A restore's first steps and a rehearsal in place of its last: from a backup to a verdict. */
import path from 'node:path';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { RestoreOptions } from '../../proto/gen/ascend/v1/run.ts';
import { serveDisks } from '../disks/serve.ts';
import { changedFiles, type Fix } from '../guests/fix.ts';
import type { Supplies } from '../guests/requirements.ts';
import type { OpenBackup } from '../repositories/open.ts';
import type { Source } from '../sources/source.ts';
import { analyse, type Selection } from './analyse.ts';
import { convert } from './convert.ts';
import {
  contentsOf,
  rehearse,
  type GuestContents,
  type Rehearsal,
  type RehearsalContext,
  type RehearsalRequest,
} from './rehearse.ts';
import { placementOf, requireMachine, type ChosenDestination } from './validate.ts';
import { wantsOf } from './wants.ts';

export interface BackupRehearsalRequest {
  id: string;
  backup: OpenBackup;
  location: string;
  selection: Selection | undefined;
  chosen: ChosenDestination;
  options: RestoreOptions;
  /** hostname true: the machine's own name. */
  wishes: { ping: boolean; ports: readonly number[]; hostname: string | true | undefined };
  timeoutSeconds: number | undefined;
  evidenceDir: string;
}

export type BackupRehearsal = Rehearsal & { fixes: RehearsalRequest['fixes'] };

/** @throws run.blocked and what analysing, converting and `rehearse` throw */
export async function rehearseBackup(
  request: BackupRehearsalRequest,
  context: Omit<RehearsalContext, 'onActivity'> & { sources: readonly Source[]; supplies?: Supplies },
  say: (text: string) => void,
): Promise<BackupRehearsal> {
  const { id, backup, chosen, options } = request;
  const startedAt = new Date();
  const analysis = await analyse(backup, context.sources, request.selection);
  const findings: Finding[] = [...analysis.findings];
  const source = requireMachine(analysis);
  await using served = await serveDisks(analysis.chains, backup.files, path.join(context.workDir, 'disks'));
  const { machine } = await placementOf(id, source, served, options, context);
  const wants = wantsOf(machine, chosen, options);
  const fixes: Fix[] = [];
  let contents: GuestContents = { proofs: [], addresses: [] };
  return await served.reading(async () => {
    const disks = await convert(machine, served, wants, context, {
      onActivity: say,
      onFinding: (finding) => void findings.push(finding),
      onFix: (fix) => {
        fixes.push(fix);
        say(`  fixed: ${fix.summary}`);
      },
      examine: async (session, plan) => {
        contents = await contentsOf(session, plan);
      },
    });
    const made = fixes.map((fix) => ({ name: fix.name, summary: fix.summary, files: changedFiles(fix) }));
    const { hostname } = request.wishes;
    const wishes = { ...request.wishes, hostname: hostname === true ? machine.name : hostname };
    const rehearsal = await rehearse(
      { ...request, machine, wants, disks, contents, wishes, fixes: made, findings, startedAt },
      { ...context, onActivity: say },
    );
    return { ...rehearsal, fixes: made };
  });
}
