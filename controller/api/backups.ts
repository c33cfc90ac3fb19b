import { createRoute } from '@hono/zod-openapi';
import { BackupDetailsSchema, BackupPageSchema, BackupQuerySchema } from '../catalog/backup.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { byId, json, newApi } from './route.ts';

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listBackups',
  summary: 'Backups that agents see now; search looks at machine, platform, repository and path',
  request: { query: BackupQuerySchema },
  responses: { 200: json(BackupPageSchema, 'A page of backups') },
});

const show = createRoute({
  method: 'get',
  path: '/{id}',
  operationId: 'getBackup',
  summary: 'One backup with its machine and findings',
  request: { params: byId },
  responses: { 200: json(BackupDetailsSchema, 'The backup') },
});

export function backupsApi({ catalog }: { catalog: Catalog }) {
  return newApi()
    .openapi(list, async (c) => c.json(await catalog.page(c.req.valid('query')), 200))
    .openapi(show, async (c) => c.json(await catalog.get(c.req.valid('param').id), 200));
}
