import { validate } from 'node-cron';
import { z } from 'zod';
import { plainOptions, RestoreOptionsSchema, RunKindSchema, TargetAddressSchema } from '../runs/run.ts';

/** One exact backup, or the newest usable one of a machine that the target's agent sees when the schedule fires. */
export const SelectorSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('backup'), backupId: z.string() }),
    z.object({ kind: z.literal('newest'), machineName: z.string().min(1) }),
  ])
  .meta({ id: 'BackupSelector' });

/** Every time the cron expression says (five fields, in the schedule's time zone), or once. */
export const WhenSchema = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('cron'),
      expression: z.string().refine((text) => text.trim().split(/\s+/).length === 5 && validate(text), {
        message: 'not a cron expression of five fields (minute hour day month weekday)',
      }),
    }),
    z.object({ kind: z.literal('once'), at: z.iso.datetime({ offset: true }) }),
  ])
  .meta({ id: 'When' });

export const TimeZoneSchema = z.string().refine(isTimeZone, { message: 'not an IANA time zone' });

export const NewScheduleSchema = z
  .object({
    name: z.string().trim().min(1).max(100),
    /** What each firing orders. */
    kind: RunKindSchema.default('restore'),
    selector: SelectorSchema,
    target: TargetAddressSchema,
    options: RestoreOptionsSchema.default(plainOptions),
    when: WhenSchema,
    timeZone: TimeZoneSchema.default('UTC'),
    enabled: z.boolean().default(true),
  })
  .meta({ id: 'NewSchedule' });

export const ScheduleSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: RunKindSchema,
    selector: SelectorSchema,
    target: TargetAddressSchema,
    options: RestoreOptionsSchema,
    when: WhenSchema,
    timeZone: z.string(),
    enabled: z.boolean(),
    createdBy: z.string(),
    createdAt: z.iso.datetime(),
    nextAt: z.iso.datetime().nullable(),
    lastFiredAt: z.iso.datetime().nullable(),
    lastRunId: z.string().nullable(),
    /** Why the last firing made no run, if so. */
    lastProblem: z.string().nullable(),
    /** A one-shot whose time passed while the controller was down for longer than an hour. */
    missedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Schedule' });

export type Selector = z.infer<typeof SelectorSchema>;
export type When = z.infer<typeof WhenSchema>;
export type NewSchedule = z.output<typeof NewScheduleSchema>;
export type Schedule = z.infer<typeof ScheduleSchema>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
