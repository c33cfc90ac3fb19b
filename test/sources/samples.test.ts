/**
 * Real metadata files of other projects, each analysed as a user would have it. Their licences keep them out of this
 * project: they lie beside the checkout, if at all, and the suite says how many it covered. The same traps stand as
 * fixtures of our own beside each source.
 */
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { machineJson } from '../../proto/machine-json.ts';
import { analyse } from '../../agent/pipeline/analyse.ts';
import { openAt } from '../../agent/pipeline/open.ts';
import { sources } from '../../agent/sources/index.ts';
import { rows as cloudstack } from './samples/cloudstack.ts';
import { rows as ec2 } from './samples/ec2.ts';
import { rows as hyperv } from './samples/hyperv.ts';
import { rows as nutanix } from './samples/nutanix.ts';
import { rows as vmware } from './samples/vmware.ts';
import type { SampleRow } from './row.ts';

const SAMPLES = fileURLToPath(new URL('../../../shared/samples', import.meta.url));
const rows: readonly SampleRow[] = [...vmware, ...cloudstack, ...hyperv, ...ec2, ...nutanix];
const present = existsSync(SAMPLES) ? filesIn(SAMPLES) : [];
const scratch = mkdtempSync(path.join(tmpdir(), 'ascend-samples-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.parentPath !== folder);
  return files.map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name))).sort();
}

it('has a row for every file that is there', () => {
  const covered = new Set(rows.flatMap(({ file, together = [] }) => [file, ...together]));
  console.log(
    `${present.filter((file) => covered.has(file)).length} of ${present.length} sample files covered`,
  );
  expect(present.filter((file) => !covered.has(file))).toEqual([]);
});

describe.runIf(present.length > 0)('real metadata', () => {
  it.each(rows.map((row) => [titleOf(row), row] as const))('%s', async (_title, row) => {
    await using backup = await openAt(placeOf(row), sources);
    const analysing = analyse(backup, sources, { vm: row.vm, config: row.config });
    if (row.refused) {
      await expect(analysing).rejects.toThrow(row.refused);
      return;
    }
    const { machine, candidates, findings } = await analysing;
    const json = machine && machineJson(machine);
    if (row.machine) expect(json && chosenFacts(json, row.machine)).toEqual(row.machine);
    if (row.machines) expect(candidates.map(({ name }) => name)).toEqual(row.machines);
    expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining(row.findings ?? []));
  });
});

function titleOf({ file, together = [], vm, config }: SampleRow): string {
  return [
    file,
    ...together.map((other) => `+ ${path.basename(other)}`),
    vm && `--vm ${vm}`,
    config && `--config ${config}`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** A file alone is analysed where it lies; several are put into a folder of their own. */
function placeOf({ file, together }: SampleRow): string {
  if (!together) return path.join(SAMPLES, file);
  const folder = mkdtempSync(path.join(scratch, 'together-'));
  for (const name of [file, ...together])
    copyFileSync(path.join(SAMPLES, name), path.join(folder, path.basename(name)));
  return folder;
}

/** Of the machine, what the row speaks of: lists whole, each member with the facts that its row has. */
function chosenFacts(actual: unknown, wanted: unknown): unknown {
  if (Array.isArray(wanted) && Array.isArray(actual)) {
    return (actual as unknown[]).map((member, index) =>
      index < wanted.length ? chosenFacts(member, wanted[index]) : member,
    );
  }
  if (!isRecord(wanted) || !isRecord(actual)) return actual;
  return Object.fromEntries(Object.keys(wanted).map((key) => [key, chosenFacts(actual[key], wanted[key])]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
