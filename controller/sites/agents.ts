import { AscendError } from '../../proto/errors.ts';
import type { Clock } from '../clock.ts';
import type { Feed } from '../feed.ts';
import type { AgentSessions } from '../link/contract.ts';
import type { Store } from '../store/open.ts';
import type { Tables } from '../store/tables.ts';
import { fromJsonText, instant } from '../store/values.ts';
import type { Agent, Provider, Target } from './agent.ts';
import type { Presence } from './presence.ts';

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  readonly feed: Feed;
  readonly presence: Presence;
  readonly sessions: Pick<AgentSessions, 'drop'>;
}

/** Agents as people see them: state, and what each advertises. */
export class Agents {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async list(): Promise<Agent[]> {
    const { store } = this.#deps;
    const agents = await store
      .selectFrom('agents')
      .innerJoin('sites', 'sites.id', 'agents.site_id')
      .selectAll('agents')
      .select('sites.name as site_name')
      .orderBy('agents.name')
      .execute();
    const targets = await store.selectFrom('targets').selectAll().orderBy('name').execute();
    const repositories = await store.selectFrom('repositories').selectAll().orderBy('name').execute();
    const providers = await store.selectFrom('providers').selectAll().orderBy('kind').execute();
    return agents.map((row) => {
      const ofAgent = (each: { agent_id: string }) => each.agent_id === row.id;
      const online = this.#deps.presence.isOnline(row.id);
      const mine = providers.filter(ofAgent);
      return {
        id: row.id,
        name: row.name,
        siteId: row.site_id,
        siteName: row.site_name,
        state: row.revoked_at === null ? (online ? 'online' : 'offline') : 'revoked',
        version: row.version,
        enrolledAt: row.enrolled_at,
        lastSeenAt: row.last_seen_at,
        revokedAt: row.revoked_at,
        hostFindings: fromJsonText(row.host_findings),
        targets: targets.filter(ofAgent).map((target) => targetOf(target, row, online)),
        repositories: repositories.filter(ofAgent).map(({ name, location }) => ({ name, location })),
        sources: mine.filter(({ role }) => role === 'source').map(providerOf),
        targetKinds: mine.filter(({ role }) => role === 'target').map(providerOf),
      };
    });
  }

  /** @throws not-found */
  async get(id: string): Promise<Agent> {
    const agent = (await this.list()).find((each) => each.id === id);
    if (!agent) throw new AscendError('not-found', 'There is no such agent.', { context: { agent: id } });
    return agent;
  }

  /** How many agents that are not revoked there are in each state, for the metrics. */
  async countByState(): Promise<{ online: number; offline: number }> {
    const rows = await this.#deps.store
      .selectFrom('agents')
      .select('id')
      .where('revoked_at', 'is', null)
      .execute();
    const online = rows.filter((row) => this.#deps.presence.isOnline(row.id)).length;
    return { online, offline: rows.length - online };
  }

  /** For good: its certificate is refused from now on. Idempotent. */
  async revoke(id: string): Promise<Agent> {
    await this.get(id);
    await this.#deps.store
      .updateTable('agents')
      .set({ revoked_at: instant(this.#deps.clock.now()) })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .execute();
    this.#deps.sessions.drop(id, new AscendError('link.refused', 'The agent has been revoked.'));
    this.#deps.feed.publish({ topic: 'agent', id });
    return this.get(id);
  }
}

function providerOf(row: Tables['providers']): Provider {
  return {
    kind: row.kind,
    title: row.title,
    optionSchema: fromJsonText(row.option_schema),
    abilities: fromJsonText(row.abilities),
  };
}

function targetOf(
  row: Tables['targets'],
  agent: { id: string; name: string; site_id: string },
  agentOnline: boolean,
): Target {
  return {
    agentId: agent.id,
    agentName: agent.name,
    siteId: agent.site_id,
    name: row.name,
    kind: row.kind,
    networks: fromJsonText(row.networks),
    reachable: row.reachable === 1,
    problem: row.problem,
    agentOnline,
  };
}
