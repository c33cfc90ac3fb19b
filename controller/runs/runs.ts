import { createHash } from 'node:crypto';
import { AscendError } from '../../proto/errors.ts';
import type { BackupDetails } from '../catalog/backup.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Clock } from '../clock.ts';
import type { Feed } from '../feed.ts';
import type { AgentSessions } from '../link/contract.ts';
import type { Agents } from '../sites/agents.ts';
import type { Presence } from '../sites/presence.ts';
import type { Store } from '../store/open.ts';
import type { Tables } from '../store/tables.ts';
import { fromJsonText, instant, jsonText } from '../store/values.ts';
import { uuidv7 } from '../uuid.ts';
import { nothingYet } from './fold.ts';
import type { OrderBook } from './order-book.ts';
import type { ProgressBoard } from './progress-board.ts';
import { requireAble } from './request.ts';
import type { RunEventPage } from './run-event.ts';
import {
  isFinal,
  RunKindSchema,
  RunStateSchema,
  type Run,
  type RunPage,
  type RunQuery,
  type RunRequest,
  type RunSummary,
} from './run.ts';

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  readonly feed: Feed;
  readonly catalog: Catalog;
  readonly agents: Agents;
  readonly presence: Presence;
  readonly orders: OrderBook;
  readonly board: ProgressBoard;
  readonly sessions: Pick<AgentSessions, 'deliver'>;
}

interface Orderer {
  readonly by: string;
  readonly idempotencyKey?: string | undefined;
  readonly scheduleId?: string | undefined;
}

type RunRow = Tables['runs'] & { agent_name: string; site_id: string; last_seen_at: string | null };

export class Runs {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Orders a restore or a rehearsal; the order waits for its agent where that is away.
   *
   * @returns `created` false where this key ordered the same before.
   * @throws state.conflict when the key ordered something else.
   * @throws backup.not-found, not-found, usage.invalid for a backup or target that does not fit.
   */
  async create(request: RunRequest, orderer: Orderer): Promise<{ run: Run; created: boolean }> {
    const key = orderer.idempotencyKey === undefined ? null : `${orderer.by} ${orderer.idempotencyKey}`;
    const hash = createHash('sha256').update(JSON.stringify(request)).digest('hex');
    const before = key === null ? undefined : await this.#byKey(key, hash);
    if (before !== undefined) return { run: await this.get(before), created: false };

    const backup = await this.#deps.catalog.get(request.backupId);
    requireAble(request, backup, await this.#deps.agents.get(request.target.agentId));
    const row = newRow({ request, backup, orderer, key, hash, now: this.#deps.clock.now() });
    const order = { agentId: row.agent_id, runId: row.id, action: 'restore' as const };
    await this.#deps.store.transaction().execute(async (transaction) => {
      await transaction.insertInto('runs').values(row).execute();
      await this.#deps.orders.add(transaction, order);
    });
    await this.#deliver(row.id, row.agent_id);
    return { run: await this.get(row.id), created: true };
  }

  /**
   * A run whose order its agent cannot have yet ends at once; otherwise the agent is asked to stop and to clean up.
   *
   * @throws state.conflict when the run is final.
   */
  async cancel(id: string): Promise<Run> {
    const now = instant(this.#deps.clock.now());
    const agentId = await this.#deps.store.transaction().execute(async (transaction) => {
      const run = await transaction.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
      if (!run) throw noSuchRun(id);
      if (isFinal(RunStateSchema.parse(run.state))) {
        throw new AscendError('state.conflict', `The run has ended already: ${run.state}.`, {
          context: { run: id },
        });
      }
      if (run.cancel_requested_at !== null) return run.agent_id;
      const withdrawn = await this.#deps.orders.withdraw(transaction, id);
      const ended = withdrawn ? { state: 'cancelled', finished_at: now } : {};
      await transaction
        .updateTable('runs')
        .set({ cancel_requested_at: now, ...ended })
        .where('id', '=', id)
        .execute();
      const order = { agentId: run.agent_id, runId: id, action: 'cancel' as const };
      if (!withdrawn) await this.#deps.orders.add(transaction, order);
      return run.agent_id;
    });
    await this.#deliver(id, agentId);
    return this.get(id);
  }

  async page(query: RunQuery): Promise<RunPage> {
    let rows = joinAgents(this.#deps.store);
    if (query.kind !== undefined) rows = rows.where('runs.kind', '=', query.kind);
    if (query.state !== undefined) rows = rows.where('runs.state', '=', query.state);
    if (query.agentId !== undefined) rows = rows.where('runs.agent_id', '=', query.agentId);
    const active = RunStateSchema.options.filter((state) => !isFinal(state));
    if (query.active === 'true') rows = rows.where('runs.state', 'in', active);
    if (query.active === 'false') rows = rows.where('runs.state', 'not in', active);
    const { total } = await rows
      .select((expression) => expression.fn.countAll<number | string>().as('total'))
      .executeTakeFirstOrThrow();
    const { page, pageSize } = query;
    const found = await selectRun(rows)
      .orderBy('runs.created_at', 'desc')
      .orderBy('runs.id', 'desc')
      .limit(pageSize)
      .offset((page - 1) * pageSize)
      .execute();
    return { runs: found.map((row) => this.#summaryOf(row)), page, pageSize, total: Number(total) };
  }

  /** @throws not-found */
  async summary(id: string): Promise<RunSummary> {
    return this.#summaryOf(await this.#row(id));
  }

  /** @throws not-found */
  async get(id: string): Promise<Run> {
    const row = await this.#row(id);
    const {
      outcome: _outcome,
      startedAt: _startedAt,
      finishedAt: _finishedAt,
      ...told
    } = fromJsonText(row.fold);
    return {
      ...told,
      ...this.#summaryOf(row),
      options: fromJsonText(row.options),
      steps: [...told.steps],
      findings: [...told.findings],
    };
  }

  /** Events of a run after a sequence, in order. */
  async events(id: string, { after, limit }: { after: number; limit: number }): Promise<RunEventPage> {
    const rows = await this.#deps.store
      .selectFrom('run_events')
      .innerJoin('runs', (join) =>
        join.onRef('runs.id', '=', 'run_events.run_id').onRef('runs.agent_id', '=', 'run_events.agent_id'),
      )
      .select('event')
      .where('run_events.run_id', '=', id)
      .where('run_events.sequence', '>', after)
      .orderBy('run_events.sequence')
      .limit(limit + 1)
      .execute();
    const events = rows.slice(0, limit).map((row) => fromJsonText(row.event));
    return { events, next: rows.length > limit ? (events.at(-1)?.sequence ?? null) : null };
  }

  /** The last picture of a rehearsal's screen, as a PNG. @throws not-found */
  async screen(id: string): Promise<Buffer> {
    const row = await this.#deps.store
      .selectFrom('rehearsal_screens')
      .select('png')
      .where('run_id', '=', id)
      .executeTakeFirst();
    if (row) return row.png;
    throw new AscendError('not-found', 'There is no picture of a rehearsal of this run.', {
      context: { run: id },
      hint: "Where there was a rehearsal, its pictures lie in the evidence folder on the agent's host.",
    });
  }

  /** How many runs there are in each state, for the metrics. */
  async countByState(): Promise<Record<string, number>> {
    const rows = await this.#deps.store
      .selectFrom('runs')
      .select((expression) => ['state', expression.fn.countAll<number | string>().as('count')] as const)
      .groupBy('state')
      .execute();
    const none = Object.fromEntries(RunStateSchema.options.map((state) => [state, 0]));
    return { ...none, ...Object.fromEntries(rows.map((row) => [row.state, Number(row.count)])) };
  }

  async #byKey(key: string, hash: string): Promise<string | undefined> {
    const row = await this.#deps.store
      .selectFrom('runs')
      .select(['id', 'request_sha256'])
      .where('idempotency_key', '=', key)
      .executeTakeFirst();
    if (row && row.request_sha256 !== hash) {
      throw new AscendError('state.conflict', 'This Idempotency-Key has ordered something else before.', {
        context: { run: row.id },
        hint: 'Use a new key for a new request.',
      });
    }
    return row?.id;
  }

  async #deliver(runId: string, agentId: string): Promise<void> {
    this.#deps.feed.publish({ topic: 'run', id: runId });
    await this.#deps.sessions.deliver(agentId);
  }

  async #row(id: string): Promise<RunRow> {
    const row = await selectRun(joinAgents(this.#deps.store)).where('runs.id', '=', id).executeTakeFirst();
    if (!row) throw noSuchRun(id);
    return row;
  }

  #summaryOf(row: RunRow): RunSummary {
    const state = RunStateSchema.parse(row.state);
    const away = !isFinal(state) && !this.#deps.presence.isOnline(row.agent_id);
    return {
      id: row.id,
      kind: RunKindSchema.parse(row.kind),
      state,
      agentId: row.agent_id,
      agentName: row.agent_name,
      siteId: row.site_id,
      backup: fromJsonText(row.backup),
      target: row.target,
      step: row.step,
      createdBy: row.created_by,
      scheduleId: row.schedule_id,
      createdAt: row.created_at,
      sentAt: row.sent_at,
      startedAt: row.started_at,
      finishedAt: row.finished_at,
      cancelRequestedAt: row.cancel_requested_at,
      outOfContactSince: away ? (row.last_seen_at ?? row.created_at) : null,
      error: row.error === null ? null : fromJsonText(row.error),
      progress: isFinal(state) ? null : this.#deps.board.newest(row.id),
    };
  }
}

function newRow(made: {
  request: RunRequest;
  backup: BackupDetails;
  orderer: Orderer;
  key: string | null;
  hash: string;
  now: Date;
}): Tables['runs'] {
  const { request, backup, orderer, key, hash, now } = made;
  const { id, backupId, machineName, repository, path } = backup;
  return {
    id: uuidv7(now),
    kind: request.kind,
    agent_id: request.target.agentId,
    state: 'queued',
    backup: jsonText({ id, backupId, machineName, repository, path } satisfies RunSummary['backup']),
    target: request.target.name,
    options: jsonText(request.options),
    fold: jsonText(nothingYet),
    error: null,
    step: null,
    created_by: orderer.by,
    schedule_id: orderer.scheduleId ?? null,
    created_at: instant(now),
    sent_at: null,
    started_at: null,
    finished_at: null,
    cancel_requested_at: null,
    idempotency_key: key,
    request_sha256: hash,
  };
}

function noSuchRun(id: string): AscendError {
  return new AscendError('not-found', 'There is no such run.', { context: { run: id } });
}

/** @param rows - a query over runs joined with agents. */
function selectRun(rows: ReturnType<typeof joinAgents>) {
  return rows
    .selectAll('runs')
    .select(['agents.name as agent_name', 'agents.site_id', 'agents.last_seen_at']);
}

function joinAgents(store: Store) {
  return store.selectFrom('runs').innerJoin('agents', 'agents.id', 'runs.agent_id');
}
