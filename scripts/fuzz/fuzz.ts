/**
 * Feeds mutated backups to `analyse` until the time is up: whatever comes must be a result or an error that says what
 * is wrong, within 10 s and 300 MB. What did harm is kept, and printed with the seed that repeats it.
 *
 *   npm run fuzz -- [--minutes 5] [--seed N] [folder of metadata and disks to begin with]...
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { makeSeeds, seedsOf } from './seeds.ts';
import type { Report, Task } from './worker.ts';

const MAX_MS = 10_000;

const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const seed = Number(values.seed ?? Date.now() % 0x7fff_ffff);
const scratch = await mkdtemp(path.join(tmpdir(), 'ascend-fuzz-'));
try {
  const seeds = [
    ...(await makeSeeds(path.join(scratch, 'layouts'))),
    ...(await seedsOf(positionals, path.join(scratch, 'given'))),
  ];
  console.log(`${seeds.length} files to begin with; seed ${seed}; ${values.minutes} minutes`);
  process.exitCode = await watch({ seeds, seed, minutes: Number(values.minutes) });
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/** The exit code. */
async function watch(task: Task): Promise<0 | 1> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: task });
  let last = { folder: scratch, name: '' };
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const hangs = () => resolve(`no end after ${MAX_MS / 1000} s`);
  let timer = setTimeout(hangs, MAX_MS);
  worker.on('message', (report: Report) => {
    clearTimeout(timer);
    if (report.kind === 'trial') {
      last = report;
      timer = setTimeout(hangs, MAX_MS);
    } else if (report.kind === 'failed') resolve(report.message);
    else {
      const { read, refused } = report;
      console.log(
        `${read + refused} mutated backups: ${read} read, ${refused} refused with a reason; none did harm`,
      );
      resolve(undefined);
    }
  });
  worker.on('error', (error: Error) => resolve(error.stack ?? error.message));
  const harm = await promise;
  clearTimeout(timer);
  await worker.terminate();
  if (harm === undefined) return 0;
  const kept = await mkdtemp(path.join(tmpdir(), 'ascend-fuzz-harm-'));
  await cp(last.folder, kept, { recursive: true });
  console.error(`${last.name}: ${harm}\nThe backup is kept in ${kept}.`);
  return 1;
}
