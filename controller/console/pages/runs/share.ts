import type { Progress } from '../../data/use-runs.ts';

/** Percent done; undefined where the total is not known. */
export function shareOf({ doneBytes, totalBytes }: Progress): number | undefined {
  return totalBytes === 0 ? undefined : Math.min(100, (doneBytes / totalBytes) * 100);
}
