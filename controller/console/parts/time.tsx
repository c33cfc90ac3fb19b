import { ago } from '../format/duration.ts';
import { dayAndTime, inUtc, timeOfDay } from '../format/when.ts';
import { useNow } from './use-now.ts';

interface TimeProps {
  readonly at: string | null;
  /** What is shown for no time at all. */
  readonly none?: string;
}

/** A moment in the viewer's time zone; UTC on hover. */
export function Time({ at, none = '-' }: TimeProps) {
  if (at === null) return none;
  return (
    <time dateTime={at} title={inUtc(at)}>
      {dayAndTime(at)}
    </time>
  );
}

/** The time of day to the second; the day and UTC on hover. */
export function ClockTime({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={`${dayAndTime(at)}\n${inUtc(at)}`}>
      {timeOfDay(at)}
    </time>
  );
}

/** How long ago; the moment itself and UTC on hover. */
export function Ago({ at, none = 'never' }: TimeProps) {
  const now = useNow(10_000);
  if (at === null) return none;
  return (
    <time dateTime={at} title={`${dayAndTime(at)}\n${inUtc(at)}`}>
      {ago(now - Date.parse(at))}
    </time>
  );
}
