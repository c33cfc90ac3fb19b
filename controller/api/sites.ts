import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { EnrolmentTokenSchema, SiteNameSchema, SiteSchema } from '../sites/site.ts';
import type { Sites } from '../sites/sites.ts';
import { needs } from './access.ts';
import { body, byId, json, newApi } from './route.ts';

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listSites',
  summary: 'All sites',
  responses: { 200: json(z.object({ sites: z.array(SiteSchema) }), 'Sites by name') },
});

const add = createRoute({
  method: 'post',
  path: '/',
  operationId: 'addSite',
  summary: 'Add a site',
  middleware: needs('admin'),
  request: { body: body(z.object({ name: SiteNameSchema })) },
  responses: { 201: json(SiteSchema, 'Added') },
});

const createToken = createRoute({
  method: 'post',
  path: '/{id}/enrolment-tokens',
  operationId: 'createEnrolmentToken',
  summary:
    'Make a one-time token that enrols one agent at this site within 15 minutes; it is shown this once',
  middleware: needs('admin'),
  request: { params: byId },
  responses: { 201: json(EnrolmentTokenSchema, 'Made') },
});

export function sitesApi({ sites }: { sites: Sites }) {
  return newApi()
    .openapi(list, async (c) => c.json({ sites: await sites.list() }, 200))
    .openapi(add, async (c) => {
      const { name } = c.req.valid('json');
      c.set('subject', name);
      return c.json(await sites.add(name), 201);
    })
    .openapi(createToken, async (c) => {
      const { id } = c.req.valid('param');
      c.set('subject', (await sites.get(id)).name);
      const made = await sites.createEnrolmentToken(id, c.var.principal.userName);
      c.set('detail', `token ${made.id}`);
      return c.json(made, 201);
    });
}
