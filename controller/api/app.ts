/** The REST API and the console on one Hono app. `AppType` is what `hc` of hono/client is typed by. */
import { bodyLimit } from 'hono/body-limit';
import type { Logger } from 'pino';
import { AscendError } from '../../proto/errors.ts';
import type { Audit } from '../audit/audit.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Feed } from '../feed.ts';
import type { Metrics } from '../metrics.ts';
import type { ApiTokens } from '../people/api-tokens.ts';
import type { Sessions } from '../people/sessions.ts';
import type { Users } from '../people/users.ts';
import type { Checks } from '../runs/checks.ts';
import type { Runs } from '../runs/runs.ts';
import type { Schedules } from '../schedules/schedules.ts';
import type { Agents } from '../sites/agents.ts';
import type { Sites } from '../sites/sites.ts';
import { createAccess } from './access.ts';
import { agentsApi } from './agents.ts';
import { apiTokensApi } from './api-tokens.ts';
import { auditApi } from './audit.ts';
import { audited } from './audited.ts';
import { backupsApi } from './backups.ts';
import { checksApi } from './checks.ts';
import { serveConsole } from './console.ts';
import { eventsApi } from './events.ts';
import { meApi } from './me.ts';
import { openApiDocument } from './openapi.ts';
import { onError, onNotFound } from './problem.ts';
import { requestLog } from './request-log.ts';
import { newApi } from './route.ts';
import { runsApi } from './runs.ts';
import { schedulesApi } from './schedules.ts';
import { securityHeaders } from './security-headers.ts';
import { sessionsApi } from './sessions.ts';
import { sitesApi } from './sites.ts';
import { targetsApi } from './targets.ts';
import { usersApi } from './users.ts';

export interface Services {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly apiTokens: ApiTokens;
  readonly sites: Sites;
  readonly agents: Agents;
  readonly catalog: Catalog;
  readonly runs: Runs;
  readonly checks: Checks;
  readonly schedules: Schedules;
  readonly audit: Audit;
  readonly feed: Feed;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Folder of the console's build; it need not exist. */
  readonly consoleDir: string;
}

// The largest request is a restore with its options: a few KiB.
const maxBodyBytes = 256 * 1024;

export function createApp(services: Services) {
  const access = createAccess(services);
  const app = newApi();
  app.onError(onError);
  app.notFound(onNotFound);
  app.use(requestLog(services), securityHeaders);
  app.get('/healthz', (c) => c.json({ ok: true }));
  const tooLarge = () => {
    throw new AscendError('usage.invalid', 'The request is too large.', { context: { maxBodyBytes } });
  };
  app.use('/api/*', bodyLimit({ maxSize: maxBodyBytes, onError: tooLarge }));
  app.use('/api/*', audited(services.audit), access.middleware);
  app.get('/metrics', access.middleware, async (c) => {
    const { text, contentType } = await services.metrics.expose();
    return c.text(text, 200, { 'Content-Type': contentType });
  });

  const api = app
    .route('/api/sessions', sessionsApi(services))
    .route('/api/me', meApi(services))
    .route('/api/users', usersApi(services))
    .route('/api/api-tokens', apiTokensApi(services))
    .route('/api/sites', sitesApi(services))
    .route('/api/agents', agentsApi(services))
    .route('/api/targets', targetsApi(services))
    .route('/api/backups', backupsApi(services))
    .route('/api/checks', checksApi(services))
    .route('/api/runs', runsApi({ ...services, access }))
    .route('/api/events', eventsApi({ ...services, access }))
    .route('/api/schedules', schedulesApi(services))
    .route('/api/audit', auditApi(services));

  app.get('/api/openapi.json', (c) => c.json(openApiDocument(api)));
  app.all('/api/*', onNotFound);
  serveConsole(app, services.consoleDir);
  return api;
}

export type App = ReturnType<typeof createApp>;
export type AppType = App;
