/** Where a step stands, in bytes, rate and time left: for people, and so at most twice a second. */
import type { RunProgress } from '../../proto/gen/ascend/v1/run.ts';

export interface Meter {
  /** Something new is being done; `totalBytes` 0 where its size is not known. */
  begin(step: string, activity: string, totalBytes: bigint): void;
  /** Bytes of the current activity that are done. */
  at(doneBytes: bigint, activity?: string): void;
}

const MIN_INTERVAL_MS = 500;
// A rate over the last 5 s follows a change without flickering.
const WINDOW_MS = 5000;

export function openMeter(runId: string, report: (progress: RunProgress) => void, now = Date.now): Meter {
  let current = { step: '', activity: '', totalBytes: 0n };
  let samples: { at: number; bytes: bigint }[] = [];
  let reportedAt = -Infinity;

  const say = (doneBytes: bigint) => {
    reportedAt = now();
    const rate = rateOf(samples);
    const left = current.totalBytes - doneBytes;
    report({
      runId,
      ...current,
      doneBytes,
      bytesPerSecond: BigInt(Math.round(rate)),
      secondsLeft: rate > 0 && current.totalBytes > 0n ? secondsOf(left, rate) : undefined,
      at: new Date(reportedAt),
    });
  };
  return {
    begin(step, activity, totalBytes) {
      current = { step, activity, totalBytes };
      samples = [{ at: now(), bytes: 0n }];
      say(0n);
    },
    at(doneBytes, activity = current.activity) {
      if (activity !== current.activity) {
        current = { ...current, activity };
        samples = [];
      }
      samples.push({ at: now(), bytes: doneBytes });
      samples = samples.filter((sample) => sample.at >= now() - WINDOW_MS);
      if (now() - reportedAt >= MIN_INTERVAL_MS || doneBytes === current.totalBytes) say(doneBytes);
    },
  };
}

// Within what the wire takes, even where a file has grown or almost nothing moves.
function secondsOf(bytes: bigint, rate: number): number {
  return Math.min(Math.max(0, Math.ceil(Number(bytes) / rate)), 0xffff_ffff);
}

function rateOf(samples: readonly { at: number; bytes: bigint }[]): number {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.at <= first.at) return 0;
  return Math.max(0, (Number(last.bytes - first.bytes) * 1000) / (last.at - first.at));
}
