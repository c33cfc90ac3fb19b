import { z } from 'zod';
import { FindingSchema, MachineSchema } from '../catalog/machine.ts';
import { RunRequestSchema } from './run.ts';

/** A preview asks the same question as a run, and changes nothing. */
export const CheckRequestSchema = RunRequestSchema.meta({ id: 'CheckRequest' });

export const CheckSchema = z
  .object({
    verdict: z.enum(['ok', 'warn', 'block']),
    machine: MachineSchema.nullable(),
    findings: z.array(FindingSchema),
    /** Networks of the target, for the mapping. */
    networks: z.array(z.string()),
    estimate: z
      .object({ copyBytes: z.number().int().nonnegative(), seconds: z.number().int().nonnegative() })
      .nullable(),
  })
  .meta({ id: 'Check' });

export type Check = z.infer<typeof CheckSchema>;
