const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const second = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const utc = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });

/** "7 Mar 2027, 14:02", in the viewer's time zone. */
export function dayAndTime(at: string): string {
  return day.format(new Date(at));
}

/** "14:02:31", in the viewer's time zone. */
export function timeOfDay(at: string): string {
  return second.format(new Date(at));
}

export function inUtc(at: string): string {
  return `${utc.format(new Date(at))} UTC`;
}
