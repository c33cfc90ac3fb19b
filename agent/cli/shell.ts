/** What a verb gets from the composition root: the terminal, the programs, and a signal for Ctrl-C. */
import path from 'node:path';
import type { Command } from 'commander';
import { errorJson, type AscendError } from '../../proto/errors.ts';
import { findingJson, type FindingJson } from '../../proto/machine-json.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { readConfig, type AgentConfig } from '../config.ts';
import type { Exec } from '../exec.ts';
import type { ProbeAcceleration } from '../host/acceleration.ts';
import { Catalog } from '../state/catalog.ts';
import { openDatabase, type AgentDatabase } from '../state/database.ts';
import { Outbox } from '../state/outbox.ts';
import { RunStore } from '../state/runs.ts';
import { TargetStore } from '../state/targets.ts';
import { visible } from './visible.ts';

export interface Shell {
  version: string;
  /** One JSON document, or the answer for people. */
  stdout: (text: string) => void;
  /** Progress, logs and errors. */
  stderr: (text: string) => void;
  /** stderr is a terminal: a line may be written over. */
  interactive: boolean;
  readStdin: () => Promise<string>;
  /** Ctrl-C or a polite kill. */
  interrupted: AbortSignal;
  exec: Exec;
  acceleration: ProbeAcceleration;
  setExitCode: (code: 0 | 1 | 2 | 3) => void;
}

/** Options that every verb has. */
export interface CommonOptions {
  state: string;
  settings?: string;
  json?: boolean;
}

export interface Agent {
  stateDir: string;
  workDir: string;
  config: AgentConfig;
  database: AgentDatabase;
  runs: RunStore;
  targets: TargetStore;
  outbox: Outbox;
  catalog: Catalog;
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON document on stdout; progress goes to stderr');
}

export async function openAgent({ state, settings }: CommonOptions): Promise<Agent> {
  const stateDir = path.resolve(state);
  const database = openDatabase(stateDir);
  return {
    stateDir,
    workDir: workDirOf(stateDir),
    config: await readConfig(stateDir, settings),
    database,
    runs: new RunStore(database),
    targets: new TargetStore(database),
    outbox: new Outbox(database),
    catalog: new Catalog(database),
  };
}

/** Overlays and scratch files, each in a folder of its own. */
export function workDirOf(stateDir: string): string {
  return path.join(path.resolve(stateDir), 'work');
}

export function print(shell: Shell, json: boolean | undefined, document: unknown, text: string): void {
  shell.stdout(json ? JSON.stringify(document, null, 2) : visible(text));
}

/** What, where and what to do next. */
export function errorText(error: AscendError): string {
  return visible(`error: ${error.message}${error.hint ? `\n  ${error.hint}` : ''}`);
}

export function errorDocument(error: AscendError): object {
  return { error: errorJson(error) };
}

const MARKS = { block: '✗', warn: '!', info: '·' } as const;

export function findingsText(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'No findings.';
  return findings
    .map(findingJson)
    .map(({ severity, code, message, remedy }) => `${MARKS[severity]} ${message} [${code}]\n    ${remedy}`)
    .join('\n');
}

export type Verdict = 'ok' | 'warn' | 'block';

export function verdictOf(findings: readonly Finding[]): Verdict {
  const severities = new Set<FindingJson['severity']>(
    findings.map((finding) => findingJson(finding).severity),
  );
  if (severities.has('block')) return 'block';
  return severities.has('warn') ? 'warn' : 'ok';
}

export function bytesText(bytes: bigint | number | null): string {
  if (bytes === null) return 'unknown';
  let value = Number(bytes);
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
