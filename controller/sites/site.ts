import { z } from 'zod';

export const SiteNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u, 'letters, digits, spaces and . _ - only');

/** A place with repositories, targets and one or more agents. */
export const SiteSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    createdAt: z.iso.datetime(),
    agentCount: z.number().int(),
    agentsOnline: z.number().int(),
  })
  .meta({ id: 'Site' });

/** Shown once: the controller keeps only the SHA-256 of its secret. */
export const EnrolmentTokenSchema = z
  .object({
    id: z.string(),
    siteId: z.string(),
    /** For `ascend-agent enrol --token`. */
    token: z.string(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'EnrolmentToken' });

export type Site = z.infer<typeof SiteSchema>;
export type EnrolmentToken = z.infer<typeof EnrolmentTokenSchema>;
