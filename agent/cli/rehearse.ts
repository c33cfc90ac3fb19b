import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { AscendError } from '../../proto/errors.ts';
import { findingJson } from '../../proto/machine-json.ts';
import { rehearseBackup, type BackupRehearsal } from '../pipeline/rehearse-backup.ts';
import { openAt } from '../pipeline/open.ts';
import { chooseDestination } from '../pipeline/validate.ts';
import { openSigner } from '../rehearsal/evidence/signer.ts';
import { sources } from '../sources/index.ts';
import { progressLine } from './progress-line.ts';
import { absoluteLocation, reachOf } from './reach.ts';
import { guestOptionsOf, selectionOf, withGuestOptions, type GuestFlags } from './restore-options.ts';
import { suppliesOf } from './supplies.ts';
import { findingsText, print, withJson, workDirOf, type CommonOptions, type Shell } from './shell.ts';

interface Flags extends GuestFlags, CommonOptions {
  for: string;
  timeout?: number;
  tcp: number[];
  ping?: boolean;
  hostname?: string | true;
  evidence?: string;
}

const collectPort = (value: string, all: number[]) => [...all, portOf(value)];

export function rehearseVerb(program: Command, shell: Shell): void {
  withGuestOptions(withJson(program.command('rehearse')))
    .argument(
      '<path>',
      'backup: a folder, an OVA, the file that describes the machine, or s3://bucket/prefix',
    )
    .description(
      'start the converted machine in QEMU, with the virtual hardware of where it is to go; no target is touched',
    )
    .requiredOption('--for <kind>', 'kind of target')
    .option('--timeout <seconds>', 'time for the machine to start up', secondsOf)
    .option('--tcp <port>', 'prove that it accepts connections there; repeat for each', collectPort, [])
    .option('--ping', 'prove that its addresses answer a ping')
    .option(
      '--hostname [name]',
      "prove that the login prompt shows this host name, or the machine's own name",
    )
    .option('--evidence <dir>', 'new or empty folder for the evidence (default: one in the state folder)')
    .action(async (location: string, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const rehearsal = await run(location, flags, shell);
      print(shell, flags.json, documentOf(rehearsal), textOf(rehearsal));
      if (rehearsal.verdict.outcome !== 'passed') shell.setExitCode(1);
    });
}

async function run(location: string, flags: Flags, shell: Shell): Promise<BackupRehearsal> {
  const id = `rehearse-${randomUUID()}`;
  const stateDir = path.resolve(flags.state);
  const options = guestOptionsOf(flags);
  const chosen = chooseDestination(flags.for, options);
  const workDir = path.join(workDirOf(stateDir), id);
  const supplies = await suppliesOf(flags);
  const line = progressLine(shell);
  await using backup = await openAt(location, sources, reachOf(flags, shell));
  try {
    return await rehearseBackup(
      {
        id,
        backup,
        location: absoluteLocation(location),
        selection: selectionOf(flags),
        chosen,
        options,
        wishes: { ping: flags.ping ?? false, ports: flags.tcp, hostname: flags.hostname },
        timeoutSeconds: flags.timeout,
        evidenceDir: path.resolve(flags.evidence ?? path.join(stateDir, 'evidence', id)),
      },
      {
        ...shell,
        sources,
        signal: shell.interrupted,
        workDir,
        supplies,
        signer: await openSigner(stateDir),
      },
      line.say,
    );
  } finally {
    line.end();
    await rm(workDir, { recursive: true, force: true });
  }
}

function documentOf({ verdict, findings, fixes, contents, ...rest }: BackupRehearsal) {
  const { fidelity, statement, evidenceDir, seconds } = rest;
  return {
    verdict: verdict.outcome,
    cause: verdict.cause ?? null,
    message: verdict.message,
    remedy: verdict.remedy || null,
    observed: verdict.observed,
    fidelity,
    statement,
    contents,
    fixes,
    findings: findings.map(findingJson),
    seconds: Math.round(seconds),
    evidence: evidenceDir,
  };
}

const WORDS = { passed: 'passed', failed: 'FAILED', unproven: 'unproven' } as const;

function textOf({ verdict, statement, contents, findings, evidenceDir, seconds }: BackupRehearsal): string {
  return [
    `Rehearsal ${WORDS[verdict.outcome]} after ${Math.round(seconds)} s: ${verdict.message}`,
    ...(verdict.remedy ? [`  ${verdict.remedy}`] : []),
    ...verdict.observed.map((line) => `  seen: ${line}`),
    `Booted on ${statement}`,
    ...contents.map(
      ({ subject, holds, proof }) => `  ${holds ? 'by content' : 'NOT by content'}: ${subject}: ${proof}`,
    ),
    findingsText(findings),
    `Evidence: ${evidenceDir}`,
  ].join('\n');
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400) return seconds;
  throw new AscendError('usage.invalid', '--timeout takes whole seconds, a day at most.');
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new AscendError('usage.invalid', `--tcp ${text}: give a port, 1 to 65535.`);
}
