/** As many findings as a person reads: a hostile file can cause one for each of its lines. */
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';

const MAX_OF_A_CODE = 100;

/** The first of each code, in their order; the last of a code says how many more there are. */
export function boundedFindings(findings: readonly Finding[]): Finding[] {
  const counts = new Map<string, number>();
  const kept = new Map<string, Finding>();
  const bounded: Finding[] = [];
  for (const finding of findings) {
    // A code that blocks must not be crowded out by one that does not.
    const key = `${finding.code} ${finding.severity}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count > MAX_OF_A_CODE) continue;
    const own = { ...finding };
    bounded.push(own);
    kept.set(key, own);
  }
  for (const [key, count] of counts) {
    const last = kept.get(key);
    if (last && count > MAX_OF_A_CODE) last.message += ` (And ${count - MAX_OF_A_CODE} more like this.)`;
  }
  return bounded;
}
