import type { RunKind } from '../../data/use-runs.ts';

/** What a run is called, for headings and lists. */
export const kindTitles: Record<RunKind, string> = { restore: 'Restore', rehearsal: 'Rehearsal' };
