import { AscendError } from '../../proto/errors.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Feed } from '../feed.ts';
import type { AgentDirectory, AgentRecord } from '../link/contract.ts';
import type { Store } from '../store/open.ts';
import { instant, jsonText } from '../store/values.ts';
import { uuidv7 } from '../uuid.ts';

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  readonly feed: Feed;
  readonly audit: Audit;
}

/** Agents as the link knows them: who may connect, and who becomes an agent by a token. */
export class Directory implements AgentDirectory {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async find(agentId: string): Promise<AgentRecord | undefined> {
    const row = await this.#deps.store
      .selectFrom('agents')
      .select(['id', 'site_id', 'revoked_at'])
      .where('id', '=', agentId)
      .executeTakeFirst();
    return row && { id: row.id, siteId: row.site_id, revoked: row.revoked_at !== null };
  }

  async enrol(request: { secretHash: string; hostname: string }): Promise<{ agentId: string; site: string }> {
    const enrolled = await this.#deps.store
      .transaction()
      .execute((transaction) => this.#consume(transaction, request));
    await this.#deps.audit.record({
      actor: enrolled.tokenBy,
      by: 'controller',
      remote: '',
      action: 'agent enrolled',
      subject: enrolled.agentId,
      outcome: 'done',
      detail: `${enrolled.name} at ${enrolled.site}, token ${enrolled.tokenId}`,
    });
    this.#deps.feed.publish({ topic: 'agent', id: enrolled.agentId });
    return { agentId: enrolled.agentId, site: enrolled.site };
  }

  async #consume(store: Store, { secretHash, hostname }: { secretHash: string; hostname: string }) {
    const now = this.#deps.clock.now();
    const token = await store
      .selectFrom('enrolment_tokens')
      .innerJoin('sites', 'sites.id', 'enrolment_tokens.site_id')
      .selectAll('enrolment_tokens')
      .select('sites.name as site')
      .where('secret_sha256', '=', secretHash)
      .executeTakeFirst();
    refuseUnfitToken(token, now);
    const agentId = uuidv7(now);
    const name = await freeName(store, hostname);
    await store
      .insertInto('agents')
      .values({
        id: agentId,
        site_id: token.site_id,
        name,
        version: null,
        host_findings: jsonText([]),
        enrolled_at: instant(now),
        last_seen_at: null,
        revoked_at: null,
      })
      .execute();
    const { numUpdatedRows } = await store
      .updateTable('enrolment_tokens')
      .set({ used_at: instant(now), agent_id: agentId })
      .where('id', '=', token.id)
      .where('used_at', 'is', null)
      .executeTakeFirstOrThrow();
    // Two callers at once, where the database lets transactions run side by side: this rolls the second one back.
    if (numUpdatedRows === 0n) throw used();
    return { agentId, name, site: token.site, tokenId: token.id, tokenBy: token.created_by };
  }
}

function refuseUnfitToken<Token extends { used_at: string | null; expires_at: string }>(
  token: Token | undefined,
  now: Date,
): asserts token is Token {
  const hint = 'Make a new one: `ascend token create --site SITE`.';
  if (!token)
    throw new AscendError('enrol.token-invalid', 'The controller does not know this token.', { hint });
  if (token.used_at !== null) throw used();
  if (token.expires_at <= instant(now)) {
    const context = { expiredAt: token.expires_at };
    throw new AscendError('enrol.token-expired', 'The token has expired.', { context, hint });
  }
}

function used(): AscendError {
  return new AscendError('enrol.token-used', 'The token has been used already.', {
    hint: 'Make a new one: `ascend token create --site SITE`. If you did not use it, revoke the agent that did.',
  });
}

/** Agents are named after their hosts; a second one of that name gets a number. */
async function freeName(store: Store, hostname: string): Promise<string> {
  const base = hostname.trim().slice(0, 200) || 'agent';
  const taken = await store.selectFrom('agents').select('name').execute();
  const names = new Set(taken.map((row) => row.name));
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? base : `${base}-${n}`;
    if (!names.has(name)) return name;
  }
}
