import path from 'node:path';
import type { Command } from 'commander';
import { findingJson } from '../../proto/machine-json.ts';
import { createBackup } from '../pipeline/create-backup.ts';
import { openMeter } from '../pipeline/meter.ts';
import { sources } from '../sources/index.ts';
import { requireEmptyFolder } from './empty-folder.ts';
import { progressLine } from './progress-line.ts';
import { bytesText, findingsText, print, withJson, type Shell } from './shell.ts';

interface CreateFlags {
  machine: string[];
  disk: string[];
  vm?: string;
  config?: string;
  out: string;
  json?: boolean;
}

const collect = (value: string, all: string[] = []) => [...all, value];

export function backupVerb(program: Command, shell: Shell): void {
  const backup = program.command('backup').description('make backups that Ascend restores');
  withJson(backup.command('create'))
    .description(
      'wrap disks and metadata of any platform into a backup set; they are copied, and not changed',
    )
    .requiredOption(
      '--machine <file>',
      "the machine's metadata; repeat for files that belong together",
      collect,
    )
    .option('--disk <file>', 'disk of the machine, or ID=FILE; repeat for each', collect, [])
    .requiredOption('--out <dir>', 'new or empty folder for the backup set')
    .option('--vm <name>', 'machine to take, by name or identifier, where several are described')
    .option('--config <id>', 'deployment configuration to take, where an OVF has several')
    .action((flags: CreateFlags) => create(flags, shell));
}

async function create(flags: CreateFlags, shell: Shell): Promise<void> {
  const out = path.resolve(flags.out);
  await requireEmptyFolder(out);
  const line = progressLine(shell);
  const meter = openMeter('', line.show);
  let done = 0n;
  const { manifest, findings } = await createBackup(
    { machine: flags.machine, disks: flags.disk, vm: flags.vm, config: flags.config, out },
    sources,
    {
      signal: shell.interrupted,
      onStart: (totalBytes) => meter.begin('create', 'copy and hash', BigInt(totalBytes)),
      onBytes: (bytes) => meter.at((done += BigInt(bytes))),
    },
  ).finally(() => line.end());
  const text = [
    `Backup set of ${manifest.machineName} in ${out}: ${manifest.disks.length} disks, ${bytesText(done)}, captured ${manifest.capturedAt}.`,
    findingsText(findings),
    `Next: ascend-agent analyse ${out}`,
  ].join('\n');
  print(shell, flags.json, { out, manifest, findings: findings.map(findingJson) }, text);
}
