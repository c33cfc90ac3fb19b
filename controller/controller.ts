/** The controller as one value: its rooms, built in the order in which they know each other. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { asAscendError } from '../proto/errors.ts';
import { createApp, type Services } from './api/app.ts';
import { Audit } from './audit/audit.ts';
import { Catalog } from './catalog/catalog.ts';
import { systemClock } from './clock.ts';
import { addressOf, publicHost, type Config } from './config.ts';
import { Feed } from './feed.ts';
import { startWeb } from './https.ts';
import { createLinkObserver } from './link-observer.ts';
import { openAuthority, type Authority } from './link/authority.ts';
import { startLink } from './link/server.ts';
import { makeToken } from './link/token.ts';
import { Metrics } from './metrics.ts';
import { ApiTokens } from './people/api-tokens.ts';
import { Sessions } from './people/sessions.ts';
import { Users } from './people/users.ts';
import { Checks } from './runs/checks.ts';
import { EventLog } from './runs/event-log.ts';
import { OrderBook } from './runs/order-book.ts';
import { ProgressBoard } from './runs/progress-board.ts';
import { Runs } from './runs/runs.ts';
import { Schedules } from './schedules/schedules.ts';
import { Agents } from './sites/agents.ts';
import { Contact } from './sites/contact.ts';
import { Directory } from './sites/directory.ts';
import { Presence } from './sites/presence.ts';
import { Sites } from './sites/sites.ts';
import { openStore } from './store/open.ts';

export interface RunningController extends AsyncDisposable {
  /** Of the API and the console. */
  readonly url: string;
  /** "host:port", as agents reach them. */
  readonly linkAddress: string;
  readonly enrolAddress: string;
  /** What the controller's CA is recognised by. */
  readonly pin: string;
  readonly services: Services;
}

const minuteMs = 60_000;
const consoleDir = fileURLToPath(new URL('console/dist', import.meta.url));

/** @throws config.invalid, state.invalid */
export async function startController(config: Config, { log }: { log: Logger }): Promise<RunningController> {
  await using started = new AsyncDisposableStack();
  const report = (thrown: unknown) => log.warn({ err: asAscendError(thrown) }, 'failed in the background');
  // Only we may look: it holds password hashes and the keys of the CA.
  await mkdir(config.data, { recursive: true, mode: 0o700 });
  const store = await openStore(join(config.data, 'controller.db'));
  started.defer(() => store.destroy());
  const authority = await openAuthority(join(config.data, 'authority'));

  const base = { store, clock: systemClock, feed: new Feed() };
  const audit = new Audit(base);
  const presence = new Presence();
  const catalog = new Catalog(base);
  const board = new ProgressBoard(base.feed);
  const orders = new OrderBook(base);
  const metrics = new Metrics();
  const contact = new Contact({ ...base, presence });
  const link = started.use(
    await startLink({
      authority,
      directory: new Directory({ ...base, audit }),
      events: new EventLog({ ...base, board, onStored: (seconds) => metrics.eventStored(seconds) }),
      orders,
      observer: createLinkObserver({ ...base, contact, catalog, board }),
      report,
      listen: { host: config.link.host, linkPort: config.link.port, enrolmentPort: config.enrol.port },
      ...(config.publicHost === undefined ? {} : publicLink(config)),
    }),
  );
  const { sessions: agentSessions } = link;
  const enrolAddress = addressOf(publicHost(config, config.enrol), link.enrolmentPort);
  const agents = new Agents({ ...base, presence, sessions: agentSessions });
  const runs = new Runs({ ...base, catalog, agents, presence, orders, board, sessions: agentSessions });
  const schedules = started.use(new Schedules({ ...base, audit, catalog, agents, runs, report }));
  const services: Services = {
    users: new Users(base),
    sessions: new Sessions({ ...base, onSignIn: (outcome) => metrics.signIn(outcome) }),
    apiTokens: new ApiTokens(base),
    sites: new Sites({ ...base, presence, makeToken: tokenMaker(authority, enrolAddress) }),
    agents,
    catalog,
    runs,
    checks: new Checks({ catalog, agents, sessions: agentSessions }),
    schedules,
    audit,
    feed: base.feed,
    metrics,
    log,
    consoleDir,
  };
  metrics.read({
    agents: () => agents.countByState(),
    runs: () => runs.countByState(),
    watchers: () => base.feed.watchers,
  });
  const app = createApp(services);
  const web = started.use(await startWeb({ config, issuer: authority, fetch: app.fetch, report }));
  await orders.expire();
  const sweep = setInterval(() => void orders.expire().catch(report), minuteMs);
  started.defer(() => clearInterval(sweep));
  await schedules.start();

  const running = started.move();
  return {
    url: web.url,
    linkAddress: addressOf(publicHost(config, config.link), link.linkPort),
    enrolAddress,
    pin: authority.pin,
    services,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Port 0 would be known too late to be told to agents, but then nobody has configured a public name either. */
function publicLink(config: Config): { publicLinkAddress: string } {
  return { publicLinkAddress: addressOf(publicHost(config, config.link), config.link.port) };
}

function tokenMaker({ pin }: Authority, address: string) {
  return () => makeToken({ address, pin });
}
