import type { Transaction } from 'kysely';
import { AscendError } from '../../proto/errors.ts';
import { findingJson, machineJson } from '../../proto/machine-json.ts';
import type { BackupEntry, CatalogPosition, CatalogUpdate } from '../../proto/gen/ascend/v1/link.ts';
import type { Clock } from '../clock.ts';
import type { Feed } from '../feed.ts';
import { contains } from '../store/contains.ts';
import type { Store } from '../store/open.ts';
import type { Instant, Tables } from '../store/tables.ts';
import { flag, fromJsonText, instant, jsonText } from '../store/values.ts';
import { uuidv7 } from '../uuid.ts';
import type { Backup, BackupDetails, BackupPage, BackupQuery } from './backup.ts';

const sortColumns = {
  capturedAt: 'captured_at',
  machineName: 'machine_name',
  diskBytes: 'disk_bytes',
  platform: 'platform',
} as const;

/** Backups that agents see. A backup keeps its id for as long as it lies at its place. */
export class Catalog {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #feed: Feed;

  constructor({ store, clock, feed }: { store: Store; clock: Clock; feed: Feed }) {
    this.#store = store;
    this.#clock = clock;
    this.#feed = feed;
  }

  async position(agentId: string): Promise<CatalogPosition | undefined> {
    const row = await this.#store
      .selectFrom('catalogs')
      .selectAll()
      .where('agent_id', '=', agentId)
      .executeTakeFirst();
    return row && { lineage: row.lineage, revision: BigInt(row.revision), whole: row.whole === 1 };
  }

  /** One batch, in one transaction. At the end of a lineage all goes that it has not named. */
  async apply(agentId: string, { position, upserts, removed }: CatalogUpdate): Promise<void> {
    if (!position) return;
    const { lineage, revision, whole } = position;
    const now = this.#clock.now();
    const before = await this.position(agentId);
    await this.#store.transaction().execute(async (transaction) => {
      const backups = placesOf(transaction, agentId);
      for (const entry of upserts) await backups.put(rowOf(agentId, lineage, entry, now));
      for (const { repository, path } of removed) await backups.remove(repository, path);
      if (whole && !(before?.whole === true && before.lineage === lineage)) await backups.keepOnly(lineage);
      const news = { lineage, revision: Number(revision), whole: flag(whole) };
      await transaction
        .insertInto('catalogs')
        .values({ agent_id: agentId, ...news })
        .onConflict((conflict) => conflict.column('agent_id').doUpdateSet(news))
        .execute();
    });
    this.#feed.publish({ topic: 'backups', id: agentId });
  }

  async page(query: BackupQuery): Promise<BackupPage> {
    let rows = this.#withAgents();
    if (query.agentId !== undefined) rows = rows.where('backups.agent_id', '=', query.agentId);
    if (query.siteId !== undefined) rows = rows.where('agents.site_id', '=', query.siteId);
    for (const word of query.search?.toLowerCase().split(/\s+/).filter(Boolean) ?? []) {
      rows = rows.where(contains('backups.search_text', word));
    }
    const { total } = await rows
      .select((expression) => expression.fn.countAll<number | string>().as('total'))
      .executeTakeFirstOrThrow();
    const backups = await rows
      .selectAll('backups')
      .select(['agents.name as agent_name', 'agents.site_id'])
      .orderBy(`backups.${sortColumns[query.sort]}`, query.order)
      // In the same direction: the index gives both in one go.
      .orderBy('backups.id', query.order)
      .limit(query.pageSize)
      .offset((query.page - 1) * query.pageSize)
      .execute();
    const { page, pageSize } = query;
    return { backups: backups.map(backupOf), page, pageSize, total: Number(total) };
  }

  /** @throws backup.not-found */
  async get(id: string): Promise<BackupDetails> {
    const row = await this.#withAgents()
      .selectAll('backups')
      .select(['agents.name as agent_name', 'agents.site_id'])
      .where('backups.id', '=', id)
      .executeTakeFirst();
    if (!row) {
      throw new AscendError('backup.not-found', 'This backup is not in the catalogue.', {
        context: { backup: id },
        hint: 'It may have left its repository: list the backups again.',
      });
    }
    return {
      ...backupOf(row),
      machine: row.machine === null ? null : fromJsonText(row.machine),
      findings: fromJsonText(row.findings),
    };
  }

  /** @throws backup.not-found when the agent sees no usable backup of such a machine. */
  async newest(agentId: string, machineName: string): Promise<BackupDetails> {
    const row = await this.#store
      .selectFrom('backups')
      .select('id')
      .where('agent_id', '=', agentId)
      .where('machine_name', '=', machineName)
      .where('usable', '=', 1)
      .where('captured_at', 'is not', null)
      .orderBy('captured_at', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (!row) {
      throw new AscendError('backup.not-found', `There is no usable backup of "${machineName}".`, {
        context: { machine: machineName, agent: agentId },
        hint: "Check the machine's name, and that its backups lie in a repository of this agent.",
      });
    }
    return this.get(row.id);
  }

  #withAgents() {
    return this.#store
      .selectFrom('backups')
      .innerJoin('agents', 'agents.id', 'backups.agent_id')
      .where('agents.revoked_at', 'is', null);
  }
}

/** What an agent's batch does to its backups. */
function placesOf(transaction: Transaction<Tables>, agentId: string) {
  const own = () => transaction.deleteFrom('backups').where('agent_id', '=', agentId);
  return {
    async put(row: Tables['backups']): Promise<void> {
      const { id: _id, first_seen_at: _seen, ...news } = row;
      await transaction
        .insertInto('backups')
        .values(row)
        .onConflict((conflict) => conflict.columns(['agent_id', 'repository', 'path']).doUpdateSet(news))
        .execute();
    },
    remove: (repository: string, path: string) =>
      own().where('repository', '=', repository).where('path', '=', path).execute(),
    keepOnly: (lineage: string) => own().where('lineage', '!=', lineage).execute(),
  };
}

function rowOf(agentId: string, lineage: string, entry: BackupEntry, now: Date): Tables['backups'] {
  const findings = entry.findings.map(findingJson);
  const { repository = '', path = '', backupId = '' } = entry.ref ?? {};
  const searched = [entry.machineName, entry.platform, repository, path, entry.machine?.guest?.name ?? ''];
  return {
    id: uuidv7(now),
    agent_id: agentId,
    repository,
    path,
    backup_id: backupId,
    platform: entry.platform,
    machine_name: entry.machineName,
    captured_at: instantOf(entry.capturedAt),
    parent_id: entry.parentId || null,
    stored_bytes: bytesOf(entry.storedBytes),
    disk_bytes: bytesOf(entry.diskBytes),
    usable: flag(!findings.some((finding) => finding.severity === 'block')),
    search_text: searched.join(' ').toLowerCase(),
    machine: entry.machine ? jsonText(machineJson(entry.machine)) : null,
    findings: jsonText(findings),
    first_seen_at: instant(now),
    lineage,
    files_modified_at: instantOf(entry.filesModifiedAt),
  };
}

/** The wire holds times that no calendar has. */
function instantOf(date: Date | undefined): Instant | null {
  return date && date.getTime() < Date.UTC(10_000, 0) ? instant(date) : null;
}

function bytesOf(bytes: bigint): number {
  return Math.min(Number(bytes), Number.MAX_SAFE_INTEGER);
}

function backupOf(row: Tables['backups'] & { agent_name: string; site_id: string }): Backup {
  const machine = row.machine === null ? null : fromJsonText(row.machine);
  return {
    id: row.id,
    agentId: row.agent_id,
    agentName: row.agent_name,
    siteId: row.site_id,
    repository: row.repository,
    path: row.path,
    backupId: row.backup_id,
    platform: row.platform,
    machineName: row.machine_name,
    capturedAt: row.captured_at,
    parentId: row.parent_id,
    storedBytes: row.stored_bytes,
    diskBytes: row.disk_bytes,
    filesModifiedAt: row.files_modified_at,
    guestName: machine?.guest.name ?? null,
    usable: row.usable === 1,
  };
}
