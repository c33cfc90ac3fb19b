import path from 'node:path';
import type { Command } from 'commander';
import { readIdentity } from '../link/identity.ts';
import { verifyEvidence, type EvidenceCheck } from '../rehearsal/evidence/verify.ts';
import { print, withJson, type CommonOptions, type Shell } from './shell.ts';

export function evidenceVerb(program: Command, shell: Shell): void {
  const evidence = program.command('evidence').description('evidence that rehearsals have left');
  withJson(evidence.command('verify'))
    .argument('<dir>', 'folder of a rehearsal')
    .description('check the signature of a rehearsal, and every file of it')
    .action(async (folder: string, _options: unknown, command: Command) => {
      const { state, json } = command.optsWithGlobals<CommonOptions>();
      const identity = await readIdentity(path.resolve(state));
      const check = await verifyEvidence(path.resolve(folder), identity?.ca);
      const { intact, problems, signedBy, evidence } = check;
      const { machine, destination, verdict, fidelity, madeAt } = evidence;
      const document = {
        intact,
        problems,
        signedBy: { ...signedBy, agentId: signedBy.agentId ?? null, trusted: signedBy.trusted ?? null },
        machine: machine.name,
        destination: destination.kind,
        fidelity,
        verdict: verdict.outcome,
        madeAt,
      };
      print(shell, json, document, textOf(check));
      if (!intact) shell.setExitCode(1);
    });
}

function textOf({ intact, problems, signedBy, evidence }: EvidenceCheck): string {
  const { machine, destination, verdict, madeAt } = evidence;
  return [
    intact ? 'The evidence is as it was signed.' : 'The evidence is NOT as it was signed:',
    ...problems.map((problem) => `  ${problem}`),
    `${machine.name} for ${destination.title}, ${madeAt}: ${verdict.outcome}. ${verdict.message}`,
    signerText(signedBy),
  ].join('\n');
}

function signerText({ kind, fingerprint, agentId, trusted }: EvidenceCheck['signedBy']): string {
  if (kind === 'local') {
    return `Signed with the key ${fingerprint} that a host which is not enrolled has made for itself: this proves only that the same host wrote all of it. Compare the fingerprint with the host's.`;
  }
  const trust =
    trusted === undefined
      ? 'this host is not enrolled, so the certificate was not checked against a controller'
      : trusted
        ? 'its certificate is of the controller that this host is enrolled at'
        : 'its certificate is of another controller, or of none';
  return `Signed by agent ${agentId ?? ''} with the key ${fingerprint}; ${trust}.`;
}
