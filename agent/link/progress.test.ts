import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RunProgress } from '../../proto/gen/ascend/v1/run.ts';
import { ProgressBoard } from './progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function progress(runId: string, doneBytes: bigint): RunProgress {
  return { runId, step: 'convert', activity: 'copy', doneBytes, totalBytes: 100n, bytesPerSecond: 1n };
}

function bench() {
  const board = new ProgressBoard();
  const sent: string[] = [];
  const attach = () =>
    board.attach(({ runId, doneBytes }) => void sent.push(`${runId}:${doneBytes.toString()}`));
  return { board, sent, attach };
}

test('sends the first at once, then the newest of each run twice a second', () => {
  const { board, sent, attach } = bench();
  attach();
  for (let done = 1n; done <= 9n; done += 1n) {
    board.post(progress('a', done));
    board.post(progress('b', done * 2n));
  }
  expect(sent).toEqual(['a:1']);
  vi.advanceTimersByTime(499);
  expect(sent).toEqual(['a:1']);
  vi.advanceTimersByTime(1);
  expect(sent).toEqual(['a:1', 'b:18', 'a:9']);
  vi.advanceTimersByTime(5000);
  expect(sent).toHaveLength(3);
});

test('keeps only the newest while there is no session', () => {
  const { board, sent, attach } = bench();
  attach()[Symbol.dispose]();
  board.post(progress('a', 1n));
  board.post(progress('a', 2n));
  vi.advanceTimersByTime(2000);
  expect(sent).toEqual([]);
  attach();
  vi.advanceTimersByTime(500);
  expect(sent).toEqual(['a:2']);
});
