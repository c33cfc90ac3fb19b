import { z } from 'zod';
import { FindingSchema, MachineSchema } from './machine.ts';

/** A backup as one agent sees it; `id` is the catalogue's, `backupId` the one written in the backup itself. */
export const BackupSchema = z
  .object({
    id: z.string(),
    agentId: z.string(),
    agentName: z.string(),
    siteId: z.string(),
    repository: z.string(),
    path: z.string(),
    backupId: z.string(),
    platform: z.string(),
    machineName: z.string(),
    /** Null where the backup does not say it; `filesModifiedAt` is no guess at it. */
    capturedAt: z.iso.datetime().nullable(),
    /** Newest time of change of its files. */
    filesModifiedAt: z.iso.datetime().nullable(),
    parentId: z.string().nullable(),
    storedBytes: z.number().int(),
    diskBytes: z.number().int(),
    guestName: z.string().nullable(),
    usable: z.boolean(),
  })
  .meta({ id: 'Backup' });

export const BackupDetailsSchema = BackupSchema.extend({
  machine: MachineSchema.nullable(),
  findings: z.array(FindingSchema),
}).meta({ id: 'BackupDetails' });

export const BackupQuerySchema = z.object({
  search: z.string().optional(),
  agentId: z.string().optional(),
  siteId: z.string().optional(),
  sort: z.enum(['capturedAt', 'machineName', 'diskBytes', 'platform']).default('capturedAt'),
  order: z.enum(['asc', 'desc']).default('desc'),
  page: z.coerce.number().int().min(1).default(1),
  pageSize: z.coerce.number().int().min(1).max(200).default(50),
});

export const BackupPageSchema = z
  .object({
    backups: z.array(BackupSchema),
    page: z.number().int(),
    pageSize: z.number().int(),
    total: z.number().int(),
  })
  .meta({ id: 'BackupPage' });

export type Backup = z.infer<typeof BackupSchema>;
export type BackupDetails = z.infer<typeof BackupDetailsSchema>;
export type BackupQuery = z.output<typeof BackupQuerySchema>;
export type BackupPage = z.infer<typeof BackupPageSchema>;
