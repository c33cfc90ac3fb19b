/**
 * Our verification beside `sha256sum` and `openssl dgst -sha256`, in turn, in one run, page cache warm: on one file, and on
 * as many files as there are cores. Ratios count; absolute times belong to the machine they were taken on.
 *
 *   node scripts/bench/integrity.ts [--json] [--mib N]
 */
import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import type { Expectation } from '../../agent/repositories/expectations.ts';
import { openFolder } from '../../agent/repositories/folder-files.ts';
import { verify } from '../../agent/repositories/integrity.ts';

const ROUNDS = 5;
const { values } = parseArgs({
  options: { json: { type: 'boolean' }, mib: { type: 'string', default: '1024' } },
});
const mib = Number(values.mib);
const folder = await mkdtemp(path.join(tmpdir(), 'ascend-bench-'));

try {
  const names = Array.from({ length: Math.max(2, availableParallelism()) }, (_, index) => `disk${index}.raw`);
  const expectations: Expectation[] = [];
  for (const name of names) expectations.push(await writeFile(name));
  const one = await compare(expectations.slice(0, 1));
  const many = await compare(expectations);
  const figures = { mib, files: names.length, cores: availableParallelism(), one, many };
  if (values.json) console.log(JSON.stringify(figures, null, 2));
  else tell(figures);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Bytes that no file system keeps as a hole; the digest of what was written, made on the way. */
async function writeFile(name: string): Promise<Expectation> {
  const hash = createHash('sha256');
  const block = Buffer.alloc(1024 * 1024, name);
  await using file = await open(path.join(folder, name), 'w');
  for (let index = 0; index < mib; index += 1) {
    block.writeUInt32LE(index + 1);
    hash.update(block);
    await file.write(block);
  }
  return { path: name, algorithm: 'sha256', digest: hash.digest('hex') };
}

interface Times {
  ours: number;
  sha256sum: number;
  openssl: number;
}

/** Median seconds. In turn, so that a drift of the machine's speed meets all alike. */
async function compare(expectations: Expectation[]): Promise<Times> {
  const files = expectations.map((one) => path.join(folder, one.path));
  const contenders = {
    ours: () => ours(expectations),
    sha256sum: () => execa('sha256sum', files),
    openssl: () => execa('openssl', ['dgst', '-sha256', ...files]),
  };
  const taken: Record<keyof Times, number[]> = { ours: [], sha256sum: [], openssl: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of ['ours', 'sha256sum', 'openssl'] as const) {
      const startedAt = performance.now();
      await contenders[name]();
      taken[name].push((performance.now() - startedAt) / 1000);
    }
  }
  return { ours: median(taken.ours), sha256sum: median(taken.sha256sum), openssl: median(taken.openssl) };
}

async function ours(expectations: Expectation[]): Promise<void> {
  await using files = await openFolder(folder);
  const wanted = new Set(expectations.map((one) => one.path));
  const entries = (await files.list()).files.filter((entry) => wanted.has(entry.path));
  const options = { signal: new AbortController().signal, onBytes: () => undefined };
  const { proven } = await verify({ files, entries, expectations }, options);
  if (proven !== expectations.length) throw new Error('A file was not proven: the times are worth nothing.');
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;
}

function tell({ files, cores, one, many }: { files: number; cores: number; one: Times; many: Times }): void {
  const row = (what: string, { ours, sha256sum, openssl }: Times) =>
    console.log(
      `${what}: ours ${ours.toFixed(2)} s; sha256sum ${sha256sum.toFixed(2)} s (ours is ${(ours / sha256sum).toFixed(2)} x); openssl ${openssl.toFixed(2)} s (${(ours / openssl).toFixed(2)} x)`,
    );
  console.log(`Verification of files of ${mib} MiB, median of ${ROUNDS}, in turn, ${cores} cores:`);
  row('one file', one);
  row(`${files} files`, many);
}
