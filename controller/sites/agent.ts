import { z } from 'zod';
import { FindingSchema } from '../catalog/machine.ts';

/** A provider as its agent advertises it; forms are rendered from `optionSchema`. */
export const ProviderSchema = z
  .object({
    kind: z.string(),
    title: z.string(),
    /** JSON Schema of the provider's options. */
    optionSchema: z.record(z.string(), z.unknown()),
    abilities: z.array(z.string()),
  })
  .meta({ id: 'Provider' });

export const TargetSchema = z
  .object({
    agentId: z.string(),
    agentName: z.string(),
    siteId: z.string(),
    name: z.string(),
    kind: z.string(),
    networks: z.array(z.string()),
    reachable: z.boolean(),
    problem: z.string().nullable(),
    /** Whether its agent is in contact now. */
    agentOnline: z.boolean(),
  })
  .meta({ id: 'Target' });

export const RepositorySchema = z
  .object({ name: z.string(), location: z.string() })
  .meta({ id: 'Repository' });

export const AgentStateSchema = z.enum(['online', 'offline', 'revoked']);

export const AgentSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    siteId: z.string(),
    siteName: z.string(),
    state: AgentStateSchema,
    version: z.string().nullable(),
    enrolledAt: z.iso.datetime(),
    lastSeenAt: z.iso.datetime().nullable(),
    revokedAt: z.iso.datetime().nullable(),
    hostFindings: z.array(FindingSchema),
    targets: z.array(TargetSchema),
    repositories: z.array(RepositorySchema),
    sources: z.array(ProviderSchema),
    targetKinds: z.array(ProviderSchema),
  })
  .meta({ id: 'Agent' });

export type Provider = z.infer<typeof ProviderSchema>;
export type Target = z.infer<typeof TargetSchema>;
export type Repository = z.infer<typeof RepositorySchema>;
export type AgentState = z.infer<typeof AgentStateSchema>;
export type Agent = z.infer<typeof AgentSchema>;
