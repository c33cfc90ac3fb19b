/** How many machines are read from what lies in one backup. */
import { warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';

// A backup is of one machine, and a whole site's list may lie beside it. 50,000 machines took the process to 286 MB.
const MAX_MACHINES = 10_000;

/** The first ones, and what to say where there are more. */
export function firstMachines<T>(described: readonly T[], file: string): { kept: T[]; findings: Finding[] } {
  const kept = described.slice(0, MAX_MACHINES);
  if (kept.length === described.length) return { kept, findings: [] };
  const message = `${described.length} machines are described; the first ${MAX_MACHINES} are read.`;
  const remedy = 'Keep the description of the machines that are backed up.';
  return { kept, findings: [warn('metadata.too-many-machines', file, message, remedy)] };
}
