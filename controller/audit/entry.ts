import { z } from 'zod';

/** Who did what, from where, and what came of it. `hash` covers the entry and the hash before it. */
export const AuditEntrySchema = z
  .object({
    sequence: z.number().int(),
    at: z.iso.datetime(),
    /** A user's name, "schedule" or "controller". */
    actor: z.string(),
    by: z.enum(['session', 'token', 'password', 'controller']),
    /** Address of the client; empty for the controller's own acts. */
    remote: z.string(),
    action: z.string(),
    subject: z.string(),
    /** "done", or the code of the error that it ended with. */
    outcome: z.string(),
    detail: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'AuditEntry' });

export const AuditPageSchema = z
  .object({
    entries: z.array(AuditEntrySchema),
    page: z.number().int(),
    pageSize: z.number().int(),
    total: z.number().int(),
  })
  .meta({ id: 'AuditPage' });

export type AuditEntry = z.infer<typeof AuditEntrySchema>;
export type AuditPage = z.infer<typeof AuditPageSchema>;
