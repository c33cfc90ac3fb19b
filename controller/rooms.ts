/** The rooms of the controller, built in the order in which they know each other: first those that the link needs. */
import type { Logger } from 'pino';
import type { AscendError } from '../proto/errors.ts';
import type { Services } from './api/app.ts';
import { Audit } from './audit/audit.ts';
import { Catalog } from './catalog/catalog.ts';
import type { Clock } from './clock.ts';
import { Feed } from './feed.ts';
import { createLinkObserver } from './link-observer.ts';
import type { AgentSessions } from './link/contract.ts';
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
import type { Store } from './store/open.ts';

/** What agents speak to; it works whether or not one is connected. */
export function createAgentSide({ store, clock }: { store: Store; clock: Clock }) {
  const feed = new Feed();
  const base = { store, clock, feed };
  const audit = new Audit(base);
  const presence = new Presence();
  const catalog = new Catalog(base);
  const board = new ProgressBoard(feed);
  const metrics = new Metrics();
  const contact = new Contact({ ...base, presence });
  return {
    ...base,
    audit,
    presence,
    catalog,
    board,
    metrics,
    orders: new OrderBook(base),
    directory: new Directory({ ...base, audit }),
    events: new EventLog({ ...base, board, onStored: (seconds) => metrics.eventStored(seconds) }),
    observer: createLinkObserver({ ...base, contact, catalog, board }),
  };
}

export type AgentSide = ReturnType<typeof createAgentSide>;

interface Outside {
  /** The connected agents. */
  readonly sessions: AgentSessions;
  readonly makeToken: () => { token: string; secretHash: string };
  readonly log: Logger;
  readonly report: (error: AscendError) => void;
  readonly consoleDir: string;
}

/** What people speak to, through the API. */
export function createServices(side: AgentSide, outside: Outside): Services {
  const { metrics, feed } = side;
  const agents = new Agents({ ...side, ...outside });
  const runs = new Runs({ ...side, ...outside, agents });
  metrics.read({
    agents: () => agents.countByState(),
    runs: () => runs.countByState(),
    watchers: () => feed.watchers,
  });
  return {
    ...side,
    ...outside,
    agents,
    runs,
    users: new Users(side),
    sessions: new Sessions({ ...side, onSignIn: (outcome) => metrics.signIn(outcome) }),
    apiTokens: new ApiTokens(side),
    sites: new Sites({ ...side, ...outside }),
    checks: new Checks({ ...side, ...outside, agents }),
    schedules: new Schedules({ ...side, ...outside, agents, runs }),
  };
}
