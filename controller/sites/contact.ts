import { findingJson } from '../../proto/machine-json.ts';
import type { Hello, ProviderInfo } from '../../proto/gen/ascend/v1/link.ts';
import type { Clock } from '../clock.ts';
import type { Feed } from '../feed.ts';
import type { Store } from '../store/open.ts';
import type { Tables } from '../store/tables.ts';
import { flag, instant, jsonText } from '../store/values.ts';
import type { Presence } from './presence.ts';

// "Last seen" of a connected agent is in the store this fresh; whether it is connected is up to presence.
const touchMs = 30_000;

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  readonly feed: Feed;
  readonly presence: Presence;
}

/** What agents say of themselves, and when they were last heard. */
export class Contact {
  readonly #deps: Deps;
  readonly #touched = new Map<string, number>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Replaces what the agent advertised before. */
  async hello(agentId: string, hello: Hello): Promise<void> {
    await this.#deps.store.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('agents')
        .set({
          version: hello.agentVersion,
          host_findings: jsonText(hello.hostFindings.map(findingJson)),
          last_seen_at: instant(this.#deps.clock.now()),
        })
        .where('id', '=', agentId)
        .execute();
      await replaceAdvertised(transaction, agentId, hello);
    });
    this.#deps.presence.arrived(agentId);
    this.#deps.feed.publish({ topic: 'agent', id: agentId });
  }

  async seen(agentId: string): Promise<void> {
    const now = this.#deps.clock.now();
    if (now.getTime() - (this.#touched.get(agentId) ?? 0) < touchMs) return;
    this.#touched.set(agentId, now.getTime());
    await this.#touch(agentId, now);
  }

  async lost(agentId: string): Promise<void> {
    this.#deps.presence.left(agentId);
    this.#touched.delete(agentId);
    await this.#touch(agentId, this.#deps.clock.now());
    this.#deps.feed.publish({ topic: 'agent', id: agentId });
  }

  async #touch(agentId: string, at: Date): Promise<void> {
    await this.#deps.store
      .updateTable('agents')
      .set({ last_seen_at: instant(at) })
      .where('id', '=', agentId)
      .execute();
  }
}

async function replaceAdvertised(store: Store, agentId: string, hello: Hello): Promise<void> {
  for (const table of ['providers', 'targets', 'repositories'] as const) {
    await store.deleteFrom(table).where('agent_id', '=', agentId).execute();
  }
  const providers = [
    ...hello.sources.map((info) => providerRow(agentId, 'source', info)),
    ...hello.targetKinds.map((info) => providerRow(agentId, 'target', info)),
  ];
  const targets = hello.targets.map((info) => ({
    agent_id: agentId,
    name: info.name,
    kind: info.kind,
    networks: jsonText(info.networks),
    reachable: flag(info.reachable),
    problem: info.problem || null,
  }));
  const repositories = hello.repositories.map(({ name, location }) => ({
    agent_id: agentId,
    name,
    location,
  }));
  for (const row of providers) await store.insertInto('providers').values(row).execute();
  for (const row of targets) await store.insertInto('targets').values(row).execute();
  for (const row of repositories) await store.insertInto('repositories').values(row).execute();
}

function providerRow(agentId: string, role: 'source' | 'target', info: ProviderInfo): Tables['providers'] {
  return {
    agent_id: agentId,
    role,
    kind: info.kind,
    title: info.title,
    option_schema: info.optionSchemaJson || '{}',
    abilities: jsonText(info.abilities),
  };
}
