import type { CatalogUpdate, Hello } from '../proto/gen/ascend/v1/link.ts';
import type { RunProgress } from '../proto/gen/ascend/v1/run.ts';
import type { Catalog } from './catalog/catalog.ts';
import type { LinkObserver } from './link/contract.ts';
import type { Clock } from './clock.ts';
import type { ProgressBoard } from './runs/progress-board.ts';
import type { Store } from './store/open.ts';
import type { Contact } from './sites/contact.ts';

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  readonly contact: Contact;
  readonly catalog: Catalog;
  readonly board: ProgressBoard;
}

/** Hands what connected agents say to the rooms that keep it. */
export function createLinkObserver({ store, clock, contact, catalog, board }: Deps): LinkObserver {
  return {
    hello: (agentId: string, hello: Hello) => contact.hello(agentId, hello),
    heartbeat: (agentId) => contact.seen(agentId),
    catalogPosition: (agentId) => catalog.position(agentId),
    catalog: (agentId: string, update: CatalogUpdate) => catalog.apply(agentId, update),
    lost: (agentId) => contact.lost(agentId),
    async progress(agentId: string, progress: RunProgress) {
      // Only of its own running run: an agent must not speak for another one.
      const run = await store
        .selectFrom('runs')
        .select('id')
        .where('id', '=', progress.runId)
        .where('agent_id', '=', agentId)
        .where('state', 'in', ['queued', 'sent', 'running'])
        .executeTakeFirst();
      if (run) board.post(progress, clock.now());
    },
  };
}
