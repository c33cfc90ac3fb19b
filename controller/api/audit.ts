import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Audit } from '../audit/audit.ts';
import { AuditPageSchema } from '../audit/entry.ts';
import { needs } from './access.ts';
import { json, newApi } from './route.ts';

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listAudit',
  summary: 'The audit log, the newest entry first',
  middleware: needs('admin'),
  request: {
    query: z.object({
      search: z.string().optional(),
      page: z.coerce.number().int().min(1).default(1),
      pageSize: z.coerce.number().int().min(1).max(500).default(100),
    }),
  },
  responses: { 200: json(AuditPageSchema, 'A page of entries') },
});

const verify = createRoute({
  method: 'get',
  path: '/verification',
  operationId: 'verifyAudit',
  summary: 'Walks the chain of hashes; says where it is broken, if it is',
  middleware: needs('admin'),
  responses: {
    200: json(
      z.object({ intact: z.boolean(), entries: z.number().int(), brokenAt: z.number().int().nullable() }),
      'The verdict',
    ),
  },
});

export function auditApi({ audit }: { audit: Audit }) {
  return newApi()
    .openapi(list, async (c) => c.json(await audit.page(c.req.valid('query')), 200))
    .openapi(verify, async (c) => c.json(await audit.verify(), 200));
}
