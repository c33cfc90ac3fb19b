import { z } from 'zod';
import { FindingSchema, MachineSchema } from '../catalog/machine.ts';
import { NicAddressSchema } from './nic-address.ts';
import { RehearsalSchema } from './rehearsal.ts';

const instant = z.iso.datetime();
const count = z.number().int().nonnegative();

/** A target is named within its agent. */
export const TargetAddressSchema = z
  .object({ agentId: z.string(), name: z.string() })
  .meta({ id: 'TargetAddress' });

/** What the run is to end with: a machine on the target, or the rehearsal's verdict with nothing made there. */
export const RunKindSchema = z.enum(['restore', 'rehearsal']);

/** Options of a restore and of its rehearsal; `networks` maps a network of the source to one of the target. */
export const RestoreOptionsSchema = z
  .object({
    name: z.string().min(1).max(200).optional(),
    networks: z.record(z.string(), z.string()).default({}),
    /** NIC id to its address in the restored machine; the others keep what the guest has configured. */
    addresses: z.record(z.string(), NicAddressSchema).default({}),
    /** What the machine is to start by; the guest is changed where it starts by the other one. Absent: as it is. */
    firmware: z.enum(['bios', 'uefi']).optional(),
    start: z.boolean().default(true),
    /** Start it in a twin of the target first; where that fails, the target is not touched. */
    rehearse: z.boolean().default(false),
    health: z
      .object({
        timeoutSeconds: z.number().int().min(1).max(86_400).default(600),
        ping: z.array(z.string()).default([]),
        tcp: z.array(z.string()).default([]),
        hostname: z.string().optional(),
      })
      .optional(),
    /** After the option schema that the target's provider advertises. */
    targetOptions: z.record(z.string(), z.unknown()).default({}),
  })
  .meta({ id: 'RestoreOptions' });

/** As they are where nobody says anything. */
export const plainOptions = {
  networks: {},
  addresses: {},
  start: true,
  rehearse: false,
  targetOptions: {},
} satisfies z.output<typeof RestoreOptionsSchema>;

export const RunRequestSchema = z
  .object({
    kind: RunKindSchema.default('restore'),
    /** Id of a backup in the catalogue. */
    backupId: z.string(),
    target: TargetAddressSchema,
    options: RestoreOptionsSchema.default(plainOptions),
  })
  .meta({ id: 'RunRequest' });

/** queued: the order is not yet at the agent; sent: durable there, not begun. The last four are final. */
export const RunStateSchema = z.enum([
  'queued',
  'sent',
  'running',
  'succeeded',
  'failed',
  'blocked',
  'cancelled',
]);

export const StepSchema = z
  .object({
    name: z.string(),
    state: z.enum(['pending', 'running', 'done', 'failed']),
    startedAt: instant.nullable(),
    durationMs: count.nullable(),
  })
  .meta({ id: 'Step' });

/** Where the running step stands; kept in memory only. `totalBytes` 0: unknown. */
export const ProgressSchema = z
  .object({
    runId: z.string(),
    step: z.string(),
    activity: z.string(),
    doneBytes: count,
    totalBytes: count,
    bytesPerSecond: count,
    secondsLeft: count.nullable(),
    at: instant,
  })
  .meta({ id: 'RunProgress' });

export const RunErrorSchema = z
  .object({ code: z.string(), message: z.string(), hint: z.string().nullable(), step: z.string().nullable() })
  .meta({ id: 'RunError' });

export const DeployedMachineSchema = z
  .object({ name: z.string(), targetId: z.string(), running: z.boolean(), access: z.string() })
  .meta({ id: 'DeployedMachine' });

export const RunSummarySchema = z
  .object({
    id: z.string(),
    kind: RunKindSchema,
    state: RunStateSchema,
    agentId: z.string(),
    agentName: z.string(),
    siteId: z.string(),
    backup: z.object({
      /** Null where the backup has left the catalogue since. */
      id: z.string().nullable(),
      backupId: z.string(),
      machineName: z.string(),
      repository: z.string(),
      path: z.string(),
    }),
    target: z.string(),
    step: z.string().nullable(),
    createdBy: z.string(),
    scheduleId: z.string().nullable(),
    createdAt: instant,
    sentAt: instant.nullable(),
    startedAt: instant.nullable(),
    finishedAt: instant.nullable(),
    cancelRequestedAt: instant.nullable(),
    /** Set while the run is not final and its agent is not in contact. */
    outOfContactSince: instant.nullable(),
    error: RunErrorSchema.nullable(),
    progress: ProgressSchema.nullable(),
  })
  .meta({ id: 'RunSummary' });

export const RunSchema = RunSummarySchema.extend({
  options: RestoreOptionsSchema,
  steps: z.array(StepSchema),
  findings: z.array(FindingSchema),
  fixes: z.array(z.object({ fix: z.string(), summary: z.string(), files: z.array(z.string()) })),
  disks: z.array(
    z.object({
      diskId: z.string(),
      location: z.string(),
      sizeBytes: count,
      writtenBytes: count,
      durationMs: count,
      verified: z.string(),
    }),
  ),
  healthChecks: z.array(z.object({ check: z.string(), subject: z.string(), observed: z.string() })),
  rehearsal: RehearsalSchema.nullable(),
  machine: MachineSchema.nullable(),
  deployed: DeployedMachineSchema.nullable(),
  /** How often the agent was stopped and took the run up again. */
  resumptions: count,
  agentVersion: z.string().nullable(),
  durationMs: count.nullable(),
}).meta({ id: 'Run' });

export const RunPageSchema = z
  .object({ runs: z.array(RunSummarySchema), page: count, pageSize: count, total: count })
  .meta({ id: 'RunPage' });

export const RunQuerySchema = z.object({
  kind: RunKindSchema.optional(),
  state: RunStateSchema.optional(),
  /** Only runs that are not final. */
  active: z.enum(['true', 'false']).optional(),
  agentId: z.string().optional(),
  page: z.coerce.number().int().min(1).default(1),
  pageSize: z.coerce.number().int().min(1).max(200).default(50),
});

export type RunKind = z.infer<typeof RunKindSchema>;
export type TargetAddress = z.infer<typeof TargetAddressSchema>;
export type RestoreOptions = z.output<typeof RestoreOptionsSchema>;
export type RunRequest = z.output<typeof RunRequestSchema>;
export type RunState = z.infer<typeof RunStateSchema>;
export type Step = z.infer<typeof StepSchema>;
export type Progress = z.infer<typeof ProgressSchema>;
export type RunError = z.infer<typeof RunErrorSchema>;
export type RunSummary = z.infer<typeof RunSummarySchema>;
export type Run = z.infer<typeof RunSchema>;
export type RunPage = z.infer<typeof RunPageSchema>;
export type RunQuery = z.output<typeof RunQuerySchema>;

const finalStates: readonly RunState[] = ['succeeded', 'failed', 'blocked', 'cancelled'];

export function isFinal(state: RunState): boolean {
  return finalStates.includes(state);
}
