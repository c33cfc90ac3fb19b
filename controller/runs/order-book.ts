import { isErrorCode } from '../../proto/errors.ts';
import type { OrderReceipt } from '../../proto/gen/ascend/v1/link.ts';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import type { BackupRef, RestoreOptions as WireOptions } from '../../proto/gen/ascend/v1/run.ts';
import type { Clock } from '../clock.ts';
import type { Feed } from '../feed.ts';
import type { OrderBook as LinkOrderBook, PendingOrder } from '../link/contract.ts';
import type { Store } from '../store/open.ts';
import type { Tables } from '../store/tables.ts';
import { fromJsonText, instant, jsonText } from '../store/values.ts';
import { uuidv7 } from '../uuid.ts';
import { isFinal, RunStateSchema, type RestoreOptions, type RunError } from './run.ts';

const hourMs = 3_600_000;
// A restore that begins a day after it was ordered would surprise; a cancel never does.
const lifetimeMs = { restore: 24 * hourMs, cancel: 30 * 24 * hourMs };
// The agent takes an order up to five minutes late (the clocks may differ); one minute more for its receipt.
const graceMs = 6 * 60_000;

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  readonly feed: Feed;
}

/** Orders, durable until their agent has answered. */
export class OrderBook implements LinkOrderBook {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Part of the transaction that makes or cancels the run. */
  async add(
    transaction: Store,
    order: { agentId: string; runId: string; action: 'restore' | 'cancel' },
  ): Promise<void> {
    const now = this.#deps.clock.now();
    await transaction
      .insertInto('orders')
      .values({
        id: uuidv7(now),
        agent_id: order.agentId,
        run_id: order.runId,
        action: order.action,
        issued_at: instant(now),
        expires_at: instant(new Date(now.getTime() + lifetimeMs[order.action])),
        taken_at: null,
        settled_at: null,
        outcome: null,
      })
      .execute();
  }

  async pending(agentId: string): Promise<readonly PendingOrder[]> {
    const now = instant(this.#deps.clock.now());
    return this.#deps.store.transaction().execute(async (transaction) => {
      const rows = await transaction
        .selectFrom('orders')
        .innerJoin('runs', 'runs.id', 'orders.run_id')
        .selectAll('orders')
        .select(['runs.kind', 'runs.backup', 'runs.target', 'runs.options'])
        .where('orders.agent_id', '=', agentId)
        .where('settled_at', 'is', null)
        .where('expires_at', '>', now)
        .orderBy('orders.issued_at')
        .orderBy('orders.id')
        .execute();
      for (const row of rows.filter(({ taken_at }) => taken_at === null)) {
        await transaction.updateTable('orders').set({ taken_at: now }).where('id', '=', row.id).execute();
      }
      return rows.map(pendingOrderOf);
    });
  }

  async settle(agentId: string, receipt: OrderReceipt): Promise<void> {
    const runId = await this.#deps.store.transaction().execute(async (transaction) => {
      const order = await transaction
        .selectFrom('orders')
        .select(['id', 'run_id', 'action'])
        .where('id', '=', receipt.orderId)
        .where('agent_id', '=', agentId)
        .where('settled_at', 'is', null)
        .executeTakeFirst();
      if (!order) return undefined;
      const refusal = receipt.accepted ? undefined : refusalOf(receipt);
      await this.#close(transaction, order.id, refusal?.code ?? 'accepted');
      if (order.action === 'restore') await this.#answered(transaction, order.run_id, refusal);
      return order.run_id;
    });
    if (runId !== undefined) this.#deps.feed.publish({ topic: 'run', id: runId });
  }

  /**
   * Takes back a restore that the agent cannot have yet.
   *
   * @returns whether that was possible.
   */
  async withdraw(transaction: Store, runId: string): Promise<boolean> {
    const order = await transaction
      .selectFrom('orders')
      .select('id')
      .where('run_id', '=', runId)
      .where('action', '=', 'restore')
      .where('taken_at', 'is', null)
      .where('settled_at', 'is', null)
      .executeTakeFirst();
    if (!order) return false;
    await this.#close(transaction, order.id, 'withdrawn');
    return true;
  }

  /** Ends the runs whose order nobody has answered in time. Call it once in a while. */
  async expire(): Promise<void> {
    const before = instant(new Date(this.#deps.clock.now().getTime() - graceMs));
    const rows = await this.#deps.store
      .selectFrom('orders')
      .select(['id', 'run_id', 'action', 'expires_at'])
      .where('settled_at', 'is', null)
      .where('expires_at', '<', before)
      .execute();
    for (const row of rows) {
      await this.#deps.store.transaction().execute(async (transaction) => {
        await this.#close(transaction, row.id, 'expired');
        if (row.action === 'restore') await this.#answered(transaction, row.run_id, expired(row.expires_at));
      });
      this.#deps.feed.publish({ topic: 'run', id: row.run_id });
    }
  }

  async #close(transaction: Store, id: string, outcome: string): Promise<void> {
    await transaction
      .updateTable('orders')
      .set({ settled_at: instant(this.#deps.clock.now()), outcome })
      .where('id', '=', id)
      .execute();
  }

  /** Events may have come before the receipt: then the run is past this already. */
  async #answered(transaction: Store, runId: string, refusal: RunError | undefined): Promise<void> {
    const now = instant(this.#deps.clock.now());
    const run = await transaction
      .selectFrom('runs')
      .select('state')
      .where('id', '=', runId)
      .executeTakeFirst();
    const state = RunStateSchema.parse(run?.state);
    if (refusal === undefined) {
      const next = state === 'queued' ? 'sent' : state;
      await transaction
        .updateTable('runs')
        .set({ state: next, sent_at: now })
        .where('id', '=', runId)
        .execute();
    } else if (!isFinal(state) && state !== 'running') {
      await transaction
        .updateTable('runs')
        .set({ state: 'failed', finished_at: now, error: jsonText(refusal) })
        .where('id', '=', runId)
        .execute();
    }
  }
}

export function wireBackup(backup: { repository: string; path: string; backupId: string }): BackupRef {
  return { repository: backup.repository, path: backup.path, backupId: backup.backupId };
}

const firmwares = { bios: Firmware.BIOS, uefi: Firmware.UEFI } as const;

export function wireOptions(options: RestoreOptions): WireOptions {
  return {
    name: options.name,
    networks: options.networks,
    start: options.start,
    health: options.health,
    rehearse: options.rehearse,
    addresses: options.addresses,
    firmware: options.firmware && firmwares[options.firmware],
    targetOptionsJson: JSON.stringify(options.targetOptions),
  };
}

type OrderRow = Tables['orders'] & Pick<Tables['runs'], 'kind' | 'backup' | 'target' | 'options'>;

function pendingOrderOf(row: OrderRow): PendingOrder {
  const times = { issuedAt: new Date(row.issued_at), expiresAt: new Date(row.expires_at) };
  if (row.action === 'cancel') {
    return { orderId: row.id, ...times, action: { $case: 'cancel', value: { runId: row.run_id } } };
  }
  const restore = {
    runId: row.run_id,
    backup: wireBackup(fromJsonText(row.backup)),
    target: row.target,
    options: wireOptions(fromJsonText(row.options)),
    rehearsalOnly: row.kind === 'rehearsal',
  };
  return { orderId: row.id, ...times, action: { $case: 'restore', value: restore } };
}

function refusalOf({ refusalCode, refusal }: OrderReceipt): RunError {
  const code = isErrorCode(refusalCode) ? refusalCode : 'order.not-allowed';
  return { code, message: refusal || 'The agent refused the order.', hint: null, step: null };
}

function expired(at: string): RunError {
  return {
    code: 'order.expired',
    message: `The agent did not take the order before it expired at ${at}.`,
    hint: 'See that the agent runs and reaches the controller, then order the restore again.',
    step: null,
  };
}
