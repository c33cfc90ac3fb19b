import type { Schedule } from '../../data/use-schedules.ts';
import { dayAndTime } from '../../format/when.ts';

/** e.g. "The newest backup of web01 to lab", "Rehearsal of one exact backup for lab". */
export function whatText({ kind, selector, target, options }: Schedule): string {
  const backup =
    selector.kind === 'newest' ? `the newest backup of ${selector.machineName}` : 'one exact backup';
  if (kind === 'rehearsal') return `Rehearsal of ${backup} for ${target.name}`;
  const rehearsed = options.rehearse ? ', rehearsed first' : '';
  return `${backup.charAt(0).toUpperCase()}${backup.slice(1)} to ${target.name}${rehearsed}`;
}

export function whenText({ when, timeZone }: Schedule): string {
  return when.kind === 'once' ? `Once, ${dayAndTime(when.at)}` : `${when.expression} (${timeZone})`;
}
