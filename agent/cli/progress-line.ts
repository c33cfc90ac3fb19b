/** The live line of a long verb on stderr. */
import type { RunProgress } from '../../proto/gen/ascend/v1/run.ts';
import { bytesText, type Shell } from './shell.ts';
import { visible } from './visible.ts';

export interface ProgressLine {
  show: (progress: RunProgress) => void;
  /** A line that stays. */
  say: (text: string) => void;
  end: () => void;
}

export function progressLine({ stderr, interactive }: Pick<Shell, 'stderr' | 'interactive'>): ProgressLine {
  let live = false;
  let lastActivity = '';
  const clear = () => {
    if (live) stderr('\r\x1b[K');
    live = false;
  };
  return {
    show(progress) {
      if (interactive) {
        stderr(`\r\x1b[K${visible(progressText(progress))}`);
        live = true;
      } else if (progress.activity !== lastActivity) {
        stderr(`${visible(`${progress.step}: ${progress.activity}`)}\n`);
      }
      lastActivity = progress.activity;
    },
    say(text) {
      clear();
      stderr(`${visible(text)}\n`);
    },
    end: clear,
  };
}

export function progressText(progress: RunProgress): string {
  const { step, activity, doneBytes, totalBytes, bytesPerSecond, secondsLeft } = progress;
  if (totalBytes === 0n) return `  ${step}: ${activity}`;
  const percent = Number((doneBytes * 100n) / totalBytes);
  const left = secondsLeft === undefined ? '' : `, ${secondsLeft} s left`;
  return `  ${step}: ${activity} ${bytesText(doneBytes)} of ${bytesText(totalBytes)} (${percent} %, ${bytesText(bytesPerSecond)}/s${left})`;
}
