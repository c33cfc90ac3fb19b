import type { Schedule } from '../../data/use-schedules.ts';
import { dayAndTime } from '../../format/when.ts';

export function whatText({ selector }: Schedule): string {
  return selector.kind === 'newest' ? `The newest backup of ${selector.machineName}` : 'One exact backup';
}

export function whenText({ when, timeZone }: Schedule): string {
  return when.kind === 'once' ? `Once, ${dayAndTime(when.at)}` : `${when.expression} (${timeZone})`;
}
