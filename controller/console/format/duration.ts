/** A span in its two largest units: "450 ms", "8.7 s", "4 min 12 s", "2 h 5 min". */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return join(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return join(hours, 'h', minutes % 60, 'min');
  return join(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** A span that is still growing, in whole seconds, so that it does not flicker. */
export function elapsed(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1000));
  return whole < 10 ? `${whole} s` : duration(whole * 1000);
}

/** How long ago: "just now", "4 min ago", "3 d ago". */
export function ago(ms: number): string {
  if (ms < 10_000) return 'just now';
  const [first = ''] = /^\d+ \w+/.exec(duration(ms)) ?? [];
  return `${first} ago`;
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
