import { z } from 'zod';

/** What came of starting the converted machine in a twin of the target: a virtual machine with such devices, on the agent's host. */
export const RehearsalSchema = z
  .object({
    /** unproven: nothing failed, and not everything was seen that proves a start. */
    verdict: z.enum(['passed', 'failed', 'unproven']),
    /** Stable name of what it failed by. */
    cause: z.string().nullable(),
    message: z.string(),
    remedy: z.string().nullable(),
    observed: z.array(z.string()),
    /** How near the twin's devices are to the target's; null where an agent names a degree that we do not know. */
    fidelity: z.enum(['exact', 'storage-only', 'nearest']).nullable(),
    /** The fidelity in words. */
    statement: z.string(),
    /** What the guest's files prove where the twin has no such device. */
    contents: z.array(
      z.object({ about: z.string(), subject: z.string(), holds: z.boolean(), proof: z.string() }),
    ),
    /** Folder of the signed evidence on the agent's host. */
    evidence: z.string(),
    durationMs: z.number().int().nonnegative(),
    /** Whether `GET /api/runs/ID/screen` has the last picture of its screen. */
    hasScreen: z.boolean(),
  })
  .meta({ id: 'Rehearsal' });

export type RehearsalJson = z.infer<typeof RehearsalSchema>;
