/** Runs the trials in a thread of its own, so that one that hangs is noticed from outside. */
import { parentPort, workerData } from 'node:worker_threads';
import fc from 'fast-check';
import { mutate, mutations } from './mutation.ts';
import type { Seed } from './seeds.ts';
import { tryOne } from './trial.ts';

export interface Task {
  seeds: Seed[];
  seed: number;
  minutes: number;
}

/** A trial begins, or all are over. */
export type Report =
  | { kind: 'trial'; folder: string; name: string }
  | { kind: 'done'; read: number; refused: number }
  | { kind: 'failed'; message: string };

const { seeds, seed, minutes } = workerData as Task;
const counts = { read: 0, refused: 0 };
const tell = (report: Report) => parentPort?.postMessage(report);

const property = fc.asyncProperty(fc.nat(seeds.length - 1), mutations, async (index, changes) => {
  const { folder, name, content } = seeds[index]!;
  tell({ kind: 'trial', folder, name });
  const original = Buffer.from(content);
  counts[await tryOne({ ...seeds[index]!, content: original }, mutate(original, changes))] += 1;
});
const details = await fc.check(property, {
  seed,
  numRuns: Number.MAX_SAFE_INTEGER,
  interruptAfterTimeLimit: minutes * 60_000,
  markInterruptAsFailure: false,
  // The first harm is what is shown: to shrink it would write over the file that did it.
  endOnFailure: true,
});
tell(
  details.failed
    ? { kind: 'failed', message: fc.defaultReportMessage(details) ?? '' }
    : { kind: 'done', ...counts },
);
