/** The zod side of `proto/machine-json.ts`: the same shapes, so that OpenAPI and the console get them too. */
import { z } from 'zod';
import type { FindingJson, MachineJson } from '../../proto/machine-json.ts';

const bytes = z.number().int().nonnegative();

const guest = z.object({
  family: z.enum(['linux', 'windows', 'other']).nullable(),
  id: z.string().nullable(),
  name: z.string().nullable(),
  arch: z.string().nullable(),
});

const disk = z.object({
  id: z.string(),
  label: z.string().nullable(),
  sizeBytes: bytes.nullable(),
  controller: z
    .object({
      kind: z.string(),
      model: z.string().nullable(),
      bus: z.number().int().nullable(),
      unit: z.number().int().nullable(),
    })
    .nullable(),
  file: z.string().nullable(),
  format: z.string().nullable(),
  boot: z.boolean(),
});

const nic = z.object({
  id: z.string(),
  mac: z.string().nullable(),
  model: z.string().nullable(),
  network: z.string().nullable(),
  vlan: z.number().int().nullable(),
  connected: z.boolean().nullable(),
  addresses: z.array(z.string()),
});

/** A machine, sizes in bytes, an unknown fact as null. */
export const MachineSchema = z
  .object({
    name: z.string(),
    platform: z.string(),
    sourceId: z.string().nullable(),
    guest,
    cpu: z.object({
      count: z.number().int().nullable(),
      sockets: z.number().int().nullable(),
      coresPerSocket: z.number().int().nullable(),
    }),
    memoryBytes: bytes.nullable(),
    firmware: z.enum(['bios', 'uefi']).nullable(),
    secureBoot: z.boolean().nullable(),
    tpm: z.boolean().nullable(),
    disks: z.array(disk),
    nics: z.array(nic),
    notes: z.string().nullable(),
    tags: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Machine' }) satisfies z.ZodType<MachineJson>;

/** One validation result; `remedy` says what to do next. */
export const FindingSchema = z
  .object({
    code: z.string(),
    severity: z.enum(['info', 'warn', 'block']),
    subject: z.string(),
    message: z.string(),
    remedy: z.string(),
  })
  .meta({ id: 'Finding' }) satisfies z.ZodType<FindingJson>;
