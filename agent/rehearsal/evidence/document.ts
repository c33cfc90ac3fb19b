/** evidence.json: what was rehearsed, what was seen, and the hash of every file beside it. */
import { z } from 'zod';
import { signatureSchema } from './signer.ts';

export const DOCUMENT = 'evidence.json';
/** More than any rehearsal leaves: pictures and a log. What is larger was not written by one. */
export const MOST_FILES = 200;
export const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

const hash = z.string().regex(/^[0-9a-f]{64}$/);

export const evidenceFile = z.strictObject({
  name: z.string().min(1).max(255),
  sizeBytes: z.int().nonnegative(),
  sha256: hash,
});

export type EvidenceFile = z.infer<typeof evidenceFile>;

/** Only what a check needs is described here; the rest is for people, and signed with it. */
export const evidenceSchema = z.strictObject({
  evidence: z.looseObject({
    format: z.literal('ascend-evidence/1'),
    madeAt: z.string().max(40),
    machine: z.looseObject({ name: z.string() }),
    destination: z.looseObject({ kind: z.string(), title: z.string() }),
    fidelity: z.enum(['exact', 'storage-only', 'nearest']),
    verdict: z.looseObject({ outcome: z.enum(['passed', 'failed', 'unproven']), message: z.string() }),
    /** Undefined for a host that is not enrolled. */
    agent: z
      .strictObject({ id: z.string(), site: z.string(), certificate: z.string().max(20_000) })
      .optional(),
    files: z.array(evidenceFile).max(MOST_FILES),
  }),
  signature: signatureSchema,
});

export type SignedEvidence = z.infer<typeof evidenceSchema>;
