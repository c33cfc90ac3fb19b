import type { Command } from 'commander';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { machineJson, findingJson } from '../../proto/machine-json.ts';
import { analyse, type Analysis } from '../pipeline/analyse.ts';
import { integrityOf } from '../pipeline/integrity.ts';
import { openMeter } from '../pipeline/meter.ts';
import { openAt } from '../pipeline/open.ts';
import { verifiedBytes, verifyBackup } from '../pipeline/verify.ts';
import type { Verification } from '../repositories/integrity.ts';
import type { OpenBackup } from '../repositories/open.ts';
import { sources } from '../sources/index.ts';
import { openDatabase } from '../state/database.ts';
import { openProven, type ProvenMemory } from '../state/proven.ts';
import { machineText } from './machine-text.ts';
import { originsJson, originsText } from './origins-text.ts';
import { progressLine } from './progress-line.ts';
import { reachOf } from './reach.ts';
import { selectionOf, withSelection, type SelectionFlags } from './restore-options.ts';
import {
  bytesText,
  findingsText,
  print,
  verdictOf,
  withJson,
  type CommonOptions,
  type Shell,
} from './shell.ts';

interface Flags extends SelectionFlags, CommonOptions {
  quick?: boolean;
  explain?: boolean;
}

export function analyseVerb(program: Command, shell: Shell): void {
  withSelection(withJson(program.command('analyse')))
    .argument('<path>', 'a folder, an OVA, the file that describes a machine, or s3://bucket/prefix')
    .description('say what a backup holds, and whether it is whole; the platform is found out')
    .option('--quick', 'read headers and metadata only, hash nothing')
    .option('--explain', 'say where each fact came from')
    .action(async (path: string, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      await using backup = await openAt(path, sources, reachOf(flags, shell));
      const analysis = await analyse(backup, sources, selectionOf(flags));
      const verification = flags.quick ? undefined : await verified(analysis, backup, flags, shell);
      report(analysis, verification, flags, shell);
    });
}

async function verified(
  analysis: Analysis,
  { files }: OpenBackup,
  { state }: Flags,
  shell: Shell,
): Promise<Verification> {
  const line = progressLine(shell);
  const meter = openMeter('', line.show);
  meter.begin('analyse', 'verify checksums', verifiedBytes(analysis));
  const { exec, interrupted: signal } = shell;
  const proven = memoryIn(state, analysis.location);
  let done = 0n;
  const onBytes = (bytes: number) => meter.at((done += BigInt(bytes)));
  const verification = await verifyBackup(analysis, files, { exec, signal, onBytes, done: proven }).finally(
    () => line.end(),
  );
  proven?.forget();
  return verification;
}

/** Anybody may look at a backup; going on after an interruption is for those who may write the agent's state. */
function memoryIn(state: string, location: string): ProvenMemory | undefined {
  try {
    return openProven(openDatabase(state), `analyse:${location}`);
  } catch {
    return undefined;
  }
}

function report(
  analysis: Analysis,
  verification: Verification | undefined,
  flags: Flags,
  shell: Shell,
): void {
  const { machine, manifest, candidates, files, origins } = analysis;
  const findings: Finding[] = [...analysis.findings, ...(verification?.findings ?? [])];
  const verdict = verdictOf(findings);
  const integrity = {
    verdict: integrityOf(findings),
    checksums: checksumsOf(verification),
    files: files.length,
    proven: verification?.proven ?? 0,
    bytes: Number(verifiedBytes(analysis)),
  };
  const backup = manifest && {
    id: manifest.id,
    capturedAt: manifest.capturedAt,
    parent: manifest.parent,
  };
  const document = {
    machine: machine ? machineJson(machine) : null,
    machines: candidates.map(({ sourceId = null, ...candidate }) => ({ ...candidate, sourceId })),
    backup: backup ?? null,
    integrity,
    findings: findings.map(findingJson),
    ...(flags.explain && { origins: originsJson(origins) }),
  };
  const text = [
    machine ? machineText(machineJson(machine)) : 'No machine can be shown: see the findings.',
    ...(flags.explain && machine ? ['', originsText(machineJson(machine), origins), ''] : []),
    `Backup   ${backup ? `${backup.id}, captured ${backup.capturedAt}` : analysis.location}`,
    `         ${bytesText(integrity.bytes)} in ${integrity.files} ${integrity.files === 1 ? 'file' : 'files'}; ${integrity.verdict}; ${checksumText(verification, files.length)}`,
    findingsText(findings),
  ].join('\n');
  print(shell, flags.json, document, text);
  if (verdict === 'block') shell.setExitCode(3);
}

type Checksums = 'verified' | 'partly' | 'none' | 'skipped';

/** verified: every file that is not itself a list of checksums was compared with one. */
function checksumsOf(verification: Verification | undefined): Checksums {
  if (!verification) return 'skipped';
  if (verification.proven === 0) return 'none';
  return verification.unknown === 0 ? 'verified' : 'partly';
}

function checksumText(verification: Verification | undefined, files: number): string {
  switch (checksumsOf(verification)) {
    case 'skipped':
      return 'checksums not looked at (--quick)';
    case 'none':
      return 'no checksum proven';
    case 'partly':
      return `checksums proven of ${verification?.proven} of ${files} files`;
    case 'verified':
      return 'checksums proven';
  }
}
