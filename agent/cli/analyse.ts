import type { Command } from 'commander';
import { machineJson, findingJson } from '../../proto/machine-json.ts';
import { analyse } from '../pipeline/analyse.ts';
import { openMeter } from '../pipeline/meter.ts';
import { verifyFiles } from '../repositories/integrity.ts';
import { sources } from '../sources/index.ts';
import { machineText } from './machine-text.ts';
import { progressLine } from './progress-line.ts';
import { bytesText, findingsText, print, verdictOf, withJson, type Shell } from './shell.ts';

export function analyseVerb(program: Command, shell: Shell): void {
  withJson(program.command('analyse'))
    .argument('<path>', 'folder of a backup')
    .description('say what a backup holds, and whether it is whole')
    .option('--quick', 'read headers and metadata only, hash nothing')
    .action(async (path: string, options: { quick?: boolean; json?: boolean }) => {
      const { folder, manifest, machine, findings } = await analyse(path, sources);
      const totalBytes = manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      if (!options.quick) {
        const line = progressLine(shell);
        const meter = openMeter('', line.show);
        meter.begin('analyse', 'verify checksums', BigInt(totalBytes));
        let done = 0n;
        const onBytes = (bytes: number) => meter.at((done += BigInt(bytes)));
        findings.push(...(await verifyFiles(folder, manifest, { signal: shell.interrupted, onBytes })));
        line.end();
      }
      const verdict = verdictOf(findings);
      const integrity = {
        verdict: verdict === 'block' ? 'broken' : 'whole',
        checksums: options.quick ? 'skipped' : 'verified',
        files: manifest.files.length,
        bytes: totalBytes,
      };
      const backup = { id: manifest.id, capturedAt: manifest.capturedAt, parent: manifest.parent };
      const document = {
        machine: machine && machineJson(machine),
        backup,
        integrity,
        findings: findings.map(findingJson),
      };
      const text = [
        machine ? machineText(machineJson(machine)) : 'The machine cannot be understood.',
        `Backup   ${manifest.id}, captured ${manifest.capturedAt}, ${bytesText(totalBytes)} in ${manifest.files.length} files, ${integrity.verdict} (checksums ${integrity.checksums})`,
        findingsText(findings),
      ].join('\n');
      print(shell, options.json, document, text);
      if (verdict === 'block') shell.setExitCode(3);
    });
}
