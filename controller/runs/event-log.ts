import type { RunEvent } from '../../proto/gen/ascend/v1/run.ts';
import type { Clock } from '../clock.ts';
import type { Feed } from '../feed.ts';
import type { EventSink } from '../link/contract.ts';
import type { Store } from '../store/open.ts';
import { fromJsonText, instant, jsonText } from '../store/values.ts';
import { runEventJson } from './event-json.ts';
import { currentStep, fold } from './fold.ts';
import type { ProgressBoard } from './progress-board.ts';
import { screenOf } from './rehearsal-json.ts';
import type { RunEventJson } from './run-event.ts';

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  readonly feed: Feed;
  readonly board: ProgressBoard;
  /** Told for each event that is new, with the seconds from the agent's hand to our disk. */
  readonly onStored?: (lagSeconds: number) => void;
}

/** Every event of every agent, exactly once, and the runs that follow from them. */
export class EventLog implements EventSink {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  lastSequence(agentId: string): Promise<bigint> {
    return lastSequence(this.#deps.store, agentId);
  }

  async accept(agentId: string, events: readonly RunEvent[]): Promise<bigint> {
    const now = this.#deps.clock.now();
    const outcome = await this.#deps.store.transaction().execute(async (transaction) => {
      const last = await lastSequence(transaction, agentId);
      const fresh = events.filter((event) => event.sequence > last);
      const byRun = new Map<string, RunEventJson[]>();
      for (const event of fresh) {
        const json = runEventJson(event, now);
        await insert(transaction, { agentId, runId: event.runId, json, now });
        await keepScreen(transaction, agentId, event);
        byRun.set(event.runId, [...(byRun.get(event.runId) ?? []), json]);
      }
      const ended: string[] = [];
      for (const [runId, news] of byRun) {
        if (await advance(transaction, { agentId, runId, news })) ended.push(runId);
      }
      return { newest: fresh.at(-1)?.sequence ?? last, fresh, runs: [...byRun.keys()], ended };
    });
    for (const event of outcome.fresh) {
      this.#deps.onStored?.((now.getTime() - (event.at ?? now).getTime()) / 1000);
    }
    for (const runId of outcome.ended) this.#deps.board.clear(runId);
    for (const id of outcome.runs) this.#deps.feed.publish({ topic: 'run', id });
    return outcome.newest;
  }
}

async function lastSequence(store: Store, agentId: string): Promise<bigint> {
  const row = await store
    .selectFrom('run_events')
    .select('sequence')
    .where('agent_id', '=', agentId)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return BigInt(row?.sequence ?? 0);
}

async function insert(
  store: Store,
  { agentId, runId, json, now }: { agentId: string; runId: string; json: RunEventJson; now: Date },
): Promise<void> {
  const row = {
    agent_id: agentId,
    sequence: json.sequence,
    run_id: runId,
    at: json.at,
    received_at: instant(now),
    event: jsonText(json),
  };
  await store.insertInto('run_events').values(row).execute();
}

/** Of a run of this agent: another one's picture is nobody's to replace. */
async function keepScreen(store: Store, agentId: string, { runId, body }: RunEvent): Promise<void> {
  const png = body?.$case === 'rehearsalFinished' ? screenOf(body.value) : undefined;
  if (!png) return;
  const run = await store
    .selectFrom('runs')
    .select('id')
    .where('id', '=', runId)
    .where('agent_id', '=', agentId)
    .executeTakeFirst();
  if (!run) return;
  await store
    .insertInto('rehearsal_screens')
    .values({ run_id: runId, png })
    .onConflict((conflict) => conflict.column('run_id').doUpdateSet({ png }))
    .execute();
}

/**
 * Folds events into their run. An event for a run of another agent, or of none that we know, is kept but moves nothing:
 * an agent must not be able to finish another one's run.
 *
 * @returns whether the run has ended by them.
 */
async function advance(
  store: Store,
  { agentId, runId, news }: { agentId: string; runId: string; news: readonly RunEventJson[] },
): Promise<boolean> {
  const run = await store
    .selectFrom('runs')
    .select(['fold', 'state'])
    .where('id', '=', runId)
    .where('agent_id', '=', agentId)
    .executeTakeFirst();
  if (!run) return false;
  const now = news.reduce(fold, fromJsonText(run.fold));
  // What the agent says outranks what we concluded without it, e.g. that the order expired unanswered.
  const state = now.outcome ?? (now.startedAt === null ? run.state : 'running');
  await store
    .updateTable('runs')
    .set({
      state,
      fold: jsonText(now),
      step: currentStep(now),
      started_at: now.startedAt,
      finished_at: now.finishedAt,
      error: now.error && jsonText(now.error),
    })
    .where('id', '=', runId)
    .execute();
  return now.outcome !== null;
}
