/** The rehearsal of a run: a step of its own between convert and deploy, or what the run ends with. */
import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { AscendError } from '../../proto/errors.ts';
import { info, warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import {
  RehearsalVerdict,
  type HealthChecks,
  type RehearsalFinished,
} from '../../proto/gen/ascend/v1/run.ts';
import type { PreparedDisk } from '../disks/prepared.ts';
import { openSigner } from '../rehearsal/evidence/signer.ts';
import type { Wishes } from '../rehearsal/verdict.ts';
import type { Journal } from '../state/journal.ts';
import type { Json } from '../state/json.ts';
import type { StoredRun } from '../state/runs.ts';
import {
  expectedAddresses,
  rehearse,
  type GuestContents,
  type Rehearsal,
  type RehearsalContext,
} from './rehearse.ts';
import type { ChosenTarget } from './validate.ts';
import { wantsOf } from './wants.ts';

/** Key of the journal under which the convert step leaves what a rehearsal wants to know of it. */
export const CONVERTED = 'guest.converted';
export const NO_CONTENTS: GuestContents = { proofs: [], addresses: [] };
/** Where a run that is taken up again finds the rehearsal it has had. */
export const REHEARSED = 'rehearsal';
// The wire's limit: text screens are some 10 KB, and larger pictures stay in the evidence folder.
const MOST_SCREEN_BYTES = 200 * 1024;

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
  onFinished: (value: RehearsalFinished) => void;
}

/** A rehearsal as the journal keeps it; its findings are events by then. */
type Told = Omit<Rehearsal, 'findings'>;

/** @throws rehearsal.failed; rehearsal.unproven where the rehearsal is all that was ordered */
export async function rehearseRun(request: RunRehearsal, context: Context, hooks: Hooks): Promise<void> {
  const earlier = context.journal.recall(REHEARSED) as Told | undefined;
  const rehearsal = earlier ?? (await rehearseAnew(request, context, hooks));
  hooks.onFinished(await tell(rehearsal));
  judge(rehearsal, request.machine.name, request.run.order.rehearsalOnly ?? false, hooks.onFinding);
}

async function rehearseAnew(request: RunRehearsal, context: Context, hooks: Hooks): Promise<Told> {
  const { run, machine, disks, chosen } = request;
  const { journal, stateDir } = context;
  const evidenceDir = path.join(stateDir, 'evidence', run.id);
  // What an interrupted attempt has left proves nothing.
  await rm(evidenceDir, { recursive: true, force: true });
  const { fixes, contents } = (journal.recall(CONVERTED) ?? {
    fixes: [],
    contents: NO_CONTENTS,
  }) as unknown as ConvertedGuest;
  const wants = wantsOf(machine, chosen, run.order.options);
  const asked = wishesOf(run.order.options?.health, expectedAddresses(machine, wants, contents));
  const signer = await openSigner(stateDir);
  const { findings, ...told } = await rehearse(
    {
      machine,
      location: run.order.backup?.path ?? '',
      chosen,
      wants,
      disks,
      contents,
      wishes: asked.wishes,
      timeoutSeconds: undefined,
      evidenceDir,
      fixes,
      findings: asked.left.map(notAsked),
      startedAt: new Date(),
    },
    { ...context, signer, onActivity: hooks.onActivity },
  ).catch(async (error: unknown) => {
    // It was cancelled or could not be done: what is there is not signed.
    await rm(evidenceDir, { recursive: true, force: true });
    throw error;
  });
  findings.forEach(hooks.onFinding);
  journal.record(REHEARSED, told as unknown as Json);
  return told;
}

/**
 * What is asked of the restored machine is asked of its twin, where the twin can answer: it is alone in its network, with
 * the addresses that the guest itself has.
 *
 * @returns `left`: the checks that are for the restored machine alone.
 */
export function wishesOf(
  health: HealthChecks | undefined,
  addresses: readonly string[],
): { wishes: Wishes; left: string[] } {
  const { hostname, ping = [], tcp = [] } = health ?? {};
  const places = tcp.map((place) => {
    const separator = place.lastIndexOf(':');
    return { place, address: place.slice(0, separator), port: Number(place.slice(separator + 1)) };
  });
  const own = places.filter(({ address }) => addresses.includes(address));
  const left = [
    ...ping.filter((address) => !addresses.includes(address)).map((address) => `ping ${address}`),
    ...places.filter((each) => !own.includes(each)).map(({ place }) => `TCP ${place}`),
  ];
  const wishes = {
    hostname: hostname || undefined,
    ping: ping.filter((address) => addresses.includes(address)),
    ports: [...new Set(own.map(({ port }) => port))],
  };
  return { wishes, left };
}

function notAsked(check: string): Finding {
  const message =
    'The twin was not asked for this: that is no address which the guest itself is known to have.';
  return info('rehearsal.not-asked', check, message, 'Nothing to do: a restore asks the real machine.');
}

async function tell({
  verdict,
  contents,
  seconds,
  evidenceDir,
  ...rehearsal
}: Told): Promise<RehearsalFinished> {
  const { outcome, cause = '', message, remedy, observed } = verdict;
  const { fidelity, statement, lastShot } = rehearsal;
  return {
    verdict: VERDICTS[outcome],
    cause,
    message,
    remedy,
    observed: [...observed],
    fidelity,
    statement,
    contents: [...contents],
    evidence: evidenceDir,
    durationMs: BigInt(Math.round(seconds * 1000)),
    screen: lastShot === undefined ? Buffer.alloc(0) : await smallPicture(path.join(evidenceDir, lastShot)),
  };
}

const VERDICTS = {
  passed: RehearsalVerdict.PASSED,
  failed: RehearsalVerdict.FAILED,
  unproven: RehearsalVerdict.UNPROVEN,
} as const;

/** Empty where it is too large to be sent, or somebody has removed it. */
async function smallPicture(file: string): Promise<Buffer> {
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  return size > 0 && size <= MOST_SCREEN_BYTES ? readFile(file) : Buffer.alloc(0);
}

/** @throws rehearsal.failed; rehearsal.unproven where nothing else was ordered */
export function judge(
  { verdict, evidenceDir }: Pick<Rehearsal, 'verdict' | 'evidenceDir'>,
  name: string,
  rehearsalOnly: boolean,
  onFinding: Hooks['onFinding'],
): void {
  const { outcome, message, remedy } = verdict;
  const context = { evidence: evidenceDir };
  const hint = `${remedy} Evidence: ${evidenceDir}`;
  if (outcome === 'failed')
    throw new AscendError('rehearsal.failed', `The rehearsal failed: ${message}`, { context, hint });
  if (outcome === 'passed') return;
  const text = `The rehearsal proved nothing: ${message}`;
  if (rehearsalOnly) throw new AscendError('rehearsal.unproven', text, { context, hint });
  onFinding(warn('rehearsal.unproven', name, `${text} The restore goes on.`, hint));
}
