import { createTask, type ScheduledTask } from 'node-cron';
import type { When } from './schedule.ts';

// setTimeout holds 24.8 days at most; a day is easy to reason about.
const longestWaitMs = 86_400_000;

const quiet = { info: ignore, warn: ignore, error: ignore, debug: ignore };

/** One armed schedule. */
export interface Timer extends Disposable {
  /** The next firing; null where there is none. */
  nextAt(): Date | null;
}

/** @param fire - gets the time that the firing is for. It must not throw. */
export function arm(when: When, timeZone: string, fire: (due: Date) => void): Timer {
  return when.kind === 'cron' ? armCron(when.expression, timeZone, fire) : armOnce(new Date(when.at), fire);
}

function armCron(expression: string, timezone: string, fire: (due: Date) => void): Timer {
  const task: ScheduledTask = createTask(expression, ({ date }) => fire(date), {
    timezone,
    logger: quiet,
    suppressMissedWarning: true,
  });
  void task.start();
  return {
    nextAt: () => task.getNextRun(),
    [Symbol.dispose]: () => void task.destroy(),
  };
}

function armOnce(at: Date, fire: (due: Date) => void): Timer {
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const left = at.getTime() - Date.now();
    timer =
      left > longestWaitMs ? setTimeout(wait, longestWaitMs) : setTimeout(() => fire(at), Math.max(0, left));
  };
  wait();
  return {
    nextAt: () => (at.getTime() > Date.now() ? at : null),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

function ignore(): void {
  // node-cron would write to the console; what matters is in the audit log.
}
