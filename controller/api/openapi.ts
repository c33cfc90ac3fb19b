import type { OpenAPIHono } from '@hono/zod-openapi';
import { ProblemSchema } from './problem.ts';
import type { ApiEnv } from './route.ts';

/** The OpenAPI 3.1 document, made from the zod schemas that check the requests. */
export function openApiDocument(api: OpenAPIHono<ApiEnv>) {
  api.openAPIRegistry.register('Problem', ProblemSchema);
  api.openAPIRegistry.registerComponent('securitySchemes', 'apiToken', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API token ("asc_..."), as `ascend login` or POST /api/api-tokens makes it.',
  });
  api.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'ascend',
    description:
      'Set by POST /api/sessions ("__Host-ascend" over TLS). Mutating calls also need "X-Ascend: 1".',
  });
  const document = api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Ascend', version: '1', description: 'The REST API of the Ascend controller.' },
    security: [{ apiToken: [] }, { session: [] }],
  });
  // Every call may fail in the same shape: said here once rather than in every route.
  const failure = {
    description: 'It failed',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of [path.get, path.post, path.patch, path.put, path.delete]) {
      const responses = operation?.responses;
      if (responses) responses.default = failure;
    }
  }
  return document;
}
