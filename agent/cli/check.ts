import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { AscendError } from '../../proto/errors.ts';
import { findingJson, machineJson } from '../../proto/machine-json.ts';
import { changedFiles } from '../guests/fix.ts';
import { check } from '../pipeline/check.ts';
import { openAt } from '../pipeline/open.ts';
import { chooseDestination, chooseTarget } from '../pipeline/validate.ts';
import { sources } from '../sources/index.ts';
import { restoreOptionsOf, selectionOf, withRestoreOptions, type RestoreFlags } from './restore-options.ts';
import { guestJson, guestText } from './guest-text.ts';
import { reachOf } from './reach.ts';
import { suppliesOf } from './supplies.ts';
import {
  bytesText,
  findingsText,
  openAgent,
  print,
  verdictOf,
  withJson,
  workDirOf,
  type CommonOptions,
  type Shell,
} from './shell.ts';

interface CheckFlags extends RestoreFlags, CommonOptions {
  target?: string;
  for?: string;
}

export function checkVerb(program: Command, shell: Shell): void {
  withRestoreOptions(withJson(program.command('check')))
    .argument(
      '<path>',
      'backup: a folder, an OVA, the file that describes the machine, or s3://bucket/prefix',
    )
    .description(
      'say what stands in the way of a restore, and what it would change in the guest; nothing is changed',
    )
    .option('--target <name>', 'ask this target of the agent')
    .option('--for <kind>', 'what a target of this kind needs, without asking one')
    .action(async (path: string, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<CheckFlags>();
      const restore = restoreOptionsOf(flags);
      const chosen = await chosenBy(flags, restore);
      shell.stderr(
        'Looking into the backup and its guest; this takes half a minute without hardware virtualisation.\n',
      );
      await using backup = await openAt(path, sources, reachOf(flags, shell));
      const preview = await check(
        {
          id: `check-${randomUUID()}`,
          backup,
          selection: selectionOf(flags),
          options: restore,
          ...chosen,
        },
        {
          ...shell,
          sources,
          signal: shell.interrupted,
          workDir: workDirOf(flags.state),
          supplies: await suppliesOf(flags),
        },
      );
      const { machine, guest, findings, fixes, estimate } = preview;
      const verdict = verdictOf(findings);
      const document = {
        verdict,
        machine: machine && machineJson(machine),
        guest: guest ? guestJson(guest) : null,
        findings: findings.map(findingJson),
        fixes: fixes.map((fix) => ({ name: fix.name, summary: fix.summary, files: changedFiles(fix) })),
        estimate: estimate && { copyBytes: Number(estimate.copyBytes), seconds: estimate.seconds },
      };
      const text = [
        `Verdict: ${verdict}`,
        ...(guest ? [guestText(guest)] : []),
        findingsText(findings),
        ...(fixes.length > 0
          ? [
              'What the restore changes in its copy of the guest:',
              ...fixes.map(({ summary }) => `  ${summary}`),
            ]
          : []),
        ...(estimate ? [`About ${estimate.seconds} s for ${bytesText(estimate.copyBytes)}.`] : []),
      ].join('\n');
      print(shell, flags.json, document, text);
      if (verdict === 'block') shell.setExitCode(3);
    });
}

async function chosenBy(flags: CheckFlags, restore: ReturnType<typeof restoreOptionsOf>) {
  if (flags.target !== undefined) {
    const stored = (await openAgent(flags)).targets.get(flags.target);
    return { live: true as const, chosen: chooseTarget(stored, restore) };
  }
  if (flags.for !== undefined) return { live: false as const, chosen: chooseDestination(flags.for, restore) };
  throw new AscendError('usage.invalid', 'Say for what: --target NAME, or --for KIND.');
}
