import type { Command } from 'commander';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { machineJson, findingJson } from '../../proto/machine-json.ts';
import { analyse, type Analysis } from '../pipeline/analyse.ts';
import { integrityOf } from '../pipeline/integrity.ts';
import { openMeter } from '../pipeline/meter.ts';
import { openAt } from '../pipeline/open.ts';
import { verifyBackup } from '../pipeline/verify.ts';
import { sources } from '../sources/index.ts';
import { machineText } from './machine-text.ts';
import { originsJson, originsText } from './origins-text.ts';
import { progressLine } from './progress-line.ts';
import { selectionOf, withSelection, type SelectionFlags } from './restore-options.ts';
import { bytesText, findingsText, print, verdictOf, withJson, type Shell } from './shell.ts';

interface Flags extends SelectionFlags {
  quick?: boolean;
  explain?: boolean;
  json?: boolean;
}

export function analyseVerb(program: Command, shell: Shell): void {
  withSelection(withJson(program.command('analyse')))
    .argument('<path>', 'a folder, an OVA, or the file that describes a machine')
    .description('say what a backup holds, and whether it is whole; the platform is found out')
    .option('--quick', 'read headers and metadata only, hash nothing')
    .option('--explain', 'say where each fact came from')
    .action(async (path: string, flags: Flags) => {
      await using backup = await openAt(path, sources);
      const analysis = await analyse(backup, sources, selectionOf(flags));
      const findings = [...analysis.findings];
      if (!flags.quick) findings.push(...(await verified(analysis, shell)));
      report(analysis, findings, flags, shell);
    });
}

async function verified(analysis: Analysis, shell: Shell): Promise<Finding[]> {
  const line = progressLine(shell);
  const meter = openMeter('', line.show);
  meter.begin('analyse', 'verify checksums', BigInt(bytesOf(analysis)));
  let done = 0n;
  const onBytes = (bytes: number) => meter.at((done += BigInt(bytes)));
  return verifyBackup(analysis, { signal: shell.interrupted, onBytes }).finally(() => line.end());
}

function report(analysis: Analysis, findings: Finding[], flags: Flags, shell: Shell): void {
  const { machine, manifest, candidates, files, origins } = analysis;
  const verdict = verdictOf(findings);
  const integrity = {
    verdict: integrityOf(findings),
    checksums: flags.quick ? 'skipped' : 'verified',
    files: files.length,
    bytes: bytesOf(analysis),
  };
  const backup = manifest && { id: manifest.id, capturedAt: manifest.capturedAt, parent: manifest.parent };
  const document = {
    machine: machine ? machineJson(machine) : null,
    machines: candidates.map(({ name, platform, sourceId = null, from }) => ({
      name,
      platform,
      sourceId,
      from,
    })),
    backup: backup ?? null,
    integrity,
    findings: findings.map(findingJson),
    ...(flags.explain && { origins: originsJson(origins) }),
  };
  const text = [
    machine ? machineText(machineJson(machine)) : 'No machine can be shown: see the findings.',
    ...(flags.explain && machine ? ['', originsText(machineJson(machine), origins), ''] : []),
    `Backup   ${backup ? `${backup.id}, captured ${backup.capturedAt}` : analysis.location}, ${bytesText(integrity.bytes)} in ${integrity.files} files, ${integrity.verdict} (checksums ${integrity.checksums})`,
    findingsText(findings),
  ].join('\n');
  print(shell, flags.json, document, text);
  if (verdict === 'block') shell.setExitCode(3);
}

function bytesOf({ files }: Analysis): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
