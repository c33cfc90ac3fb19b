const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const dayOfThisYear = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const second = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const utc = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });

/** "7 Mar, 14:02", in the viewer's time zone; with the year where it is another one: "7 Mar 2027, 14:02". */
export function dayAndTime(at: string, now = new Date()): string {
  const then = new Date(at);
  const format = then.getFullYear() === now.getFullYear() ? dayOfThisYear : day;
  return format.format(then);
}

/** "14:02:31", in the viewer's time zone. */
export function timeOfDay(at: string): string {
  return second.format(new Date(at));
}

export function inUtc(at: string): string {
  return `${utc.format(new Date(at))} UTC`;
}
