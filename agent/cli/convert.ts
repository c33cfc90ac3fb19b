import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { Severity, type Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { findingJson } from '../../proto/machine-json.ts';
import { copyImage, flushImage } from '../disks/image.ts';
import type { PreparedDisk } from '../disks/prepared.ts';
import { serveDisks } from '../disks/serve.ts';
import { analyse } from '../pipeline/analyse.ts';
import { convert } from '../pipeline/convert.ts';
import { openAt } from '../pipeline/open.ts';
import { openMeter } from '../pipeline/meter.ts';
import { chooseTarget, placementOf, requireMachine, type ChosenTarget } from '../pipeline/validate.ts';
import { sources } from '../sources/index.ts';
import type { Placement } from '../targets/target.ts';
import { requireEmptyFolder } from './empty-folder.ts';
import { progressLine, type ProgressLine } from './progress-line.ts';
import { restoreOptionsOf, selectionOf, withRestoreOptions, type RestoreFlags } from './restore-options.ts';
import { reachOf } from './reach.ts';
import { suppliesOf } from './supplies.ts';
import { findingsText, print, withJson, workDirOf, type CommonOptions, type Shell } from './shell.ts';
import { wantsOf } from '../pipeline/wants.ts';

interface Flags extends RestoreFlags, CommonOptions {
  for: string;
  out: string;
}

export function convertVerb(program: Command, shell: Shell): void {
  withRestoreOptions(withJson(program.command('convert')))
    .argument(
      '<path>',
      'backup: a folder, an OVA, the file that describes the machine, or s3://bucket/prefix',
    )
    .description('make disks and a machine description that a target takes, as files; no target is touched')
    .requiredOption('--for <kind>', 'kind of target')
    .requiredOption('--out <dir>', 'new or empty folder for the files')
    .action(async (folder: string, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const out = path.resolve(flags.out);
      const chosen = chooseTarget({ name: flags.for, kind: flags.for, options: {} }, restoreOptionsOf(flags));
      await requireEmptyFolder(out);
      try {
        await convertTo(out, folder, chosen, flags, shell);
      } catch (error) {
        await rm(out, { recursive: true, force: true });
        throw error;
      }
    });
}

async function convertTo(
  out: string,
  folder: string,
  chosen: ChosenTarget,
  flags: Flags,
  shell: Shell,
): Promise<void> {
  const id = `convert-${randomUUID()}`;
  const { exec, acceleration, interrupted: signal } = shell;
  const supplies = await suppliesOf(flags);
  const context = { exec, acceleration, signal, supplies, workDir: path.join(workDirOf(flags.state), id) };
  await using backup = await openAt(folder, sources, reachOf(flags, shell));
  const analysis = await analyse(backup, sources, selectionOf(flags));
  const findings: Finding[] = [...analysis.findings];
  const machine = requireMachine(analysis);
  const line = progressLine(shell);
  try {
    await using served = await serveDisks(analysis.chains, backup.files, path.join(context.workDir, 'disks'));
    const placed = await placementOf(randomUUID(), machine, served, restoreOptionsOf(flags), context);
    const placement = { ...placed, name: fileName(placed.name) };
    const wants = wantsOf(placement.machine, chosen, restoreOptionsOf(flags));
    const files = await served.reading(async () => {
      const disks = await convert(placement.machine, served, wants, context, {
        onActivity: line.say,
        onFinding: (finding) => void findings.push(finding),
        onFix: ({ summary }) => line.say(`  fixed: ${summary}`),
      });
      return writeFiles(out, disks, placement, chosen, context, line);
    });
    const notable = findings.filter(({ severity }) => severity !== Severity.INFO);
    const text = [
      `Written to ${out}:`,
      ...files.map((file) => `  ${path.basename(file)}`),
      findingsText(notable),
    ].join('\n');
    print(shell, flags.json, { out, files, findings: findings.map(findingJson) }, text);
  } finally {
    line.end();
    await rm(context.workDir, { recursive: true, force: true });
  }
}

/** A machine's name comes from the backup, and may hold anything; files must stay in the folder. */
function fileName(name: string): string {
  return (
    name
      .replace(/[^\p{L}\p{N}._+ -]/gu, '_')
      .replace(/^[. ]+/, '_')
      .slice(0, 100) || 'machine'
  );
}

async function writeFiles(
  out: string,
  disks: readonly PreparedDisk[],
  placement: Placement,
  { target, options }: ChosenTarget,
  context: Parameters<typeof copyImage>[3] & { acceleration: Shell['acceleration'] },
  line: ProgressLine,
): Promise<string[]> {
  const meter = openMeter('', line.show);
  const written: PreparedDisk[] = [];
  for (const [index, disk] of disks.entries()) {
    const file = path.join(out, `${placement.name}-disk${index}.${target.fileFormat}`);
    meter.begin('convert', `write ${path.basename(file)}`, disk.allocatedBytes);
    const onFraction = (fraction: number) =>
      meter.at(BigInt(Math.round(Number(disk.allocatedBytes) * fraction)));
    await copyImage(disk.path, file, { format: target.fileFormat, onFraction }, context);
    await flushImage(file);
    written.push({ ...disk, path: file });
  }
  const rendered = await target.render(placement, written, options, context);
  for (const { name, text } of rendered) await writeFile(path.join(out, name), text);
  return [...written.map(({ path: file }) => file), ...rendered.map(({ name }) => path.join(out, name))];
}
