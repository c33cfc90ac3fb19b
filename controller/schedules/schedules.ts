import { AscendError, asAscendError } from '../../proto/errors.ts';
import type { Audit } from '../audit/audit.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Clock } from '../clock.ts';
import type { Feed } from '../feed.ts';
import { RunKindSchema, type TargetAddress } from '../runs/run.ts';
import type { Runs } from '../runs/runs.ts';
import type { Agents } from '../sites/agents.ts';
import type { Store } from '../store/open.ts';
import type { Tables } from '../store/tables.ts';
import { flag, fromJsonText, instant, jsonText } from '../store/values.ts';
import { uuidv7 } from '../uuid.ts';
import type { NewSchedule, Schedule } from './schedule.ts';
import { arm, type Timer } from './timers.ts';

// A one-shot that the controller slept through is still wanted this long; later, nobody expects it any more.
const latestMs = 3_600_000;

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  readonly feed: Feed;
  readonly audit: Audit;
  readonly catalog: Pick<Catalog, 'newest'>;
  readonly agents: Pick<Agents, 'get'>;
  readonly runs: Pick<Runs, 'create'>;
  /** Told what went wrong where nobody waits for an answer. */
  readonly report: (error: AscendError) => void;
}

/** Schedules, and the timers that fire them while the controller runs. */
export class Schedules implements Disposable {
  readonly #deps: Deps;
  readonly #timers = new Map<string, Timer>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Arms what is enabled; settles the one-shots whose time passed while the controller was down. */
  async start(): Promise<void> {
    for (const row of await this.#rows()) {
      const late = lateBy(row, this.#deps.clock.now());
      if (late === undefined) this.#arm(row);
      else if (late < latestMs) await this.#fire(row.id, new Date(onceAt(row) ?? 0));
      else await this.#miss(row);
    }
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
  }

  async list(): Promise<Schedule[]> {
    return (await this.#rows()).map((row) => this.#scheduleOf(row));
  }

  /** @throws not-found */
  async get(id: string): Promise<Schedule> {
    return this.#scheduleOf(await this.#row(id));
  }

  /**
   * @throws already-exists for the name.
   * @throws usage.invalid for a time that has passed.
   * @throws not-found for the target.
   */
  async add(request: NewSchedule, by: string): Promise<Schedule> {
    const now = this.#deps.clock.now();
    if (request.when.kind === 'once' && Date.parse(request.when.at) <= now.getTime()) {
      throw new AscendError('usage.invalid', 'The time of the schedule has passed.', {
        context: { at: request.when.at, now: instant(now) },
      });
    }
    await this.#requireTarget(request.target);
    const row = newRow(request, by, now);
    const { numInsertedOrUpdatedRows } = await this.#deps.store
      .insertInto('schedules')
      .values(row)
      .onConflict((conflict) => conflict.column('name').doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 0n) {
      throw new AscendError('already-exists', `There is a schedule "${request.name}" already.`);
    }
    this.#arm(row);
    this.#deps.feed.publish({ topic: 'schedule', id: row.id });
    return this.get(row.id);
  }

  /** @throws not-found */
  async setEnabled(id: string, enabled: boolean): Promise<Schedule> {
    await this.#row(id);
    await this.#update(id, { enabled: flag(enabled) });
    this.#arm(await this.#row(id));
    return this.get(id);
  }

  /** @throws not-found */
  async remove(id: string): Promise<void> {
    await this.#row(id);
    this.#disarm(id);
    await this.#deps.store.deleteFrom('schedules').where('id', '=', id).execute();
    this.#deps.feed.publish({ topic: 'schedule', id });
  }

  #arm(row: Tables['schedules']): void {
    this.#disarm(row.id);
    if (row.enabled === 0 || isSpent(row)) return;
    const fire = (due: Date): void => {
      this.#fire(row.id, due).catch((thrown: unknown) => this.#deps.report(asAscendError(thrown)));
    };
    this.#timers.set(row.id, arm(fromJsonText(row.occurs), row.time_zone, fire));
  }

  #disarm(id: string): void {
    this.#timers.get(id)?.[Symbol.dispose]();
    this.#timers.delete(id);
  }

  /** The key makes one run of one firing, even when the controller dies before it has noted that it fired. */
  async #fire(id: string, due: Date): Promise<void> {
    const row = await this.#row(id);
    const outcome = await this.#order(row, `schedule ${id} ${instant(due)}`);
    await this.#update(id, {
      last_fired_at: instant(this.#deps.clock.now()),
      last_run_id: outcome.runId,
      last_problem: outcome.problem?.message ?? null,
    });
    const detail = outcome.problem?.message ?? `run ${outcome.runId ?? ''}`;
    await this.#note('schedule fired', row, outcome.problem?.code ?? 'done', detail);
  }

  async #order(
    row: Tables['schedules'],
    key: string,
  ): Promise<{ runId: string | null; problem?: AscendError }> {
    try {
      const target = fromJsonText(row.target);
      const selector = fromJsonText(row.selector);
      const backupId =
        selector.kind === 'backup'
          ? selector.backupId
          : (await this.#deps.catalog.newest(target.agentId, selector.machineName)).id;
      const options = fromJsonText(row.options);
      const orderer = { by: row.created_by, idempotencyKey: key, scheduleId: row.id };
      const kind = RunKindSchema.parse(row.kind);
      const { run } = await this.#deps.runs.create({ kind, backupId, target, options }, orderer);
      return { runId: run.id };
    } catch (thrown) {
      // Kept with the schedule and in the audit log, which is where a person will look for it.
      return { runId: null, problem: asAscendError(thrown) };
    }
  }

  async #miss(row: Tables['schedules']): Promise<void> {
    await this.#update(row.id, { missed_at: instant(this.#deps.clock.now()) });
    const at = onceAt(row) ?? '';
    await this.#note(
      'schedule missed',
      row,
      'done',
      `The controller was not running at ${at}, nor within an hour.`,
    );
  }

  async #note(action: string, row: Tables['schedules'], outcome: string, detail: string): Promise<void> {
    const by = 'controller' as const;
    await this.#deps.audit.record({
      actor: 'schedule',
      by,
      remote: '',
      action,
      subject: row.name,
      outcome,
      detail,
    });
  }

  async #requireTarget({ agentId, name }: TargetAddress): Promise<void> {
    const agent = await this.#deps.agents.get(agentId);
    if (agent.state !== 'revoked' && agent.targets.some((target) => target.name === name)) return;
    throw new AscendError('not-found', `Agent "${agent.name}" has no target "${name}".`, {
      context: { agent: agentId, target: name },
    });
  }

  async #update(id: string, change: Partial<Tables['schedules']>): Promise<void> {
    await this.#deps.store.updateTable('schedules').set(change).where('id', '=', id).execute();
    this.#deps.feed.publish({ topic: 'schedule', id });
  }

  #rows(): Promise<Tables['schedules'][]> {
    return this.#deps.store.selectFrom('schedules').selectAll().orderBy('name').execute();
  }

  async #row(id: string): Promise<Tables['schedules']> {
    const row = await this.#deps.store
      .selectFrom('schedules')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row) throw new AscendError('not-found', 'There is no such schedule.', { context: { schedule: id } });
    return row;
  }

  #scheduleOf(row: Tables['schedules']): Schedule {
    return {
      id: row.id,
      name: row.name,
      kind: RunKindSchema.parse(row.kind),
      selector: fromJsonText(row.selector),
      target: fromJsonText(row.target),
      options: fromJsonText(row.options),
      when: fromJsonText(row.occurs),
      timeZone: row.time_zone,
      enabled: row.enabled === 1,
      createdBy: row.created_by,
      createdAt: row.created_at,
      nextAt: this.#timers.get(row.id)?.nextAt()?.toISOString() ?? null,
      lastFiredAt: row.last_fired_at,
      lastRunId: row.last_run_id,
      lastProblem: row.last_problem,
      missedAt: row.missed_at,
    };
  }
}

function newRow(request: NewSchedule, by: string, now: Date): Tables['schedules'] {
  return {
    id: uuidv7(now),
    name: request.name,
    kind: request.kind,
    selector: jsonText(request.selector),
    target: jsonText(request.target),
    options: jsonText(request.options),
    occurs: jsonText(request.when),
    time_zone: request.timeZone,
    enabled: flag(request.enabled),
    created_by: by,
    created_at: instant(now),
    last_fired_at: null,
    last_run_id: null,
    last_problem: null,
    missed_at: null,
  };
}

function onceAt(row: Tables['schedules']): string | undefined {
  const when = fromJsonText(row.occurs);
  return when.kind === 'once' ? when.at : undefined;
}

/** A one-shot happens once, or is missed once. */
function isSpent(row: Tables['schedules']): boolean {
  return onceAt(row) !== undefined && (row.last_fired_at !== null || row.missed_at !== null);
}

/** How late a one-shot is that should have fired, in milliseconds; undefined for anything else. */
function lateBy(row: Tables['schedules'], now: Date): number | undefined {
  const at = onceAt(row);
  if (at === undefined || row.enabled === 0 || isSpent(row)) return undefined;
  const late = now.getTime() - Date.parse(at);
  return late >= 0 ? late : undefined;
}
