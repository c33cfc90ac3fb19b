import { AscendError } from '../../proto/errors.ts';
import type { Clock } from '../clock.ts';
import type { Feed } from '../feed.ts';
import type { Store } from '../store/open.ts';
import { instant } from '../store/values.ts';
import { uuidv7 } from '../uuid.ts';
import type { Presence } from './presence.ts';
import type { EnrolmentToken, Site } from './site.ts';

// Long enough to walk over to the other machine, too short to be found in a chat later.
const tokenLifetimeMs = 15 * 60_000;

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  readonly feed: Feed;
  readonly presence: Presence;
  /** A new token's text, and the only form of it that may be stored. */
  readonly makeToken: () => { token: string; secretHash: string };
}

export class Sites {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async list(): Promise<Site[]> {
    const rows = await this.#deps.store.selectFrom('sites').selectAll().orderBy('name').execute();
    const agents = await this.#deps.store
      .selectFrom('agents')
      .select(['id', 'site_id'])
      .where('revoked_at', 'is', null)
      .execute();
    return rows.map((row) => {
      const here = agents.filter((agent) => agent.site_id === row.id);
      return {
        id: row.id,
        name: row.name,
        createdAt: row.created_at,
        agentCount: here.length,
        agentsOnline: here.filter((agent) => this.#deps.presence.isOnline(agent.id)).length,
      };
    });
  }

  /** @throws not-found */
  async get(id: string): Promise<Site> {
    const site = (await this.list()).find((each) => each.id === id);
    if (!site) throw new AscendError('not-found', 'There is no such site.', { context: { site: id } });
    return site;
  }

  /** @throws already-exists */
  async add(name: string): Promise<Site> {
    const now = this.#deps.clock.now();
    const row = { id: uuidv7(now), name, created_at: instant(now) };
    const { numInsertedOrUpdatedRows } = await this.#deps.store
      .insertInto('sites')
      .values(row)
      .onConflict((conflict) => conflict.column('name').doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 0n) {
      throw new AscendError('already-exists', `There is a site "${name}" already.`);
    }
    this.#deps.feed.publish({ topic: 'site', id: row.id });
    return { id: row.id, name, createdAt: row.created_at, agentCount: 0, agentsOnline: 0 };
  }

  /** @throws not-found */
  async createEnrolmentToken(siteId: string, by: string): Promise<EnrolmentToken> {
    await this.get(siteId);
    const now = this.#deps.clock.now();
    const { token, secretHash } = this.#deps.makeToken();
    const row = {
      id: uuidv7(now),
      site_id: siteId,
      secret_sha256: secretHash,
      created_by: by,
      created_at: instant(now),
      expires_at: instant(new Date(now.getTime() + tokenLifetimeMs)),
      used_at: null,
      agent_id: null,
    };
    await this.#deps.store.insertInto('enrolment_tokens').values(row).execute();
    return { id: row.id, siteId, token, expiresAt: row.expires_at };
  }
}
