/** How long to wait before the next attempt to connect. */

const firstMs = 1000;
const longestMs = 60_000;

/**
 * Exponential with full jitter, so that a site's agents do not all come back at the same moment
 * (Exponential Backoff And Jitter, AWS Architecture Blog, 2015: full jitter makes the fewest calls).
 *
 * @param failures - attempts that have failed in a row, from 1.
 * @param random - in [0, 1).
 * @returns milliseconds, at least a tenth of a second.
 */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** (failures - 1));
  return Math.max(100, Math.round(random() * ceiling));
}
