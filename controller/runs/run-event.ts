/** A run event as JSON: the body of `ascend.v1.RunEvent`, told apart by `kind`. */
import { z } from 'zod';
import { FindingSchema, MachineSchema } from '../catalog/machine.ts';
import { RehearsalSchema } from './rehearsal.ts';
import { DeployedMachineSchema, RunErrorSchema } from './run.ts';

const count = z.number().int().nonnegative();
const head = {
  /** Unique and rising within the run's agent; the event id of the event stream. */
  sequence: count,
  at: z.iso.datetime(),
};

function event<Kind extends string, Detail extends z.ZodRawShape>(kind: Kind, detail: Detail) {
  return z.object({ ...head, kind: z.literal(kind), detail: z.object(detail) });
}

export const RunEventSchema = z
  .discriminatedUnion('kind', [
    event('started', { steps: z.array(z.string()), agentVersion: z.string() }),
    event('stepStarted', { step: z.string() }),
    event('stepFinished', { step: z.string(), durationMs: count }),
    event('finding', FindingSchema.shape),
    event('fixApplied', { fix: z.string(), summary: z.string(), files: z.array(z.string()) }),
    event('healthCheckPassed', { check: z.string(), subject: z.string(), observed: z.string() }),
    event('rehearsalFinished', RehearsalSchema.shape),
    event('resumed', { step: z.string() }),
    event('machineRead', { machine: MachineSchema.nullable() }),
    event('diskWritten', {
      diskId: z.string(),
      location: z.string(),
      sizeBytes: count,
      writtenBytes: count,
      durationMs: count,
      verified: z.string(),
    }),
    event('finished', {
      outcome: z.enum(['succeeded', 'failed', 'blocked', 'cancelled']),
      machine: DeployedMachineSchema.nullable(),
      error: RunErrorSchema.nullable(),
      durationMs: count,
    }),
    // An agent newer than this controller sent a kind that we do not know; it is kept and shown as such.
    event('unknown', {}),
  ])
  .meta({ id: 'RunEvent' });

export const RunEventPageSchema = z
  .object({
    events: z.array(RunEventSchema),
    /** Ask again with `after` set to this; null when there is no more now. */
    next: count.nullable(),
  })
  .meta({ id: 'RunEventPage' });

export type RunEventJson = z.infer<typeof RunEventSchema>;
export type RunEventPage = z.infer<typeof RunEventPageSchema>;
