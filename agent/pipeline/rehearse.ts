/** Boots the converted disks of a machine in the twin of where it is to go, and keeps what was seen. No target is touched. */
import path from 'node:path';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import type { PreparedDisk } from '../disks/prepared.ts';
import type { Exec } from '../exec.ts';
import { configuredAddresses } from '../guests/addresses.ts';
import type { GuestSession } from '../guests/guest.ts';
import type { GuestPlan } from '../guests/index.ts';
import type { ContentProof } from '../guests/proof.ts';
import type { GuestRequirements } from '../guests/requirements.ts';
import type { ProbeAcceleration } from '../host/acceleration.ts';
import { openEvidence, type EvidenceFacts } from '../rehearsal/evidence/folder.ts';
import type { EvidenceSigner } from '../rehearsal/evidence/signer.ts';
import { fidelityOf, type Fidelity } from '../rehearsal/hardware.ts';
import { statementOf } from '../rehearsal/statement.ts';
import { runTwin, type TwinRun } from '../rehearsal/twin-run.ts';
import type { Wishes } from '../rehearsal/verdict.ts';
import type { ChosenDestination } from './validate.ts';

/** What the open guest told about itself, for the verdict. */
export interface GuestContents {
  proofs: ContentProof[];
  /** IPv4 addresses that its own files and settings give it. */
  addresses: string[];
}

export async function contentsOf(session: GuestSession, plan: GuestPlan): Promise<GuestContents> {
  const addresses = [...(await configuredAddresses(session)), ...plan.addresses];
  return { proofs: plan.prove(), addresses };
}

export interface RehearsalRequest {
  machine: Machine;
  /** Where the backup lies, for people. */
  location: string;
  chosen: ChosenDestination;
  /** What the guest was made ready for. */
  wants: GuestRequirements;
  disks: readonly PreparedDisk[];
  contents: GuestContents;
  wishes: Wishes;
  timeoutSeconds: number | undefined;
  /** New or empty. */
  evidenceDir: string;
  fixes: EvidenceFacts['fixes'];
  findings: readonly Finding[];
  startedAt: Date;
}

export interface RehearsalContext {
  exec: Exec;
  acceleration: ProbeAcceleration;
  signal: AbortSignal;
  /** Of this run. */
  workDir: string;
  /** Of the agent. */
  version: string;
  signer: EvidenceSigner;
  onActivity: (activity: string) => void;
}

export interface Rehearsal {
  verdict: TwinRun['verdict'];
  fidelity: Fidelity;
  /** What the fidelity means, in words. */
  statement: string;
  contents: readonly ContentProof[];
  findings: readonly Finding[];
  seconds: number;
  evidenceDir: string;
  /** Name of the last picture in it. */
  lastShot: string | undefined;
}

/** @throws host.tool-missing, host.command-failed, run.cancelled; a twin that does not start up is no error */
export async function rehearse(request: RehearsalRequest, context: RehearsalContext): Promise<Rehearsal> {
  const { machine, chosen, wants, disks, contents, evidenceDir } = request;
  const { target, options } = chosen;
  const hardware = target.hardware(machine, options);
  const addresses = expectedAddresses(machine, wants, contents);
  const evidence = await openEvidence(evidenceDir);
  const run = await runTwin(
    { ...request, hardware, addresses, contents: contents.proofs, disks: disks.map((disk) => disk.path) },
    { ...context, evidenceDir, folder: path.join(context.workDir, 'twin') },
  );
  const fidelity = fidelityOf(hardware);
  const statement = statementOf(hardware, target.title);
  const findings = [...request.findings, ...run.findings];
  await evidence.seal(
    {
      ...request,
      destination: { kind: target.kind, title: target.title },
      hardware,
      fidelity,
      statement,
      contents: contents.proofs,
      findings,
      run,
      agentVersion: context.version,
    },
    context,
  );
  const { verdict, seconds } = run;
  const lastShot = run.shots.at(-1)?.file;
  return {
    verdict,
    fidelity,
    statement,
    contents: contents.proofs,
    findings,
    seconds,
    evidenceDir,
    lastShot,
  };
}

/** What the guest keeps of its addresses, or is given instead; none where it is to ask for them. */
export function expectedAddresses(
  { nics }: Machine,
  wants: GuestRequirements,
  { addresses }: GuestContents,
): string[] {
  const given = wants.nics.flatMap(({ addressing }) =>
    typeof addressing === 'object' ? [withoutPrefix(addressing.cidr)] : [],
  );
  const keeps = wants.nics.length === 0 || wants.nics.some(({ addressing }) => addressing === 'keep');
  const own = keeps ? [...nics.flatMap((nic) => nic.addresses.map(withoutPrefix)), ...addresses] : [];
  return [...new Set([...given, ...own])].filter((address) => !address.includes(':'));
}

function withoutPrefix(cidr: string): string {
  return cidr.split('/')[0] ?? cidr;
}
