import { expect, it } from 'vitest';
import { RunProgress } from '../../proto/gen/ascend/v1/run.ts';
import { openMeter } from './meter.ts';

function open() {
  const reports: RunProgress[] = [];
  const clock = { now: 1_000_000 };
  const meter = openMeter(
    'run-1',
    (progress) => void reports.push(progress),
    () => clock.now,
  );
  return {
    reports,
    meter,
    /** After some milliseconds. */
    at: (afterMs: number, doneBytes: bigint, activity?: string) => {
      clock.now += afterMs;
      meter.at(doneBytes, activity);
    },
  };
}

it('says at once what begins', () => {
  const { meter, reports } = open();
  meter.begin('deploy', 'copy scsi0:0', 100n);
  expect(reports).toMatchObject([
    {
      runId: 'run-1',
      step: 'deploy',
      activity: 'copy scsi0:0',
      doneBytes: 0n,
      totalBytes: 100n,
      bytesPerSecond: 0n,
    },
  ]);
  expect(reports[0]?.secondsLeft).toBeUndefined();
});

it('gives the rate and the time left', () => {
  const { meter, reports, at } = open();
  meter.begin('deploy', 'copy', 10_000n);
  at(1000, 1000n);
  expect(reports.at(-1)).toMatchObject({ doneBytes: 1000n, bytesPerSecond: 1000n, secondsLeft: 9 });
  at(1000, 4000n);
  expect(reports.at(-1)).toMatchObject({ bytesPerSecond: 2000n, secondsLeft: 3 });
});

it('forgets how it was going more than 5 s ago', () => {
  const { meter, reports, at } = open();
  meter.begin('deploy', 'copy', 1_000_000n);
  at(1000, 900_000n);
  for (let second = 1; second <= 6; second += 1) at(1000, 900_000n + BigInt(second) * 10n);
  expect(reports.at(-1)?.bytesPerSecond).toBe(10n);
});

it('speaks at most twice a second, but never leaves out the end', () => {
  const { meter, reports, at } = open();
  meter.begin('deploy', 'copy', 1000n);
  for (let done = 1n; done <= 1000n; done += 1n) at(1, done);
  expect(reports.map(({ doneBytes }) => doneBytes)).toEqual([0n, 500n, 1000n]);
});

it('starts the rate anew with another activity', () => {
  const { meter, reports, at } = open();
  meter.begin('deploy', 'copy', 1000n);
  at(1000, 1000n);
  at(600, 10n, 'verify');
  expect(reports.at(-1)).toMatchObject({ activity: 'verify', doneBytes: 10n, bytesPerSecond: 0n });
});

it('gives no time left for work of an unknown size', () => {
  const { meter, reports, at } = open();
  meter.begin('convert', 'open the guest', 0n);
  at(1000, 500n);
  expect(reports.at(-1)?.secondsLeft).toBeUndefined();
});

it.each<[what: string, totalBytes: bigint, doneBytes: bigint, secondsLeft: number]>([
  ['more is done than there was', 1000n, 5000n, 0],
  ['almost nothing moves', 1n << 60n, 1n, 0xffff_ffff],
])('says what can be sent where %s', (_what, totalBytes, doneBytes, secondsLeft) => {
  const { meter, reports, at } = open();
  meter.begin('analyse', 'verify', totalBytes);
  at(1000, doneBytes);
  const last = reports.at(-1)!;
  expect(RunProgress.decode(RunProgress.encode(last).finish()).secondsLeft).toBe(secondsLeft);
});

it('goes back to nothing done without a negative rate', () => {
  const { meter, reports, at } = open();
  meter.begin('deploy', 'copy', 1000n);
  at(1000, 900n);
  at(1000, 0n);
  expect(reports.at(-1)?.bytesPerSecond).toBeGreaterThanOrEqual(0n);
});
